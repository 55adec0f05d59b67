#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/id.h"
#include "base/result.h"
#include "store/files.h"

namespace specd::store {

enum class ConflictKind { both_changed, deleted_on_disk, deleted_in_db, overwritten };
enum class Resolution { open, merged, restored, dismissed };
[[nodiscard]] std::string_view to_string(ConflictKind kind);
[[nodiscard]] std::string_view to_string(Resolution resolution);
[[nodiscard]] std::optional<ConflictKind> parse_conflict_kind(std::string_view text);
[[nodiscard]] std::optional<Resolution> parse_resolution(std::string_view text);

using ConflictId = Tagged<struct ConflictTag, int64_t>;

/// Disk and row both moved away from base. The three contents are named by digest; what is not the
/// row's present content is in `versions`, where an open conflict keeps it.
struct Conflict {
  ConflictId id;
  ProjectId project;
  SpecKey spec;
  std::string path;
  EditId edit;
  ConflictKind kind{};
  std::optional<Digest> base;  ///< none: there was no such file
  std::optional<Digest> disk;
  std::optional<Digest> row;
  std::optional<WallTime> filesystem_modified_at;
  std::optional<WallTime> db_modified_at;
  std::optional<WallTime> last_synced_at;
  WallTime detected_at;
  Resolution resolution = Resolution::open;
  std::optional<WallTime> resolved_at;
  std::string resolved_by;
};

struct ConflictQuery {
  std::optional<ProjectId> project;
  std::optional<SpecKey> spec;
  std::optional<ConflictId> before;  ///< older than this one; none: from the latest
  int64_t limit = 50;
};

/// Table `conflicts`. Writing needs a transaction of the Store that owns this.
class Conflicts {
 public:
  explicit Conflicts(sqlite::Database& db) : db_(db) {}

  /// `conflict.id` and the three columns of the resolution are ignored.
  [[nodiscard]] Result<ConflictId> add(const Conflict& conflict);
  /// False if it was resolved already, and stays so.
  [[nodiscard]] Result<bool> resolve(ConflictId id, Resolution how, std::string_view by,
                                     WallTime now);
  [[nodiscard]] Result<std::optional<Conflict>> get(ConflictId id) const;
  /// The one that this edit of the file led to, if it did.
  [[nodiscard]] Result<std::optional<ConflictId>> of_edit(EditId edit, std::string_view path) const;
  /// Unresolved ones, latest first.
  [[nodiscard]] Result<std::vector<Conflict>> list_open(const ConflictQuery& query) const;
  /// Resolved ones, too.
  [[nodiscard]] Result<std::vector<Conflict>> list_all(const ConflictQuery& query) const;
  [[nodiscard]] Result<int64_t> count_open() const;
  [[nodiscard]] Result<int64_t> count_open(ProjectId project) const;

 private:
  sqlite::Database& db_;
};

}  // namespace specd::store
