#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "spec/model.h"

namespace specd::sqlite {
class Database;
}

namespace specd::store {

/// `missing`: the root is not there; `held`: the guard holds a plan; `paused`: a person said so;
/// `read_only`: nothing can be written safely below the root.
enum class ProjectState { ok, missing, held, paused, read_only };
[[nodiscard]] std::string_view to_string(ProjectState state);
[[nodiscard]] std::optional<ProjectState> parse_project_state(std::string_view text);

/// A root folder whose specs we keep.
struct Project {
  ProjectId id;
  std::string uuid;    ///< never changes, the same on every machine
  std::string slug;    ///< stands in URLs, unique
  std::string root;    ///< absolute
  std::string source;  ///< where it comes from: "folder"
  spec::Layout layout{};
  std::string settings = "{}";  ///< JSON
  ProjectState state = ProjectState::ok;
  std::string state_reason;  ///< for people; empty while `ok`
  uint64_t root_dev = 0;     ///< of the root when it was last seen; 0: never
  uint64_t root_ino = 0;
  WallTime added_at;
};

/// Table `projects`. Writing needs a transaction of the Store that owns this.
class Projects {
 public:
  explicit Projects(sqlite::Database& db) : db_(db) {}

  /// Adds `project` under a new id and under its slug, or the first free one of slug-2, slug-3…
  /// Returns it as it was stored. `conflict` if its root or uuid is there already.
  [[nodiscard]] Result<Project> add(Project project);
  [[nodiscard]] Result<> set_state(ProjectId id, ProjectState state, std::string_view reason);
  [[nodiscard]] Result<> set_root(ProjectId id, std::string_view root, uint64_t dev, uint64_t ino);
  [[nodiscard]] Result<> set_settings(ProjectId id, std::string_view json);
  /// Forgets the project and everything kept for it, versions and conflicts included. Nothing on
  /// disk is touched.
  [[nodiscard]] Result<> remove(ProjectId id);

  [[nodiscard]] Result<std::optional<Project>> get(ProjectId id) const;
  [[nodiscard]] Result<std::optional<Project>> by_slug(std::string_view slug) const;
  [[nodiscard]] Result<std::vector<Project>> list() const;  ///< by slug

 private:
  [[nodiscard]] Result<std::string> free_slug(const std::string& wanted) const;

  sqlite::Database& db_;
};

}  // namespace specd::store
