// Three-way reconciliation of one file, as in Balasubramaniam and Pierce, "What is a File
// Synchronizer?" (1998), with two differences: one side, the disk, wins every conflict; and the
// loser's text is kept.

#include "sync/core/reconcile.h"

namespace specd::sync::core {
namespace {

// A row moved away from base if somebody wrote it (rev) and it says something else than base
// (content). A rev alone is an edit that came to the same; a content alone cannot be, since every
// write raises the rev.
bool is_row_changed(const FileState& file) {
  return file.row.rev != file.row.pushed_rev && file.base.content != file.row.content;
}

// Known: the disk has no such file.
Action with_absent_disk(const FileState& file) {
  switch (file.row.state) {
    case Row::State::missing:
      // Both sides say no. Where base remembers a content, that memory is out of date.
      return {file.base.content ? Do::agree : Do::nothing, {}};
    case Row::State::deleted:
      // So here; and a deletion that nobody had carried out yet is done.
      return {file.base.content || file.row.rev != file.row.pushed_rev ? Do::agree : Do::nothing,
              {}};
    case Row::State::present:
      break;
  }
  // The file never was on disk, so its absence says nothing: the row is new.
  if (!file.base.content) return {Do::push, {}};
  // Somebody removed the file while somebody else wrote the row. The disk wins, the text is kept.
  if (is_row_changed(file)) return {Do::soft_delete, ConflictKind::deleted_on_disk};
  return {Do::soft_delete, {}};
}

// Known: the disk has the file, as base has it.
Action with_same_disk(const FileState& file) {
  switch (file.row.state) {
    case Row::State::missing:
      return {Do::pull, {}};  // only deleted_at is a deletion
    case Row::State::deleted:
      return {Do::delete_on_disk, {}};
    case Row::State::present:
      break;
  }
  if (is_row_changed(file)) return {Do::push, {}};
  // Written, but with the same bytes: nothing for the disk to learn.
  return {file.row.rev != file.row.pushed_rev ? Do::agree : Do::nothing, {}};
}

// Known: the disk has the file, and not as base has it (or base has none).
Action with_changed_disk(const FileState& file) {
  switch (file.row.state) {
    case Row::State::missing:
      return {Do::pull, {}};
    case Row::State::deleted:
      // Without a base the deletion was agreed on long ago, and this is a new file. With one,
      // somebody deleted what somebody else was editing.
      if (!file.base.content) return {Do::pull, {}};
      return {Do::pull, ConflictKind::deleted_in_db};
    case Row::State::present:
      break;
  }
  if (file.row.content == file.disk.content) return {Do::agree, {}};
  if (is_row_changed(file)) return {Do::pull, ConflictKind::both_changed};
  return {Do::pull, {}};
}

}  // namespace

Action reconcile(const FileState& file) {
  switch (file.disk.state) {
    case Disk::State::unknown:
      return {};  // never act on what was not seen
    case Disk::State::absent:
      return with_absent_disk(file);
    case Disk::State::present:
      break;
  }
  return file.base.content == file.disk.content ? with_same_disk(file) : with_changed_disk(file);
}

}  // namespace specd::sync::core
