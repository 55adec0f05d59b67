#pragma once

// Inside of this folder: how a spec stands in its row.

#include "store/columns.h"
#include "store/specs.h"

#define SPECD_SPEC_COLUMNS                                                                \
  "key, project, kind, id, change_id, dir, dir_dev, dir_ino, title, status, status_set, " \
  "priority, tags, assignee, front_matter, tasks_done, tasks_total, progress, version, "  \
  "last_synced_at, filesystem_modified_at, db_modified_at, sync_error, archived_at, deleted_at"

namespace specd::store {

inline Spec spec_of(sqlite::Row& row) {
  Spec spec;
  spec.key = spec_key(row);
  spec.project = ProjectId{row.integer()};
  spec.kind = checked_word(row, spec::parse_kind);
  spec.id = row.text();
  spec.change_id = row.text();
  spec.dir = row.text();
  spec.dir_dev = row.bits();
  spec.dir_ino = row.bits();
  spec.title = row.text();
  spec.status = row.text();
  spec.status_set = row.boolean();
  spec.priority = row.text();
  spec.tags = string_list(row);
  spec.assignee = row.text();
  spec.front_matter = row.maybe_text();
  spec.tasks_done = row.integer();
  spec.tasks_total = row.integer();
  spec.progress = spec::parse_progress(row.bytes()).value_or(spec::Progress::no_tasks);
  spec.version = row.integer();
  spec.last_synced_at = row.maybe_time();
  spec.filesystem_modified_at = row.maybe_time();
  spec.db_modified_at = row.maybe_time();
  spec.sync_error = row.text();
  spec.archived_at = row.maybe_time();
  spec.deleted_at = row.maybe_time();
  return spec;
}

}  // namespace specd::store
