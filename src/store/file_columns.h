#pragma once

// Inside of this folder: rows of spec_files, as Files and Edits read them.

#include "store/columns.h"
#include "store/files.h"

#define SPECD_FILE_COLUMNS                                                          \
  "f.project, f.path, f.spec, f.role, f.rev, f.edit, f.modified_at, f.deleted_at, " \
  "typeof(f.content) <> 'blob'"

/// Columns origin and actor of `rescued`: who wrote the content of row `f`, as far as the row
/// tells. An intent of ours names them; what is clean is what was on disk; the rest came by SQL.
#define SPECD_WRITER_OF_F                                                                     \
  "CASE WHEN f.edit <> 0 THEN coalesce((SELECT origin FROM edits WHERE id = f.edit), 'api') " \
  "WHEN EXISTS (SELECT 1 FROM file_state AS s WHERE s.project = f.project "                   \
  "AND s.path = f.path AND s.pushed_rev = f.rev) THEN 'disk' ELSE 'sql' END, "                \
  "coalesce((SELECT actor FROM edits WHERE id = f.edit), '')"

namespace specd::store {

/// A row of SPECD_FILE_COLUMNS.
inline FileRow file_row_of(sqlite::Row& row) {
  FileRow file;
  file.project = ProjectId{row.integer()};
  file.path = row.text();
  file.spec = spec_key(row);
  // A foreign client may have written any word.
  file.role = spec::parse_role(row.bytes()).value_or(spec::Role::other);
  file.rev = Rev{row.integer()};
  file.edit = EditId{row.integer()};
  file.modified_at = row.maybe_time();
  file.deleted_at = row.maybe_time();
  file.is_text = row.boolean();
  return file;
}

/// Puts the present content of a row into `rescued`.
[[nodiscard]] Result<> rescue_row(sqlite::Database& db, ProjectId project, std::string_view path,
                                  Reason reason, WallTime now);

}  // namespace specd::store
