#include "store/edits.h"

#include "store/file_columns.h"

namespace specd::store {

Result<EditId> Edits::add(const Edit& edit) {
  assert_writing(db_);
  SPECD_TRY(db_.run("INSERT INTO edits (project, spec, origin, actor, at) VALUES (?, ?, ?, ?, ?)",
                    edit.project, edit.spec, edit.origin, edit.actor, edit.at));
  return EditId{db_.last_insert_rowid()};
}

Result<> Edits::set_move(EditId id, const std::string& from, const std::string& to) {
  assert_writing(db_);
  SPECD_TRY(db_.run("UPDATE edits SET status_from = ?, status_to = ? WHERE id = ?", from, to, id));
  return {};
}

Result<std::optional<Edit>> Edits::get(EditId id) const {
  const auto edit_of = [](sqlite::Row& row) {
    Edit edit;
    edit.id = EditId{row.integer()};
    edit.project = ProjectId{row.integer()};
    edit.spec = spec_key(row);
    edit.origin = row.text();
    edit.actor = row.text();
    edit.at = row.time();
    edit.status_from = row.text();
    edit.status_to = row.text();
    return edit;
  };
  return db_.first(
      "SELECT id, project, spec, origin, actor, at, status_from, status_to FROM edits "
      "WHERE id = ?",
      edit_of, id);
}

Result<std::vector<FileRow>> Edits::pending(EditId id) const {
  // By way of `dirty`, which is short; rows are many.
  return db_.all("SELECT " SPECD_FILE_COLUMNS
                 " FROM dirty AS d CROSS JOIN spec_files AS f "
                 "ON f.project = d.project AND f.path = d.path WHERE f.edit = ? ORDER BY d.path",
                 file_row_of, id);
}

Result<int64_t> Edits::trim(WallTime before) {
  assert_writing(db_);
  return db_.run(
      "DELETE FROM edits WHERE at < ? AND id NOT IN "
      "(SELECT f.edit FROM dirty AS d CROSS JOIN spec_files AS f "
      " ON f.project = d.project AND f.path = d.path)",
      before);
}

}  // namespace specd::store
