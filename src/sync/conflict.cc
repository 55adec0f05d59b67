#include "sync/conflict.h"

namespace specd::sync {

store::ConflictKind to_store(core::ConflictKind kind) {
  switch (kind) {
    case core::ConflictKind::both_changed:
      return store::ConflictKind::both_changed;
    case core::ConflictKind::deleted_on_disk:
      return store::ConflictKind::deleted_on_disk;
    case core::ConflictKind::deleted_in_db:
      return store::ConflictKind::deleted_in_db;
  }
  return store::ConflictKind::both_changed;
}

store::Conflict make_conflict(const SpecWork& work, const FileWork& file, const store::FileRow* row,
                              const core::FileState& state, store::ConflictKind kind,
                              WallTime now) {
  store::Conflict conflict;
  conflict.project = work.record.project;
  conflict.spec = work.record.key;
  conflict.path = file.file.path;
  conflict.kind = kind;
  conflict.base = state.base.content;
  if (state.disk.state == core::Disk::State::present) {
    conflict.disk = state.disk.content;
    conflict.filesystem_modified_at = from_us(file.disk.fingerprint.mtime_ns / 1000);
  }
  if (state.row.state == core::Row::State::present) conflict.row = state.row.content;
  if (row != nullptr) {
    conflict.edit = row->edit;
    conflict.db_modified_at = row->modified_at;
  }
  conflict.last_synced_at = work.record.last_synced_at;
  conflict.detected_at = now;
  return conflict;
}

}  // namespace specd::sync
