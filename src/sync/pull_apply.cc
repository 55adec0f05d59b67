#include "sync/pull_apply.h"

#include <limits>

#include "base/path.h"
#include "sync/conflict.h"
#include "sync/record.h"
#include "sync/row_side.h"
#include "sync/undone_push.h"

namespace specd::sync {
namespace {

std::optional<Fingerprint> settled(const OnDisk& disk) {
  return disk.is_settled ? std::optional(disk.fingerprint) : std::nullopt;
}

bool is_binary(std::string_view content) {
  return content.find('\0') != std::string_view::npos || !is_utf8(content);
}

}  // namespace

Result<Author> author_of(const store::Tables& tables, const store::FileRow& row) {
  if (row.edit.value == 0)
    return Author{.trigger = store::Trigger::external_db, .origin = "sql", .actor = {}};
  auto edit = tables.edits.get(row.edit);
  if (!edit) return tl::unexpected(edit.error());
  if (!*edit) return Author{.origin = "api", .actor = {}};
  return Author{.origin = (*edit)->origin,
                .actor = (*edit)->actor,
                .status_from = (*edit)->status_from,
                .status_to = (*edit)->status_to};
}

void Outcome::add(Outcome&& other) {
  const auto append = [](std::vector<std::string>& to, std::vector<std::string>& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  append(busy, other.busy);
  append(absent, other.absent);
  append(to_push, other.to_push);
  pulled += other.pulled;
  is_written = is_written || other.is_written;
  has_newcomers = has_newcomers || other.has_newcomers;
  is_retry = is_retry || other.is_retry;
}

Result<bool> PullApplier::pull(const SpecWork& work, const FileWork& file,
                               const core::FileState& state, store::OldContent old) {
  const store::FileFacts facts = to_row(file.disk.facts);
  auto pulled = tables_.files.pull({.project = work.record.project,
                                    .path = file.file.path,
                                    .spec = work.record.key,
                                    .role = file.file.role,
                                    .planned = state.row.rev,
                                    .content = file.disk.content,
                                    .digest = file.disk.disk.content,
                                    .fingerprint = settled(file.disk),
                                    .facts = &facts,
                                    .old_content = old,
                                    .now = clock_.wall()});
  if (pulled && !*pulled) outcome_.is_retry = true;
  return pulled;
}

Result<> PullApplier::agree(const SpecWork& work, const FileWork& file, Rev pushed_rev, Met how) {
  store::Agreement agreement{.project = work.record.project,
                             .path = file.file.path,
                             .from_push = how == Met::by_push,
                             .pushed_rev = pushed_rev};
  const bool is_present = file.disk.disk.state == core::Disk::State::present;
  if (is_present) {
    agreement.base = file.disk.disk.content;
    agreement.binary = is_binary(file.disk.content);
    agreement.fingerprint = settled(file.disk);
  }
  if (auto done = tables_.states.agree(agreement); !done) return done;
  auto cleared = tables_.dirty.clear(work.record.project, file.file.path, pushed_rev);
  if (!cleared) return tl::unexpected(cleared.error());
  // Of a file that is gone nothing is wrong any more, either.
  const store::FileFacts facts = is_present ? to_row(file.disk.facts) : store::FileFacts{};
  return tables_.states.set_facts(work.record.project, file.file.path, facts);
}

Result<> PullApplier::settle_push(const SpecWork& work, const FileWork& file, Rev pushed_rev,
                                  const Author& author) {
  if (auto done = agree(work, file, pushed_rev, Met::by_push); !done) return done;
  if (author.origin == "sql" && file.disk.disk.state == core::Disk::State::absent) {
    // Of edits of our own the text is kept with the edit; a client only marks the row.
    if (auto kept = tables_.files.keep(work.record.project, file.file.path, clock_.wall()); !kept)
      return kept;
  }
  SpecEntry& entry = journal_.of(work.record.key);
  entry.files.push_back(printable_utf8(file.file.path));
  entry.author = author;
  return {};
}

Result<std::optional<Rev>> PullApplier::edit(const SpecWork& work, const FileWork& file,
                                             store::RowEdit edit, const Author& author) {
  edit.project = work.record.project;
  edit.path = file.file.path;
  edit.spec = work.record.key;
  edit.role = file.file.role;
  if (file.disk.disk.state == core::Disk::State::present) edit.content = file.disk.content;
  auto rev = tables_.files.edit(edit);
  if (!rev || !*rev) return rev;
  if (edit.content && file.state) {
    auto set =
        tables_.states.set_facts(work.record.project, file.file.path, to_row(file.disk.facts));
    if (!set) return tl::unexpected(set.error());
  }
  SpecEntry& entry = journal_.of(work.record.key);
  entry.files.push_back(printable_utf8(file.file.path));
  entry.author = author;
  entry.is_synced = false;
  return rev;
}

Result<> PullApplier::take_back(const SpecWork& work, FileWork& file, const store::FileRow& row,
                                const Author& author) {
  if (file.state && file.state->pushed_rev == row.rev) return {};
  const bool is_present = file.disk.disk.state == core::Disk::State::present;
  const core::FileState state{.base = base_of(file.state ? &*file.state : nullptr),
                              .disk = file.disk.disk,
                              .row = {.rev = row.rev}};
  auto taken = is_present
                   ? pull(work, file, state, store::OldContent::keep_superseded)
                   : tables_.files.soft_delete(work.record.project, file.file.path, row.rev,
                                               clock_.wall(), store::OldContent::keep_superseded);
  if (!taken) return tl::unexpected(taken.error());
  if (!*taken) return {};
  file.is_listed = is_present;
  file.is_to_read = true;
  ++outcome_.pulled;
  SpecEntry& entry = journal_.of(work.record.key);
  entry.files.push_back(printable_utf8(file.file.path));
  entry.author = author;
  return {};
}

// The content is what it was: only the memory of how the file looked, and what was wrong with it,
// is renewed.
Result<> PullApplier::refresh(const SpecWork& work, const FileWork& file) {
  const auto fingerprint = settled(file.disk);
  if (fingerprint && file.state->fingerprint != fingerprint) {
    auto done = tables_.states.refresh(work.record.project, file.file.path, *fingerprint);
    if (!done) return done;
  }
  const store::FileFacts facts = to_row(file.disk.facts);
  if (file.state->facts == facts) return {};
  return tables_.states.set_facts(work.record.project, file.file.path, facts);
}

Result<bool> PullApplier::record_conflict(const SpecWork& work, const FileWork& file,
                                          const store::FileRow* row, const core::FileState& state,
                                          const core::Action& action) {
  store::Conflict conflict;
  if (action.conflict) {
    conflict = make_conflict(work, file, row, state, to_store(*action.conflict), clock_.wall());
  } else {
    if (action.what != core::Do::pull || row == nullptr || !file.state) return false;
    const auto undone = find_undone_push(tables_, *file.state, file.disk);
    if (!undone) return tl::unexpected(undone.error());
    if (!*undone) return false;
    conflict =
        make_conflict(work, file, row, state, store::ConflictKind::overwritten, clock_.wall());
    conflict.base = (*undone)->before;
  }
  const auto id = tables_.conflicts.add(conflict);
  if (!id) return tl::unexpected(id.error());
  journal_.add_conflict(work.record, *id, conflict.kind, conflict.path);
  return true;
}

Result<bool> PullApplier::act(SpecWork& work, FileWork& file, const store::FileRow* row,
                              const core::FileState& state) {
  const core::Action action = core::reconcile(state);
  const auto is_conflict = record_conflict(work, file, row, state, action);
  if (!is_conflict) return tl::unexpected(is_conflict.error());
  const auto keep_if_displaced = [&](store::OldContent otherwise) {
    return *is_conflict ? store::OldContent::keep_displaced : otherwise;
  };
  const auto ok = [](Result<> done) -> Result<bool> {
    if (!done) return tl::unexpected(done.error());
    return false;
  };
  const bool is_present = state.disk.state == core::Disk::State::present;
  switch (action.what) {
    case core::Do::pull:
      return pull(work, file, state, keep_if_displaced(store::OldContent::keep_superseded));
    case core::Do::soft_delete:
      return tables_.files.soft_delete(work.record.project, file.file.path, state.row.rev,
                                       clock_.wall(), keep_if_displaced(store::OldContent::drop));
    case core::Do::push:
    case core::Do::delete_on_disk:
      outcome_.to_push.push_back(file.file.path);
      // The facts are those of the row, and what keeps it from the disk is among them.
      if (file.state) file.disk.facts = from_row(file.state->facts);
      return false;
    case core::Do::agree:
      // A pull says which spec and role a file has, too.
      if (is_present && file.is_moved) return pull(work, file, state, store::OldContent::drop);
      return met(work, file, row, state);
    case core::Do::nothing:
      if (is_present && file.is_moved) return pull(work, file, state, store::OldContent::drop);
      return is_present && file.state ? ok(refresh(work, file)) : ok({});
  }
  return false;
}

// An edit of the database that the disk has already: somebody saved the same, or we were cut off
// when it had been written. Either way it has arrived, which is told once.
Result<bool> PullApplier::met(const SpecWork& work, const FileWork& file, const store::FileRow* row,
                              const core::FileState& state) {
  if (auto done = agree(work, file, state.row.rev, Met::by_itself); !done)
    return tl::unexpected(done.error());
  if (row == nullptr) {
    // A client took it away, and there is no file from which it could come back.
    constexpr Rev kWhatever{std::numeric_limits<int64_t>::max()};
    auto cleared = tables_.dirty.clear(work.record.project, file.file.path, kWhatever);
    return cleared ? Result<bool>(false) : tl::unexpected(cleared.error());
  }
  if (state.row.rev == state.row.pushed_rev || !state.base.content) return false;
  auto author = author_of(tables_, *row);
  if (!author) return tl::unexpected(author.error());
  journal_.of(work.record.key).author = std::move(*author);
  return true;
}

Result<> PullApplier::set_error(const SpecWork& work, FileWork& file) {
  const std::string shown = printable_utf8(file.disk.error->message);
  file.disk.facts = file.state ? from_row(file.state->facts) : spec::FileFacts{};
  file.disk.facts.error = shown;
  if (file.state && file.state->facts.error == shown) return {};
  return tables_.states.set_error(work.record.project, file.file.path, work.record.key,
                                  file.file.role, shown);
}

Result<> PullApplier::apply_file(SpecWork& work, FileWork& file) {
  if (file.disk.error) return set_error(work, file);
  auto row = tables_.files.peek(work.record.project, file.file.path);
  if (!row) return tl::unexpected(row.error());
  const store::FileRow* seen = *row ? &**row : nullptr;
  const store::FileState* known = file.state ? &*file.state : nullptr;
  auto observed = observe_row(tables_.files, seen, known);
  if (!observed) return tl::unexpected(observed.error());
  auto changed = act(work, file, seen, {base_of(known), file.disk.disk, *observed});
  if (!changed) return tl::unexpected(changed.error());
  if (*changed) {
    ++outcome_.pulled;
    journal_.of(work.record.key).files.push_back(printable_utf8(file.file.path));
  }
  return {};
}

// Folders of one name can lie in `specs` and `specs/archived`, or in both of OpenSpec's archives.
// The one that came second is called by its whole path.
Result<> PullApplier::make_id_unique(SpecWork& work) {
  if (!work.is_new && work.record.id == work.found.id && work.record.kind == work.found.kind)
    return {};
  auto other = tables_.specs.live(work.record.project, work.found.kind, work.found.id);
  if (!other) return tl::unexpected(other.error());
  if (*other && (*other)->key != work.record.key) work.found.id = work.found.dir;
  return {};
}

Result<> PullApplier::write_record(SpecWork& work) {
  std::vector<spec::FileFacts> facts;
  for (FileWork& file : work.files) {
    if (!file.is_listed) continue;
    const bool is_read = file.is_to_read && file.disk.disk.state == core::Disk::State::present;
    facts.push_back(is_read || file.disk.error ? std::move(file.disk.facts)
                    : file.state               ? from_row(file.state->facts)
                                               : spec::FileFacts{});
  }
  if (!work.is_new) {
    // As it is now: a client may have set its status since the plan was made.
    auto present = tables_.specs.get(work.record.key);
    if (!present) return tl::unexpected(present.error());
    if (*present) work.record = std::move(**present);
  }
  if (work.edited_at) work.record.db_modified_at = work.edited_at;
  if (auto done = make_id_unique(work); !done) return done;
  const store::Spec before = work.record;
  std::vector<std::string> set;
  if (work.fields != nullptr) set = set_fields(work.record, *work.fields);
  const SpecOnDisk disk{work.found, facts, work.folder, work.latest_mtime_ns, work.first_problem};
  std::vector<std::string> fields = update_record(work.record, disk, clock_.wall());
  fields.insert(fields.end(), set.begin(), set.end());
  const bool is_told = work.is_new || !fields.empty() || journal_.has(work.record.key);
  const bool is_same_folder =
      before.dir_ino == work.record.dir_ino && before.dir_dev == work.record.dir_dev;
  if (!is_told) return is_same_folder ? Result<>() : tables_.specs.set_folder(work.record);
  auto written =
      work.is_new ? tables_.specs.insert(work.record) : tables_.specs.update(work.record);
  if (written && before.deleted_at) written = tables_.specs.forget_contents(work.record.key);
  if (!written) return written;

  SpecEntry& entry = journal_.of(work.record.key);
  const bool is_newcomer = work.is_new || before.deleted_at;
  outcome_.has_newcomers = outcome_.has_newcomers || is_newcomer;
  entry.change = is_newcomer ? SpecChange::created : SpecChange::updated;
  entry.spec = work.record;
  entry.spec.version = work.is_new ? 1 : work.record.version + 1;
  entry.fields = std::move(fields);
  entry.status_from = before.status;
  entry.is_error_changed = work.record.sync_error != before.sync_error;
  return {};
}

Result<> PullApplier::apply(SpecWork& work) {
  for (FileWork& file : work.files) {
    if (!file.is_to_read) continue;
    if (auto done = apply_file(work, file); !done) return done;
  }
  return write_record(work);
}

}  // namespace specd::sync
