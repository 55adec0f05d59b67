#pragma once

#include <cstdint>
#include <functional>
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

/// Which version of a spec there is.
struct SpecVersion {
  SpecKey key;
  int64_t version = 0;
};

/// A spec that goes to another folder, and so to another id and perhaps kind.
struct SpecMove {
  SpecKey key;
  spec::Kind kind{};
  std::string id;
  std::string change_id;
  std::string dir;
};

/// What a list of live specs is ordered by. Ties go by key, which is the order of appearance.
enum class SpecSort {
  id,        ///< by project, kind and id; the only one that an index has
  title,     ///< as bytes
  status,    ///< as bytes
  priority,  ///< critical, high, medium, low, any other, none
  progress,  ///< the share of tasks that are done; without tasks first
  updated,   ///< the later of the file system's and the database's last change
  created,  ///< the day or time that its front matter or metadata says; else when it was first seen
};
enum class SortOrder { ascending, descending };

/// The place of a spec in such an order, which stays where it is when the spec moves on.
struct SpecPlaceInOrder {
  ProjectId project;
  std::string value;  ///< of what it is ordered by, comparable as bytes
  SpecKey key;
};

/// Which live specs to list. A list that is empty lets everything pass.
struct SpecQuery {
  std::optional<ProjectId> project;
  std::vector<std::string> kinds;
  std::vector<std::string> statuses;
  std::vector<std::string> priorities;
  std::vector<std::string> assignees;
  std::vector<std::string> progresses;
  std::vector<std::string> tags;  ///< any of them
  std::string text;               ///< in the id or the title; letters in either case
  SpecSort sort = SpecSort::id;
  SortOrder order = SortOrder::ascending;
  std::optional<SpecPlaceInOrder> after;  ///< the last one of the page before; none: the first page
  int64_t limit = 1000;
};

/// What a list tells of a spec; as in Spec. Borrowed strings.
struct SpecSummary {
  std::string_view key;
  ProjectId project;
  spec::Kind kind{};
  std::string_view id;
  std::string_view change_id;
  std::string_view dir;
  std::string_view title;
  std::string_view status;
  std::string_view priority;
  std::vector<std::string> tags;
  std::string_view assignee;
  int64_t tasks_done = 0;
  int64_t tasks_total = 0;
  spec::Progress progress{};
  int64_t version = 0;
  std::optional<WallTime> last_synced_at;
  std::optional<WallTime> filesystem_modified_at;
  std::optional<WallTime> db_modified_at;
  std::string_view sync_error;
  std::optional<WallTime> archived_at;
};

/// What is known of a page of a list when all of it was visited.
struct SpecPage {
  int64_t count = 0;
  std::optional<SpecPlaceInOrder> next;  ///< none: that was all
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
  /// The spec's directory is another one now. Nobody is told of that, and `version` stays.
  [[nodiscard]] Result<> set_folder(const Spec& spec);
  /// Moves specs of one project all at once, so that two may swap names. Their files follow with
  /// Files::repath. Where a change becomes an archived one, or none any more, that is noted.
  /// `conflict` if a live spec that does not move has one of the ids or dirs.
  [[nodiscard]] Result<> move(std::span<const SpecMove> moves, WallTime now);

  [[nodiscard]] Result<std::optional<Spec>> get(const SpecKey& key) const;
  [[nodiscard]] Result<std::optional<Spec>> live(ProjectId project, spec::Kind kind,
                                                 std::string_view id) const;
  [[nodiscard]] Result<std::optional<Spec>> live_at(ProjectId project, std::string_view dir) const;
  [[nodiscard]] Result<std::vector<Spec>> live_of_kind(ProjectId project, spec::Kind kind) const;
  /// Of those whose folder this was when they were deleted, the latest.
  [[nodiscard]] Result<std::optional<Spec>> deleted_at(ProjectId project,
                                                       std::string_view dir) const;
  /// Those that were called so when they were deleted, the latest first.
  [[nodiscard]] Result<std::vector<Spec>> deleted_called(ProjectId project,
                                                         std::string_view id) const;
  /// Live archived changes that had this id before, latest first.
  [[nodiscard]] Result<std::vector<Spec>> archived_from(ProjectId project,
                                                        std::string_view change_id) const;
  /// Whether a live spec has this folder, wherever it was.
  [[nodiscard]] Result<bool> has_live_folder(ProjectId project, uint64_t dev, uint64_t ino) const;
  /// Live specs whose folder is `dir` or lies below it, by dir. Every one for the empty dir.
  [[nodiscard]] Result<std::vector<Spec>> live_below(ProjectId project, std::string_view dir) const;
  [[nodiscard]] Result<std::vector<Spec>> list_live(ProjectId project) const;  ///< by kind, then id
  /// One page of a list, in its order. Pages of one query, each after the last, show every spec
  /// once that stays where it is meanwhile, whatever others do. `visit` must not write.
  [[nodiscard]] Result<SpecPage> find(const SpecQuery& query,
                                      const std::function<void(const SpecSummary&)>& visit) const;
  /// How many the pages of this query have in all.
  [[nodiscard]] Result<int64_t> count(const SpecQuery& query) const;
  [[nodiscard]] Result<std::vector<SpecPlace>> places(ProjectId project) const;  ///< of live ones
  /// None if there is no such spec, or it is deleted.
  [[nodiscard]] Result<std::optional<SpecPlace>> live_place(const SpecKey& key) const;
  /// Live changes and LeanSpec folders of one project, in no order.
  [[nodiscard]] Result<std::vector<Spec>> list_work(ProjectId project) const;
  /// The same: what is new here is known by its version.
  [[nodiscard]] Result<std::vector<SpecVersion>> work_versions(ProjectId project) const;
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
