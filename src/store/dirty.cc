#include "store/dirty.h"

#include "store/columns.h"

namespace specd::store {
namespace {

Dirty dirty_of(sqlite::Row& row) {
  Dirty dirty;
  dirty.project = ProjectId{row.integer()};
  dirty.path = row.text();
  dirty.rev = Rev{row.integer()};
  dirty.foreign = row.boolean();
  dirty.at = row.time();
  return dirty;
}

}  // namespace

Result<std::vector<Dirty>> DirtyRows::list(int64_t limit) const {
  return db_.all(
      "SELECT project, path, rev, is_foreign, at FROM dirty ORDER BY is_foreign, rev LIMIT ?",
      dirty_of, limit);
}

Result<std::optional<Dirty>> DirtyRows::get(ProjectId project, std::string_view path) const {
  return db_.first(
      "SELECT project, path, rev, is_foreign, at FROM dirty WHERE project = ? AND path = ?",
      dirty_of, project, path);
}

Result<int64_t> DirtyRows::count() const {
  return db_.integer("SELECT count(*) FROM dirty");
}

Result<int64_t> DirtyRows::count(ProjectId project) const {
  return db_.integer("SELECT count(*) FROM dirty WHERE project = ?", project);
}

Result<std::vector<Dirty>> DirtyRows::files(ProjectId project, const std::optional<Dirty>& last,
                                            int64_t limit) const {
  const Dirty& after = last ? *last : Dirty{.rev = Rev{-1}};
  return db_.all(
      "SELECT d.project, d.path, d.rev, d.is_foreign, d.at FROM dirty AS d INDEXED BY dirty_order "
      "WHERE d.project = ? AND (d.is_foreign, d.rev, d.path) > (?, ?, ?) AND EXISTS "
      "(SELECT 1 FROM spec_files AS f WHERE f.project = d.project AND f.path = d.path) "
      "ORDER BY d.is_foreign, d.rev, d.project, d.path LIMIT ?",
      dirty_of, project, after.foreign, after.rev, after.path, limit);
}

Result<std::vector<ForeignEdit>> DirtyRows::foreign(ProjectId project) const {
  return db_.all(
      "SELECT f.path, f.spec, f.rev, f.deleted_at IS NOT NULL, "
      "s.base_sha256 IS NOT NULL FROM dirty AS d "
      // Few are dirty, and the planner does not know.
      "CROSS JOIN spec_files AS f ON f.project = d.project AND f.path = d.path "
      "LEFT JOIN file_state AS s ON s.project = f.project AND s.path = f.path "
      "WHERE d.project = ? AND f.edit = 0 AND f.rev IS NOT s.pushed_rev ORDER BY d.path",
      [](sqlite::Row& row) {
        ForeignEdit edit;
        edit.path = row.text();
        edit.spec = SpecKey{Ulid{row.text()}};
        edit.rev = Rev{row.integer()};
        edit.is_deletion = row.boolean();
        edit.has_base = row.boolean();
        return edit;
      },
      project);
}

Result<std::vector<Dirty>> DirtyRows::without_row(ProjectId project) const {
  return db_.all(
      "SELECT d.project, d.path, d.rev, d.is_foreign, d.at FROM dirty AS d "
      "WHERE d.project = ? AND NOT EXISTS "
      "(SELECT 1 FROM spec_files AS f WHERE f.project = d.project AND f.path = d.path) "
      "ORDER BY d.rev",
      dirty_of, project);
}

Result<int64_t> DirtyRows::count_files(ProjectId project) const {
  return db_.integer(
      "SELECT count(*) FROM dirty AS d WHERE d.project = ? AND EXISTS "
      "(SELECT 1 FROM spec_files AS f WHERE f.project = d.project AND f.path = d.path)",
      project);
}

Result<bool> DirtyRows::clear(ProjectId project, std::string_view path, Rev handled) {
  assert_writing(db_);
  SPECD_TRY(db_.run("DELETE FROM dirty WHERE project = ? AND path = ? AND rev <= ?", project, path,
                    handled));
  const auto left =
      db_.integer("SELECT count(*) FROM dirty WHERE project = ? AND path = ?", project, path);
  if (!left) return Failure(left.error());
  return *left == 0;
}

}  // namespace specd::store
