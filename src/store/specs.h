#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/id.h"
#include "base/result.h"
#include "spec/model.h"

namespace specd::sqlite {
class Database;
}

namespace specd::store {

/// The unit people talk about. A spec is *live* while `deleted_at` is empty.
struct Spec {
  SpecKey key;
  ProjectId project;
  spec::Kind kind{};
  std::string id;         ///< unique among the live specs of a project and kind
  std::string change_id;  ///< survives archiving: the id without its date; empty if there is none
  std::string dir;        ///< relative to the project's root, unique among its live specs
  uint64_t dir_dev = 0;
  uint64_t dir_ino = 0;
  std::string title;
  std::string status;
  bool status_set = false;  ///< by a person or agent; otherwise derived
  std::string priority;     ///< empty: none
  std::vector<std::string> tags;
  std::string assignee;                     ///< empty: nobody
  std::optional<std::string> front_matter;  ///< JSON
  int64_t tasks_done = 0;
  int64_t tasks_total = 0;
  spec::Progress progress{};  ///< as the CLI computes it
  int64_t version = 0;        ///< grows by one with each update
  std::optional<WallTime> last_synced_at;
  std::optional<WallTime> filesystem_modified_at;
  std::optional<WallTime> db_modified_at;
  std::string sync_error;  ///< empty: none
  std::optional<WallTime> archived_at;
  std::optional<WallTime> deleted_at;
};

/// What the files of a spec add up to.
struct Totals {
  int64_t files = 0;
  int64_t tasks_done = 0;
  int64_t tasks_total = 0;
  std::string first_error;  ///< "PATH: WHY" of the first file by path that has one; empty: none
};

/// Where a live spec is; all that a scan needs to know of thousands.
struct SpecPlace {
  SpecKey key;
  spec::Kind kind{};
  std::string dir;
  uint64_t dir_dev = 0;
  uint64_t dir_ino = 0;
};

/// A spec that goes to another folder, and so to another id and perhaps kind.
struct SpecMove {
  SpecKey key;
  spec::Kind kind{};
  std::string id;
  std::string change_id;
  std::string dir;
};

/// Table `specs`. Writing needs a transaction of the Store that owns this.
class Specs {
 public:
  explicit Specs(sqlite::Database& db) : db_(db) {}

  /// `conflict` if a live spec has this kind and id, or this dir, or if the key was ever used.
  [[nodiscard]] Result<> insert(const Spec& spec);
  /// Writes every column but key and project, with `version` one higher, whatever `spec.version`
  /// says. `not_found` if there is no such key; `conflict` as with insert.
  [[nodiscard]] Result<> update(const Spec& spec);
  /// Moves specs of one project all at once, so that two may swap names. Their files follow with
  /// Files::repath. Where a change becomes an archived one, or none any more, that is noted.
  /// `conflict` if a live spec that does not move has one of the ids or dirs.
  [[nodiscard]] Result<> move(std::span<const SpecMove> moves, WallTime now);

  [[nodiscard]] Result<std::optional<Spec>> get(const SpecKey& key) const;
  [[nodiscard]] Result<std::optional<Spec>> live(ProjectId project, spec::Kind kind,
                                                 std::string_view id) const;
  [[nodiscard]] Result<std::optional<Spec>> live_at(ProjectId project, std::string_view dir) const;
  /// Live LeanSpec specs called "NUMBER-…".
  [[nodiscard]] Result<std::vector<Spec>> live_with_number(ProjectId project,
                                                           std::string_view number) const;
  /// Whether a live spec has this folder, wherever it was.
  [[nodiscard]] Result<bool> has_live_folder(ProjectId project, uint64_t dev, uint64_t ino) const;
  /// Live specs whose folder is `dir` or lies below it, by dir. Every one for the empty dir.
  [[nodiscard]] Result<std::vector<Spec>> live_below(ProjectId project, std::string_view dir) const;
  [[nodiscard]] Result<std::vector<Spec>> list_live(ProjectId project) const;  ///< by kind, then id
  [[nodiscard]] Result<std::vector<SpecPlace>> places(ProjectId project) const;  ///< of live ones
  /// The folders of all live specs, from an index alone; in byte order.
  [[nodiscard]] Result<std::vector<std::string>> live_dirs(ProjectId project) const;
  [[nodiscard]] Result<int64_t> count_live(ProjectId project) const;
  /// Live ones that have a sync_error.
  [[nodiscard]] Result<int64_t> count_failing(ProjectId project) const;
  [[nodiscard]] Result<bool> has_deleted(ProjectId project) const;
  /// Soft-deleted specs that an appeared folder might be: same change id, or same directory. The
  /// latest deleted first.
  [[nodiscard]] Result<std::vector<Spec>> revivable(ProjectId project, std::string_view change_id,
                                                    uint64_t dir_dev, uint64_t dir_ino) const;
  /// What a spec consists of that is being deleted: equal contents are told once for each file.
  [[nodiscard]] Result<> remember_contents(const SpecKey& key, std::span<const Digest> contents);
  /// What a deleted spec consisted of, sorted.
  [[nodiscard]] Result<std::vector<Digest>> contents_of_deleted(const SpecKey& key) const;
  /// It is back.
  [[nodiscard]] Result<> forget_contents(const SpecKey& key);
  /// Over the files of the spec that are there (`file_state` has a base or an error).
  [[nodiscard]] Result<Totals> totals(const SpecKey& key) const;

 private:
  Result<> update_all(const Spec& spec);

  sqlite::Database& db_;
};

}  // namespace specd::store
