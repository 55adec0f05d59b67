#include "sync/left_overs.h"

#include <algorithm>
#include <cerrno>
#include <limits>

#include "base/log.h"
#include "base/path.h"
#include "sync/folders.h"
#include "sync/journal.h"

namespace specd::sync {
namespace {

using std::chrono::milliseconds;

// A program that has opened a file to save into it has done so by then, or is still at it, which
// the lease tells.
constexpr milliseconds kLateSaves{1'000};
constexpr milliseconds kWhileBusy{500};
constexpr milliseconds kAfterFailure{30'000};
constexpr int64_t kAll = std::numeric_limits<int64_t>::max();

/// The open folder of the spec; none: another one stands there, or nothing does.
Result<std::optional<Handle>> open_spec_folder(const std::optional<store::Spec>& spec,
                                               FileOps& ops) {
  if (!spec || spec->deleted_at) return std::optional<Handle>();
  auto folder = ops.open_folder(spec->dir);
  if (!folder && folder.error().code == Code::not_found) return std::optional<Handle>();
  if (!folder) return tl::unexpected(folder.error());
  auto stat = ops.stat(*folder);
  if (!stat) return tl::unexpected(stat.error());
  const Fingerprint& seen = stat->stat.fingerprint;
  if (seen.ino != spec->dir_ino || seen.dev != spec->dir_dev) return std::optional<Handle>();
  return std::optional(std::move(*folder));
}

/// The folder of a file, which went if that was deleted and the last one in it; none: its spec is
/// not there.
Result<std::optional<Handle>> folder_again(const std::optional<store::Spec>& spec,
                                           const std::string& path, FileOps& ops) {
  auto folder = ops.open_folder(path);
  if (folder) return std::optional(std::move(*folder));
  if (folder.error().code != Code::not_found) return tl::unexpected(folder.error());
  auto of_spec = open_spec_folder(spec, ops);
  if (!of_spec) return of_spec;
  if (!*of_spec || !path::is_within(path, spec->dir) || path == spec->dir)
    return std::optional<Handle>();
  auto made = make_folders(ops, **of_spec, path::below(path, spec->dir));
  if (!made) return tl::unexpected(made.error());
  return std::optional(std::move(*made));
}

}  // namespace

struct LeftOvers::Case {
  const ProjectView& project;
  const StagedFile& staged;
  Handle folder;  ///< where `beside`; otherwise none
  const Handle* in = nullptr;
  Handle file;
  bool is_leased = false;
  uint64_t inode = 0;
  std::string content;
  Digest digest{};
  std::optional<store::FileRow> row;  ///< with its content
  std::optional<store::FileState> state;
  std::optional<store::Spec> spec;

  [[nodiscard]] Entry entry() const { return {*in, staged.name}; }
  [[nodiscard]] bool is_dirty() const { return row && (!state || state->pushed_rev != row->rev); }
  [[nodiscard]] std::optional<Digest> row_digest() const {
    return row && !row->deleted_at ? std::optional(sha256(row->content)) : std::nullopt;
  }
};

// ---- finding them

/// Paths by what a staged file of each may be called: by the identity, or by the path alone, which
/// is of no spec then, or was staged by an older specd.
Result<std::map<std::string, std::string>> LeftOvers::known_files(
    ProjectId project, std::set<std::string>& folders) const {
  std::map<std::string, std::string> paths;
  std::map<std::string, std::vector<std::string>> of_specs;
  const auto note = [&](const store::FileLook& look) {
    paths.emplace(StagingArea::id_of_path(look.path), look.path);
    of_specs[std::string(look.spec)].emplace_back(look.path);
    folders.emplace(path::parent(look.path));
  };
  if (auto read = store_.tables.states.each_look(project, note); !read)
    return tl::unexpected(read.error());
  auto waiting = store_.tables.dirty.files(project, std::nullopt, kAll);
  if (!waiting) return tl::unexpected(waiting.error());
  for (const store::Dirty& row : *waiting) {
    auto file = store_.tables.files.peek(project, row.path);
    if (!file) return tl::unexpected(file.error());
    paths.emplace(StagingArea::id_of_path(row.path), row.path);
    if (*file) of_specs[(*file)->spec.value.text].push_back(row.path);
  }
  for (const auto& [key, files] : of_specs) {
    auto spec = store_.tables.specs.get(SpecKey{Ulid{key}});
    if (!spec) return tl::unexpected(spec.error());
    if (!*spec) continue;
    for (const std::string& path : files) {
      if (!path::is_within(path, (*spec)->dir)) continue;
      const auto below = path::below(path, (*spec)->dir);
      paths.emplace(StagingArea::id_of_path(StagingArea::identity((*spec)->key, below)), path);
    }
  }
  return paths;
}

Result<> LeftOvers::find(const ProjectView& project, Pusher& pusher) {
  waiting_.clear();
  if (!pusher.is_attached()) return {};
  std::vector<StagingArea::Room> rooms = pusher.area().rooms();
  bool is_any_there = options_.is_after_crash;
  for (const StagingArea::Room& room : rooms) {
    const auto names = pusher.ops().list(room.folder);
    is_any_there =
        is_any_there || !names || std::ranges::any_of(*names, [](const std::string& name) {
          return StagingArea::id_of_name(name).has_value();
        });
  }
  // Nearly always there is nothing, and then nobody has to know every path.
  if (!is_any_there && !rooms.empty()) return {};
  std::set<std::string> folders;
  auto paths = known_files(project.id, folders);
  if (!paths) return tl::unexpected(paths.error());
  for (const StagingArea::Room& room : rooms) {
    if (auto found = find_in(room.folder, room.place, "", *paths); !found) return found;
  }
  for (const std::string& path : folders) {
    const auto folder = pusher.ops().open_folder(path);
    if (!folder) continue;  // moved or gone: the scan tells
    if (auto found = find_in(*folder, StagingPlace::beside, path, *paths); !found) return found;
  }
  return {};
}

Result<> LeftOvers::find_in(const Handle& folder, StagingPlace place, const std::string& path,
                            const std::map<std::string, std::string>& paths) {
  auto names = folder.ops().list(folder);
  if (!names) return tl::unexpected(names.error());
  for (std::string& name : *names) {
    const auto id = StagingArea::id_of_name(name);
    if (!id) continue;
    const auto owner = paths.find(*id);
    if (owner == paths.end()) {
      if (remove_if_as_made({folder, name})) continue;
      // Nothing tells whose it is, so that nothing may be done about it.
      log::warn("left-over-unknown", {{"name", name}, {"instead", "kept"}});
      continue;
    }
    const StagingPlace at = StagingArea::is_aside(name) ? StagingPlace::aside : place;
    waiting_.push_back({{at, path, std::move(name), owner->second}, Since::unknown, {}});
  }
  return {};
}

/// A file that was made for an edit of which nothing else has come down to us.
bool LeftOvers::remove_if_as_made(Entry entry) const {
  FileOps& ops = entry.folder.ops();
  const auto file = ops.open(entry);
  if (!file || ops.lease(*file) == Lease::busy) return false;
  const auto content = ops.read(*file, options_.max_bytes_per_file);
  return content && StagingArea::is_as_made(entry.name, sha256(*content)) &&
         ops.unlink(entry).has_value();
}

void LeftOvers::take(std::vector<StagedFile> files) {
  const SteadyTime due = clock_.steady() + kLateSaves;
  for (StagedFile& file : files) waiting_.push_back({std::move(file), Since::push, due});
}

void LeftOvers::follow(const std::vector<std::pair<std::string, std::string>>& moves) {
  const auto moved = [&](std::string& path) {
    const std::pair<std::string, std::string>* innermost = nullptr;
    for (const auto& move : moves) {
      const bool is_inner = innermost == nullptr || move.first.size() > innermost->first.size();
      if (path::is_within(path, move.first) && is_inner) innermost = &move;
    }
    if (innermost != nullptr)
      path = path::join(innermost->second, path::below(path, innermost->first));
  };
  for (Waiting& waiting : waiting_) {
    moved(waiting.file.path);
    if (!waiting.file.folder.empty()) moved(waiting.file.folder);
  }
}

std::optional<SteadyTime> LeftOvers::next() const {
  if (waiting_.empty()) return std::nullopt;
  return std::ranges::min(waiting_, {}, &Waiting::due).due;
}

// ---- judging them

Result<std::vector<std::string>> LeftOvers::settle(const ProjectView& project, Pusher& pusher) {
  std::vector<std::string> returned;
  if (!pusher.is_attached()) return returned;
  const SteadyTime now = clock_.steady();
  std::vector<Waiting> judged;
  std::swap(judged, waiting_);
  for (Waiting& waiting : judged) {
    if (waiting.due > now) {
      waiting_.push_back(std::move(waiting));
      continue;
    }
    auto verdict = judge(project, pusher, waiting);
    if (!verdict) {
      log::warn("left-over-failed",
                {{"path", waiting.file.path}, {"error", verdict.error().message}});
    }
    if (verdict && *verdict == Verdict::returned) returned.push_back(waiting.file.path);
    if (verdict && *verdict == Verdict::gone) continue;
    // What was exchanged lies there now, and is judged like any other.
    waiting.due = now + (!verdict                        ? kAfterFailure
                         : *verdict == Verdict::returned ? kLateSaves
                                                         : kWhileBusy);
    waiting_.push_back(std::move(waiting));
  }
  return returned;
}

Result<LeftOvers::Verdict> LeftOvers::judge(const ProjectView& project, Pusher& pusher,
                                            const Waiting& waiting) {
  FileOps& ops = pusher.ops();
  Case left{.project = project, .staged = waiting.file};
  left.in = pusher.area().folder(waiting.file.place);
  if (left.in == nullptr) {
    auto folder = ops.open_folder(waiting.file.folder);
    if (!folder) return Verdict::gone;  // it went with its folder, which will be found again
    left.folder = std::move(*folder);
    left.in = &left.folder;
  }
  auto file = ops.open(left.entry());
  if (!file && file.error().code == Code::not_found) return Verdict::gone;
  if (!file) return tl::unexpected(file.error());
  left.file = std::move(*file);
  const Lease lease = ops.lease(left.file);
  if (lease == Lease::busy) return Verdict::later;
  left.is_leased = lease == Lease::taken;
  auto stat = ops.stat(left.file);
  if (!stat) return tl::unexpected(stat.error());
  left.inode = stat->stat.fingerprint.ino;
  auto content = ops.read(left.file, options_.max_bytes_per_file);
  if (!content) return tl::unexpected(content.error());
  left.content = std::move(*content);
  left.digest = sha256(left.content);
  const store::Tables& tables = store_.tables;
  auto row = tables.files.get(project.id, waiting.file.path);
  if (!row) return tl::unexpected(row.error());
  left.row = std::move(*row);
  auto state = tables.states.get(project.id, waiting.file.path);
  if (!state) return tl::unexpected(state.error());
  left.state = std::move(*state);
  const SpecKey key = left.row ? left.row->spec : left.state ? left.state->spec : SpecKey{};
  auto spec = tables.specs.get(key);
  if (!spec) return tl::unexpected(spec.error());
  left.spec = std::move(*spec);

  if (waiting.file.place == StagingPlace::aside) {
    auto back = put_back(left, pusher);
    if (!back) return tl::unexpected(back.error());
    if (*back) return Verdict::returned;
  }
  auto known = is_known(left);
  if (!known) return tl::unexpected(known.error());
  if (!*known) return keep(left, pusher, waiting.since);
  if (left.is_leased && !ops.is_leased(left.file)) return Verdict::later;
  if (auto gone = remove_with_folders(left, ops); !gone) return tl::unexpected(gone.error());
  return Verdict::gone;
}

/// A deleted file that lay beside its place has kept its folder until now.
Result<> LeftOvers::remove_with_folders(const Case& left, FileOps& ops) {
  if (auto gone = ops.unlink(left.entry()); !gone) return gone;
  const bool is_deletion = left.folder && left.row && left.row->deleted_at;
  const std::string& path = left.staged.folder;
  if (!is_deletion || !left.spec || !path::is_within(path, left.spec->dir)) return {};
  auto of_spec = open_spec_folder(left.spec, ops);
  if (!of_spec) return tl::unexpected(of_spec.error());
  const auto below = path::below(path, left.spec->dir);
  return *of_spec && !below.empty() ? remove_empty_folders(ops, **of_spec, below) : Result<>();
}

/// What is still as we made it was written down before it was put, or never put and never promised.
/// Of all else, new and displaced contents need not be told apart: either way nothing is missed.
Result<bool> LeftOvers::is_known(const Case& left) const {
  if (StagingArea::is_as_made(left.staged.name, left.digest)) return true;
  if (left.state && left.state->base == left.digest) return true;
  if (left.row && left.row->content == left.content) return true;
  return store_.tables.versions.has(left.project.id, left.staged.path, left.digest);
}

/// Somebody's edit: it is in the database before anything else is done with it.
Result<LeftOvers::Verdict> LeftOvers::keep(const Case& left, Pusher& pusher, Since since) {
  if (auto kept = keep_text(left); !kept) return tl::unexpected(kept.error());
  // It was saved after ours was put there, or ours was never agreed on: it is the later one.
  if (since == Since::push || left.is_dirty()) {
    const auto ours = since == Since::push ? left.staged.ours : left.row_digest();
    auto back = ours ? exchange_back(left, *ours, pusher) : put_back(left, pusher);
    if (!back) return tl::unexpected(back.error());
    // Otherwise looking at the file makes the conflict.
    if (*back && !left.is_dirty()) {
      auto told =
          tell(left, ours ? store::ConflictKind::overwritten : store::ConflictKind::deleted_in_db);
      if (!told) return tl::unexpected(told.error());
    }
    if (*back) return Verdict::returned;
  }
  if (auto told = tell(left, store::ConflictKind::both_changed); !told)
    return tl::unexpected(told.error());
  if (left.is_leased && !pusher.ops().is_leased(left.file)) return Verdict::later;
  if (auto gone = pusher.ops().unlink(left.entry()); !gone) return tl::unexpected(gone.error());
  return Verdict::gone;
}

/// It has its name again. Nobody who saves waits for the disk.
Result<bool> LeftOvers::stands(const Case& left, const Handle& folder, FileOps& ops) {
  if (left.is_leased) ops.release(left.file);
  if (auto synced = ops.sync(folder); !synced) return tl::unexpected(synced.error());
  return true;
}

/// Where nothing is at the path.
Result<bool> LeftOvers::put_back(const Case& left, Pusher& pusher) {
  FileOps& ops = pusher.ops();
  auto folder = folder_again(left.spec, std::string(path::parent(left.staged.path)), ops);
  if (!folder) return tl::unexpected(folder.error());
  if (!*folder) return false;
  const std::string name(path::name(left.staged.path));
  const Entry target{**folder, name};
  auto moved = ops.rename(left.entry(), target);
  if (!moved && moved.error().os == EINVAL) {
    moved = ops.link(left.entry(), target);
    if (moved) moved = ops.unlink(left.entry());
  }
  if (!moved && moved.error().os == EEXIST) return false;
  if (!moved) return tl::unexpected(moved.error());
  return stands(left, **folder, ops);
}

/// Where the path has our text.
Result<bool> LeftOvers::exchange_back(const Case& left, const Digest& ours, Pusher& pusher) {
  FileOps& ops = pusher.ops();
  auto folder = ops.open_folder(std::string(path::parent(left.staged.path)));
  if (!folder && folder.error().code == Code::not_found) return false;
  if (!folder) return tl::unexpected(folder.error());
  const std::string name(path::name(left.staged.path));
  const Entry target{*folder, name};
  auto file = ops.open(target);
  if (!file) return false;
  auto attributes = ops.attributes(*file);
  if (!attributes) return tl::unexpected(attributes.error());
  auto theirs = ops.open(left.entry());
  if (!theirs) return tl::unexpected(theirs.error());
  Staged staged{.folder = left.in,
                .name = left.staged.name,
                .file = std::move(*theirs),
                .inode = left.inode,
                .is_leased = left.is_leased,
                .attributes = std::move(*attributes)};
  Replacer replacer(ops, options_.max_bytes_per_file);
  auto swapped = replacer.swap(staged, target, ours);
  if (!swapped) return tl::unexpected(swapped.error());
  if (swapped->what != Swap::done) return false;
  return stands(left, *folder, ops);
}

Result<> LeftOvers::keep_text(const Case& left) {
  auto tx = store_.begin(sqlite::Durability::full);
  if (!tx) return tl::unexpected(tx.error());
  const auto put = [&](std::string_view content, std::string_view origin) {
    return store_.tables.versions.put({.project = left.project.id,
                                       .path = left.staged.path,
                                       .spec = left.spec ? left.spec->key : SpecKey{},
                                       .content = content,
                                       .reason = store::Reason::displaced,
                                       .source = {origin, ""},
                                       .now = clock_.wall()});
  };
  // Ours, too: one of the two will not be what stands at the path.
  const bool is_row_ours = left.row_digest() && left.row_digest() == left.staged.ours;
  if (is_row_ours || (left.row_digest() && left.is_dirty())) {
    if (auto kept = put(left.row->content, "api"); !kept) return tl::unexpected(kept.error());
  }
  if (auto kept = put(left.content, "disk"); !kept) return tl::unexpected(kept.error());
  return tx->commit();
}

Result<> LeftOvers::tell(const Case& left, store::ConflictKind kind) {
  if (!left.spec) return {};
  auto tx = store_.begin(sqlite::Durability::full);
  if (!tx) return tl::unexpected(tx.error());
  store::Conflict conflict{.project = left.project.id,
                           .spec = left.spec->key,
                           .path = left.staged.path,
                           .kind = kind,
                           .last_synced_at = left.spec->last_synced_at,
                           .detected_at = clock_.wall()};
  if (left.state) conflict.base = left.state->previous_base;
  // What is not at the path is the text that was kept.
  const bool is_back = kind != store::ConflictKind::both_changed;
  conflict.disk = is_back ? std::optional(left.digest) : left.row_digest();
  conflict.row = is_back ? left.row_digest() : std::optional(left.digest);
  if (left.row) conflict.edit = left.row->edit;
  if (left.row) conflict.db_modified_at = left.row->modified_at;
  auto id = store_.tables.conflicts.add(conflict);
  if (!id) return tl::unexpected(id.error());
  Journal journal(store_.tables, left.project.id, {store::Trigger::startup, clock_.steady()},
                  clock_.wall(), clock_.steady());
  journal.add_conflict(*left.spec, *id, kind, left.staged.path);
  if (auto written = journal.write(); !written) return written;
  return tx->commit();
}

}  // namespace specd::sync
