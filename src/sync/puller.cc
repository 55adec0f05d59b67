// One pull has three parts, and keeps them apart: plan (what do we know, and what has to be read),
// read (from disk, on many threads, without a transaction), apply (in one transaction). While one
// round is applied, the next is read.

#include "sync/puller.h"

#include <set>
#include <utility>

#include "base/path.h"
#include "sync/conflict.h"
#include "sync/record.h"
#include "sync/row_side.h"

namespace specd::sync {

namespace {

// Hands each read file to its place in the plan. What is busy, or may come back, is for later.
void take_reading(PullRound& round, Absence absence, Outcome& outcome) {
  std::vector<OnDisk> found = round.reading.take();
  for (size_t i = 0; i < round.readers.size(); ++i) {
    FileWork& file = *round.readers[i];
    file.disk = std::move(found[i]);
    if (file.disk.error && file.disk.error->code == Code::busy) {
      outcome.busy.push_back(file.file.path);
      file.is_to_read = false;
    } else if (file.disk.disk.state == core::Disk::State::absent && absence == Absence::wait &&
               file.state && file.state->base) {
      outcome.absent.push_back(file.file.path);
      file.is_to_read = false;
    }
  }
}

}  // namespace

Result<PullRound> Puller::start(const ProjectView& project, const std::vector<UnitWork>& units,
                                const std::set<std::string>& done) {
  PullRound round;
  {
    auto snapshot = store_.snapshot();
    if (!snapshot) return tl::unexpected(snapshot.error());
    for (const UnitWork& unit : units) {
      if (auto added = planner_.add(project, unit, done, round.plan); !added)
        return tl::unexpected(added.error());
    }
  }
  std::vector<Wanted> wanted;
  for (SpecWork& spec : round.plan.specs) {
    for (FileWork& file : spec.files) {
      if (!file.is_to_read) continue;
      wanted.push_back({file.file, file.is_done, file.state && file.state->base});
      round.readers.push_back(&file);
    }
  }
  round.reading = disk_.start_reading(project.fs, std::move(wanted));
  return round;
}

Result<Outcome> Puller::finish(const ProjectView& project, PullRound round,
                               const Absences& absences, const Cause& cause) {
  Outcome outcome;
  take_reading(round, absences.files, outcome);
  PullPlan& plan = round.plan;
  outcome.busy.insert(outcome.busy.end(), plan.young.begin(), plan.young.end());
  auto tx = store_.begin();
  if (!tx) return tl::unexpected(tx.error());
  Journal journal(store_.tables, project.id, cause, clock_.wall(), clock_.steady());
  PullApplier applier(store_.tables, clock_, journal, outcome);
  for (SpecWork& spec : plan.specs) {
    if (auto applied = applier.apply(spec); !applied) return tl::unexpected(applied.error());
  }
  for (const auto& [key, problem] : plan.problems) {
    auto set = store_.tables.states.set_error(project.id, problem.path, key, spec::Role::other,
                                              problem.message);
    if (!set) return tl::unexpected(set.error());
  }
  for (const std::string& path : plan.forgotten) {
    if (auto forgot = store_.tables.states.forget(project.id, path); !forgot)
      return tl::unexpected(forgot.error());
  }
  for (const SpecKey& key : plan.gone) {
    if (!absences.specs.contains(key)) {
      auto spec = store_.tables.specs.get(key);
      if (!spec) return tl::unexpected(spec.error());
      if (*spec) outcome.absent.push_back((*spec)->dir);
      continue;
    }
    if (auto deleted = delete_spec(key, journal, outcome); !deleted)
      return tl::unexpected(deleted.error());
  }
  if (auto written = journal.write(); !written) return tl::unexpected(written.error());
  if (auto committed = tx->commit(); !committed) return tl::unexpected(committed.error());
  outcome.is_written = !journal.empty();
  return outcome;
}

namespace {

// Whether the new look at a file gives nothing to write down.
bool is_nothing_new(const OnDisk& disk, const store::FileState& state) {
  if (disk.error || disk.disk.content != *state.base) return false;
  if (state.facts.error != printable_utf8(disk.facts.error)) return false;
  return !disk.is_settled || disk.fingerprint == state.fingerprint;
}

}  // namespace

Result<bool> Puller::pull_file(const ProjectView& project, const std::string& path, bool is_done,
                               const Cause& cause, Outcome& outcome) {
  // Under a custom schema, which files count is known only from the whole unit.
  if (project.config.task_files.size() > 1) return false;
  auto state = store_.tables.states.get(project.id, path);
  if (!state) return tl::unexpected(state.error());
  // A change's metadata may say which of its files count.
  if (!*state || !(*state)->base || (*state)->role == spec::Role::meta) return false;
  auto place = store_.tables.specs.live_place((*state)->spec);
  if (!place) return tl::unexpected(place.error());
  if (!*place) return false;

  // Where another folder stands now, this may be a file of another spec.
  const auto folder = project.fs.stat((*place)->dir);
  if (!folder || folder->fingerprint.ino != (*place)->dir_ino ||
      folder->fingerprint.dev != (*place)->dir_dev)
    return false;
  OnDisk disk = disk_.read(project.fs, {found_file(path, (*state)->role), is_done, true});
  if (disk.disk.state == core::Disk::State::absent) {
    outcome.absent.push_back(path);
    return true;
  }
  if (disk.error && disk.error->code == Code::busy) {
    outcome.busy.push_back(path);
    return true;
  }
  if (is_nothing_new(disk, **state)) {
    auto row = store_.tables.files.peek(project.id, path);
    if (!row) return tl::unexpected(row.error());
    if (*row && (*row)->rev == (*state)->pushed_rev) return true;
  }
  return apply_file(project, **place, path, std::move(disk), cause, outcome);
}

// Nearly all that has to be known is read where it is written, so that it is read once.
Result<bool> Puller::apply_file(const ProjectView& project, const store::SpecPlace& place,
                                const std::string& path, OnDisk disk, const Cause& cause,
                                Outcome& outcome) {
  auto tx = store_.begin();
  if (!tx) return tl::unexpected(tx.error());
  auto record = store_.tables.specs.get(place.key);
  if (!record) return tl::unexpected(record.error());
  if (!*record || (*record)->deleted_at) return false;
  auto work = work_from_rows(store_.tables, std::move(**record));
  if (!work) return tl::unexpected(work.error());
  const auto file = std::find_if(work->files.begin(), work->files.end(),
                                 [&](const FileWork& other) { return other.file.path == path; });
  if (file == work->files.end()) return false;
  work->latest_mtime_ns = std::max(work->latest_mtime_ns, disk.fingerprint.mtime_ns);
  file->disk = std::move(disk);
  file->is_to_read = true;
  Journal journal(store_.tables, project.id, cause, clock_.wall(), clock_.steady());
  PullApplier applier(store_.tables, clock_, journal, outcome);
  if (auto done = applier.apply(*work); !done) return tl::unexpected(done.error());
  if (auto done = journal.write(); !done) return tl::unexpected(done.error());
  if (auto done = tx->commit(); !done) return tl::unexpected(done.error());
  outcome.is_written = !journal.empty();
  return true;
}

// As PullApplier::make_id_unique: the one that comes second is called by its whole path.
Result<> Puller::make_ids_unique(ProjectId project, std::vector<store::SpecMove>& moves) {
  std::set<std::pair<spec::Kind, std::string>> taken;
  for (store::SpecMove& move : moves) {
    auto other = store_.tables.specs.live(project, move.kind, move.id);
    if (!other) return tl::unexpected(other.error());
    const auto goes = [&](const store::SpecMove& moving) { return moving.key == (*other)->key; };
    const bool is_taken = *other && std::none_of(moves.begin(), moves.end(), goes);
    if (is_taken || !taken.emplace(move.kind, move.id).second) move.id = move.dir;
  }
  return {};
}

Result<bool> Puller::move_specs(const ProjectView& project, std::vector<store::SpecMove> moves,
                                const Cause& cause) {
  auto tx = store_.begin();
  if (!tx) return tl::unexpected(tx.error());
  Journal journal(store_.tables, project.id, cause, clock_.wall(), clock_.steady());
  if (auto done = make_ids_unique(project.id, moves); !done) return tl::unexpected(done.error());
  std::vector<store::DirMove> dirs;
  for (const store::SpecMove& move : moves) {
    auto spec = store_.tables.specs.get(move.key);
    if (!spec) return tl::unexpected(spec.error());
    if (!*spec) return false;
    SpecEntry& entry = journal.of(move.key);
    entry.change = SpecChange::renamed;
    entry.from_id = (*spec)->id;
    dirs.push_back({move.key, (*spec)->dir, move.dir});
  }
  if (auto moved = store_.tables.specs.move(moves, clock_.wall()); !moved) {
    if (moved.error().code == Code::conflict) return false;
    return tl::unexpected(moved.error());
  }
  if (auto done = store_.tables.files.repath(project.id, dirs, clock_.wall()); !done) {
    return tl::unexpected(done.error());
  }
  for (const store::SpecMove& move : moves) {
    if (auto done = derive_again(move.key, journal); !done) return tl::unexpected(done.error());
  }
  if (auto done = journal.write(); !done) return tl::unexpected(done.error());
  if (auto done = tx->commit(); !done) return tl::unexpected(done.error());
  return true;
}

// What a spec's kind and place say of it, such as that an archived change is done: told together
// with the move.
Result<> Puller::derive_again(const SpecKey& key, Journal& journal) {
  auto record = store_.tables.specs.get(key);
  if (!record) return tl::unexpected(record.error());
  if (!*record) return {};
  store::Spec& told = journal.of(key).spec;
  told = **record;
  auto work = work_from_rows(store_.tables, std::move(**record));
  if (!work) return tl::unexpected(work.error());
  std::vector<spec::FileFacts> facts;
  for (const FileWork& file : work->files) facts.push_back(from_row(file.state->facts));
  const SpecOnDisk disk{work->found, facts, work->folder, work->latest_mtime_ns,
                        work->first_problem};
  const std::vector<std::string> fields = update_record(work->record, disk, clock_.wall());
  if (fields.empty()) return {};
  told = work->record;
  ++told.version;
  return store_.tables.specs.update(work->record);
}

// Of a file that a foreign client has made and deleted again, nobody looks at the row any more.
Result<> Puller::agree_on_absence(const store::FileRow& row) {
  auto waits = store_.tables.dirty.get(row.project, row.path);
  if (!waits) return tl::unexpected(waits.error());
  if (!*waits) return {};
  auto deleted = store_.tables.files.soft_delete(row.project, row.path, row.rev, *row.deleted_at,
                                                 store::OldContent::drop);
  return deleted ? Result<>() : tl::unexpected(deleted.error());
}

// Files that a foreign client has made in a spec that is gone: they never were on disk.
Result<> Puller::delete_unpushed(const SpecWork& work, Journal& journal) {
  auto rows = store_.tables.files.of_spec(work.record.key);
  if (!rows) return tl::unexpected(rows.error());
  for (const store::FileRow& row : *rows) {
    const auto is_it = [&](const FileWork& file) { return file.file.path == row.path; };
    if (std::any_of(work.files.begin(), work.files.end(), is_it)) continue;
    if (row.deleted_at) {
      if (auto done = agree_on_absence(row); !done) return done;
      continue;
    }
    auto observed = observe_row(store_.tables.files, &row, nullptr);
    if (!observed) return tl::unexpected(observed.error());
    const core::Disk absent{.state = core::Disk::State::absent, .content = {}};
    const store::Conflict conflict =
        make_conflict(work, {.file = {row.path, row.role, false}}, &row,
                      {.base = {}, .disk = absent, .row = *observed},
                      store::ConflictKind::deleted_on_disk, clock_.wall());
    auto id = store_.tables.conflicts.add(conflict);
    if (!id) return tl::unexpected(id.error());
    journal.add_conflict(work.record, *id, conflict.kind, conflict.path);
    auto deleted = store_.tables.files.soft_delete(row.project, row.path, row.rev, clock_.wall(),
                                                   store::OldContent::keep_displaced);
    if (!deleted) return tl::unexpected(deleted.error());
  }
  return {};
}

// What is still there, or, where files went one after the other, what there was.
Result<> Puller::remember_contents(const SpecKey& key) {
  auto states = store_.tables.states.of_spec(key);
  if (!states) return tl::unexpected(states.error());
  std::vector<Digest> present, before;
  for (const store::FileState& state : *states) {
    if (state.base) present.push_back(*state.base);
    if (state.previous_base) before.push_back(*state.previous_base);
  }
  return store_.tables.specs.remember_contents(key, present.empty() ? before : present);
}

Result<> Puller::delete_spec(const SpecKey& key, Journal& journal, Outcome& outcome) {
  auto record = store_.tables.specs.get(key);
  if (!record) return tl::unexpected(record.error());
  if (!*record || (*record)->deleted_at) return {};
  if (auto done = remember_contents(key); !done) return done;
  auto work = work_from_rows(store_.tables, std::move(**record));
  if (!work) return tl::unexpected(work.error());
  PullApplier applier(store_.tables, clock_, journal, outcome);
  for (FileWork& file : work->files) {
    file.disk.disk.state = core::Disk::State::absent;
    if (auto done = applier.apply_file(*work, file); !done) return done;
  }
  if (auto done = delete_unpushed(*work, journal); !done) return done;
  work->record.deleted_at = clock_.wall();
  if (auto done = store_.tables.specs.update(work->record); !done) return done;
  SpecEntry& entry = journal.of(key);
  entry.change = SpecChange::deleted;
  entry.spec = work->record;
  ++entry.spec.version;
  return {};
}

Result<> Puller::delete_specs(const ProjectView& project, const std::vector<SpecKey>& keys,
                              const Cause& cause) {
  auto tx = store_.begin();
  if (!tx) return tl::unexpected(tx.error());
  Journal journal(store_.tables, project.id, cause, clock_.wall(), clock_.steady());
  Outcome outcome;
  for (const SpecKey& key : keys) {
    if (auto done = delete_spec(key, journal, outcome); !done) return done;
  }
  if (auto done = journal.write(); !done) return done;
  return tx->commit();
}

}  // namespace specd::sync
