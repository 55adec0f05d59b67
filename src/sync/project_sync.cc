#include "sync/project_sync.h"

#include <algorithm>

#include "base/json.h"
#include "base/log.h"
#include "base/path.h"

namespace specd::sync {
namespace {

// More files than this are brought in unit by unit, in one transaction, instead of one by one.
constexpr size_t kFewFiles = 4;
// Files of one transaction: long enough to be quick, short enough that a foreign writer is not kept
// waiting.
constexpr size_t kFilesPerRound = 512;
// And bytes, since two rounds are in memory at once.
constexpr int64_t kBytesPerRound = int64_t{4} << 20;
// A scan that has more to do tells how far it is.
constexpr size_t kManyUnits = 128;

}  // namespace

ProjectSync::ProjectSync(Workshop& workshop, store::Project project, std::unique_ptr<Fs> fs)
    : workshop_(workshop),
      project_(std::move(project)),
      fs_(std::move(fs)),
      scanner_(*fs_, workshop.options),
      puller_(workshop.store, workshop.disk, workshop.clock, workshop.random),
      identity_(workshop.store.tables, workshop.disk),
      pusher_(workshop.store, workshop.crew, workshop.clock, workshop.random, workshop.options,
              project_, std::string(path::parent(workshop.store.path()))),
      editor_(workshop.store, workshop.clock, workshop.options),
      left_overs_(workshop.store, workshop.clock, workshop.options),
      row_guard_(workshop.store.tables, project_.id, workshop.options.absence_grace) {}

Result<> ProjectSync::start(store::Trigger why) {
  (void)fs_->attach();  // the scan tells what is wrong with it
  attach_ops();
  read_config();
  resume_hold();
  // Both take a while, and have nothing to do with each other.
  Result<> loaded;
  Crew::Job loading = workshop_.crew.start(
      1, [&](size_t) { loaded = memory_.load(workshop_.store.tables, project_.id, config_); });
  // Watch first: what changes from now on is told, what changed before is found by the scan.
  workshop_.watch(project_, config_);
  loading.wait();
  if (!loaded) return loaded;
  want_scan(why);
  return {};
}

void ProjectSync::take(const Hint& hint, SteadyTime noticed) {
  if (is_paused()) return;  // resuming looks everywhere
  const bool is_file = hint.what == Hint::What::file || hint.what == Hint::What::open_file;
  // Litter of editors, and whatever else is no spec's: it must not delay the save that it is for.
  if (is_file && !spec::is_project_config(hint.path) && !spec::unit_of(config_, hint.path)) return;
  agenda_.take(hint, noticed);
}

std::optional<SteadyTime> ProjectSync::next() const {
  if (is_paused()) return std::nullopt;
  auto due = agenda_.has_work_now() ? not_before_ : agenda_.next_later();
  // What waits to be pushed is not held up by the hints that our own pushes cause.
  if (const auto push = next_push(); push && (!due || *push < *due)) due = push;
  return due ? std::optional(std::max(*due, blocked_until_)) : std::nullopt;
}

void ProjectSync::committed(const Cause& cause, size_t changes) {
  if (cause.trigger == store::Trigger::file_watcher) {
    const auto took = workshop_.clock.steady() - cause.began;
    workshop_.latency.observe(std::chrono::duration_cast<Histogram::Duration>(took),
                              std::max<size_t>(changes, 1));
  }
  workshop_.committed();
}

// Hints are kept, and tried again a little later each time: a foreign writer in the way, a full
// disk, a folder that cannot be listed.
void ProjectSync::failed(const Error& error) {
  constexpr std::chrono::milliseconds longest{5'000};
  const auto wait =
      std::min(std::chrono::milliseconds(2) * (1 << std::min(failures_in_row_, 12)), longest);
  blocked_until_ = workshop_.clock.steady() + wait;
  ++failures_in_row_;
  if (failures_in_row_ == 1 || error.message != failure_) {
    log::warn("sync-failed", {{"project", project_.slug}, {"error", error.message}});
  }
  failure_ = error.message;
}

void ProjectSync::succeeded() {
  if (failures_in_row_ == 0) return;
  log::info("sync-recovered", {{"project", project_.slug}});
  failures_in_row_ = 0;
  failure_.clear();
}

Result<> ProjectSync::work() {
  if (is_paused()) return {};
  const SteadyTime now = workshop_.clock.steady();
  const std::vector<std::string> due_absent = agenda_.take_due(now);
  Agenda doing;
  std::swap(doing.done_files, agenda_.done_files);
  std::swap(doing.open_files, agenda_.open_files);
  std::swap(doing.unsure_files, agenda_.unsure_files);
  std::swap(doing.subtrees, agenda_.subtrees);
  std::swap(doing.moves, agenda_.moves);
  std::swap(doing.scan, agenda_.scan);
  std::swap(doing.first_hint, agenda_.first_hint);
  const Cause cause{store::Trigger::file_watcher, doing.first_hint.value_or(now)};

  const auto do_all = [&]() -> Result<> {
    if (auto done = settle_left_overs(); !done) return done;
    if (auto done = take_foreign_edits(doing); !done) return done;
    if (auto done = do_moves(doing.moves, cause); !done) return done;
    doing.moves.clear();
    // First what was told, so that a scan finds only what was not.
    if (auto done = look(doing, cause); !done) return done;
    if (doing.scan) {
      const bool is_asked =
          *doing.scan == store::Trigger::startup || *doing.scan == store::Trigger::manual;
      auto done = scan({.all = is_asked}, {*doing.scan, cause.began});
      if (!done) return done;
      doing.scan.reset();
      // What kept files from being written may be over, and somebody waits for them.
      if (is_asked) {
        backoff_ = {};
        has_to_push_ = true;
      }
    }
    if (auto believed = believe_absent(due_absent, cause); !believed) return believed;
    return push_due();
  };
  auto done = do_all();
  if (!done) {
    agenda_.put_back(std::move(doing));
    for (const std::string& path : due_absent) agenda_.expect_return(path, now);
  }
  if (!edits_.empty()) serve_edits();
  count_pending();
  const SteadyTime ended = workshop_.clock.steady();
  not_before_ = ended + std::clamp<SteadyTime::duration>(ended - now, workshop_.options.coalesce,
                                                         workshop_.options.coalesce_at_most);
  if (done) succeeded();
  if (!done && !workshop_.is_stopping()) failed(done.error());
  return done;
}

Result<> ProjectSync::refresh(const std::string& path) {
  if (!spec::unit_of(config_, path)) return {};
  const auto stat = fs_->stat(path);
  if (!stat || stat->kind != FileKind::regular) return {};
  auto state = workshop_.store.tables.states.get(project_.id, path);
  if (!state) return tl::unexpected(state.error());
  if (*state && (*state)->fingerprint == stat->fingerprint) return {};
  agenda_.unsure_files.insert(path);
  return work();
}

Result<bool> ProjectSync::knows(const std::string& path) const {
  if (path.empty()) return true;
  const store::Tables& tables = workshop_.store.tables;
  auto specs = tables.specs.live_below(project_.id, path);
  if (!specs) return tl::unexpected(specs.error());
  if (!specs->empty()) return true;
  auto state = tables.states.get(project_.id, path);
  if (!state) return tl::unexpected(state.error());
  if (*state) return true;
  return spec::unit_of(config_, path) && fs_->stat(path).has_value();
}

// ---- moves

Result<> ProjectSync::do_moves(const std::vector<std::pair<std::string, std::string>>& moves,
                               const Cause& cause) {
  for (const auto& [from, to] : moves) {
    if (auto done = do_move(from, to, cause); !done) return done;
  }
  return {};
}

Result<> ProjectSync::do_move(const std::string& from, const std::string& to, const Cause& cause) {
  // Wherever it leads, both places have to be looked at.
  agenda_.take({project_.id, Hint::What::subtree, from, {}}, cause.began);
  agenda_.take({project_.id, Hint::What::subtree, to, {}}, cause.began);
  const auto from_unit = spec::unit_of(config_, from);
  const auto to_unit = spec::unit_of(config_, to);
  if (!from_unit || !to_unit) return {};
  auto listing = scanner_.list(config_, *to_unit);
  if (!listing) return {};  // moved on already
  auto specs = workshop_.store.tables.specs.live_below(project_.id, from);
  if (!specs) return tl::unexpected(specs.error());
  std::vector<store::SpecMove> spec_moves;
  std::vector<std::pair<std::string, std::string>> folders;
  for (const store::Spec& spec : *specs) {
    const std::string dir = path::join(to, path::below(spec.dir, from));
    for (const spec::FoundSpec& found : find_specs(view(), *listing)) {
      const bool is_capability = spec.kind == spec::Kind::capability;
      if (found.dir != dir || is_capability != (found.kind == spec::Kind::capability)) continue;
      spec_moves.push_back({spec.key, found.kind, found.id, found.change_id, found.dir});
      folders.emplace_back(spec.dir, found.dir);
    }
  }
  if (spec_moves.empty()) return {};
  auto moved = puller_.move_specs(view(), spec_moves, cause);
  if (!moved) return tl::unexpected(moved.error());
  if (!*moved) {
    // Something of ours is still where it went: two moves seen as one. A complete listing sorts it
    // out.
    agenda_.want_scan(store::Trigger::file_watcher, cause.began);
    return {};
  }
  left_overs_.follow(folders);
  has_foreign_edits_ = true;
  committed(cause, spec_moves.size());
  memory_.expect(to_unit->dir);
  return forget_if_empty(from);
}

// ---- looking at what was hinted at

Result<> ProjectSync::look(Agenda& now, const Cause& cause) {
  std::set<std::string> units;
  std::set<std::string> done_files = now.done_files;
  done_files.insert(now.open_files.begin(), now.open_files.end());
  std::set<std::string> files = done_files;
  files.insert(now.unsure_files.begin(), now.unsure_files.end());
  const bool one_by_one = files.size() <= kFewFiles;
  for (const std::string& path : files) {
    if (spec::is_project_config(path)) {
      if (auto done = reload_config(); !done) return done;
      agenda_.want_scan(store::Trigger::file_watcher, cause.began);
    }
    const auto unit = spec::unit_of(config_, path);
    if (!unit) {
      agenda_.settle(path);
      continue;
    }
    memory_.touch(unit->dir);
    if (one_by_one) {
      Outcome outcome;
      auto done = puller_.pull_file(view(), path, done_files.contains(path), cause, outcome);
      if (!done) return tl::unexpected(done.error());
      if (*done) {
        if (outcome.busy.empty()) agenda_.settle(path);
        if (outcome.is_written) committed(cause, outcome.pulled);
        keep_for_later(outcome);
        continue;
      }
    }
    units.insert(unit->dir);
  }
  for (const std::string& path : now.subtrees) {
    if (spec::is_project_config(path) || path.empty()) {
      if (auto done = reload_config(); !done) return done;
    }
    if (const auto unit = spec::unit_of(config_, path)) {
      units.insert(unit->dir);
    } else {
      // Something that units lie in came or went, or the whole project is to be looked at.
      agenda_.want_scan(store::Trigger::file_watcher, cause.began);
    }
  }
  return look_at_units(units, done_files, Absence::wait, cause);
}

Result<> ProjectSync::look_at_units(const std::set<std::string>& units,
                                    const std::set<std::string>& done, Absence absence,
                                    const Cause& cause) {
  std::vector<UnitWork> work;
  std::vector<UnitListing> appeared;
  bool is_anybody_away = false, is_place_taken = false;
  for (const std::string& dir : units) {
    const auto unit = spec::unit_of(config_, dir);
    if (!unit) continue;
    auto listing = scanner_.list(config_, *unit);
    if (listing) {
      auto residents = workshop_.store.tables.specs.live_below(project_.id, dir);
      if (!residents) return tl::unexpected(residents.error());
      for (const store::Spec& resident : *residents) {
        if (is_at_home(resident, *listing)) continue;
        is_anybody_away = true;
        is_place_taken = is_place_taken || listing->folder(resident.dir) != nullptr;
      }
      if (has_newcomer(find_specs(view(), *listing), *residents)) appeared.push_back(*listing);
      if (!is_place_taken) agenda_.absent.erase(dir);
      work.push_back({std::move(*listing), {}});
    } else if (listing.error().code == Code::not_found) {
      newborn_.erase(dir);
      if (memory_.is_known(dir)) expect_return(dir);
    } else {
      list_again_later(dir, listing.error());
    }
  }
  // What has just vanished elsewhere may be what appeared here: only a complete listing tells.
  if (is_place_taken) return scan({}, cause);
  if (!appeared.empty()) {
    auto may_be_known = is_absence_known(appeared);
    if (!may_be_known) return tl::unexpected(may_be_known.error());
    if (is_anybody_away || *may_be_known) return scan({}, cause);
    auto recognised = identity_.recognise(view(), {}, appeared);
    if (!recognised) return tl::unexpected(recognised.error());
    for (UnitWork& unit : work) unit.claims = recognised->revived;
    std::erase_if(
        work, [&](const UnitWork& unit) { return must_wait(unit.listing, recognised->undecided); });
  }
  return pull(std::move(work), done, {.files = absence}, cause);
}

// Whether a live spec may be what appeared: one that is missing, or one whose folder this is,
// though nobody has told yet that it left.
Result<bool> ProjectSync::is_absence_known(const std::vector<UnitListing>& appeared) {
  if (!held_gone_.empty()) return true;
  for (const UnitListing& listing : appeared) {
    for (const spec::FoundSpec& found : find_specs(view(), listing)) {
      const Fingerprint* folder = listing.folder(found.dir);
      if (folder == nullptr) continue;
      auto has =
          workshop_.store.tables.specs.has_live_folder(project_.id, folder->dev, folder->ino);
      if (!has) return has;
      // At home it is no newcomer.
      auto resident = workshop_.store.tables.specs.live_at(project_.id, found.dir);
      if (!resident) return tl::unexpected(resident.error());
      if (*has && !(*resident && is_at_home(**resident, listing))) return true;
    }
  }
  for (const auto& [path, at] : agenda_.absent) {
    if (memory_.is_known(path)) return true;
    auto spec = workshop_.store.tables.specs.live_at(project_.id, path);
    if (!spec) return tl::unexpected(spec.error());
    if (*spec) return true;
  }
  return false;
}

// A spec that git brings back is a folder first and its files later. As long as the folder is young
// and might become a spec that was deleted, it is not made a new one.
bool ProjectSync::must_wait(const UnitListing& listing, const std::set<std::string>& undecided) {
  const std::string& dir = listing.unit.dir;
  const auto first = undecided.lower_bound(dir);
  if (first == undecided.end() || !path::is_within(*first, dir)) {
    newborn_.erase(dir);
    return false;
  }
  const SteadyTime now = workshop_.clock.steady();
  const auto [born, is_first] = newborn_.try_emplace(dir, now);
  const SteadyTime until = born->second + workshop_.options.absence_grace;
  if (now >= until) {
    newborn_.erase(dir);
    return false;
  }
  agenda_.expect_return(dir, until);
  return true;
}

Result<> ProjectSync::believe_absent(const std::vector<std::string>& paths, const Cause& cause) {
  std::set<std::string> units, gone;
  for (const std::string& path : paths) {
    if (held_gone_.contains(path)) continue;  // until a scan says otherwise
    auto spec = workshop_.store.tables.specs.live_at(project_.id, path);
    if (!spec) return tl::unexpected(spec.error());
    if (*spec) {
      gone.insert(path);
      continue;
    }
    const auto unit = spec::unit_of(config_, path);
    const std::string& dir = unit ? unit->dir : path;
    const auto stat = fs_->stat(dir);
    const bool is_there = unit && stat && stat->kind == FileKind::directory;
    (is_there ? units : gone).insert(dir);
  }
  if (auto done = look_at_units(units, {}, Absence::believe, cause); !done) return done;
  // A whole spec is gone only by a complete listing of everywhere that it could have gone to.
  if (gone.empty()) return {};
  return scan({.dirs = std::move(gone)}, cause);
}

std::vector<UnitWork> ProjectSync::take_round(std::vector<UnitWork>& units, size_t& at) {
  std::vector<UnitWork> round;
  int64_t bytes = 0;
  for (size_t files = 0; at < units.size() && files < kFilesPerRound && bytes < kBytesPerRound;
       ++at) {
    files += units[at].listing.files.size() + 1;
    for (const DiskFile& file : units[at].listing.files) bytes += file.fingerprint.size;
    round.push_back(std::move(units[at]));
  }
  return round;
}

// While one round is written, the files of the next are read.
Result<> ProjectSync::pull(std::vector<UnitWork> units, const std::set<std::string>& done,
                           const Absences& absences, const Cause& cause) {
  std::optional<Round> reading;
  for (size_t at = 0; at < units.size();) {
    if (workshop_.is_stopping()) return fail(Code::busy, "stopping");
    Round next{.units = take_round(units, at), .pull = {}};
    auto started = puller_.start(view(), next.units, done);
    if (!started) return tl::unexpected(started.error());
    next.pull = std::move(*started);
    if (reading) {
      if (auto finished = finish(std::move(*reading), absences, cause); !finished) return finished;
    }
    reading = std::move(next);
  }
  return reading ? finish(std::move(*reading), absences, cause) : Result<>();
}

Result<> ProjectSync::finish(Round round, const Absences& absences, const Cause& cause) {
  auto outcome = puller_.finish(view(), std::move(round.pull), absences, cause);
  if (!outcome) return tl::unexpected(outcome.error());
  const std::set<std::string> busy(outcome->busy.begin(), outcome->busy.end());
  for (const UnitWork& unit : round.units) {
    agenda_.settle(unit.listing.unit.dir);
    for (const DiskFile& file : unit.listing.files) {
      if (!busy.contains(file.path)) agenda_.settle(file.path);
    }
  }
  if (outcome->is_written) committed(cause, outcome->pulled);
  keep_for_later(*outcome);
  if (auto done = remember(round.units); !done) return done;
  units_done_ += round.units.size();
  if (units_to_do_ > kManyUnits) workshop_.progress(units_done_, units_to_do_);
  return {};
}

Result<> ProjectSync::remember(const std::vector<UnitWork>& units) {
  auto snapshot = workshop_.store.snapshot();
  if (!snapshot) return tl::unexpected(snapshot.error());
  for (const UnitWork& unit : units) {
    auto remembered = memory_.remember(workshop_.store.tables, project_.id, unit.listing);
    if (!remembered) return tl::unexpected(remembered.error());
  }
  return {};
}

void ProjectSync::keep_for_later(const Outcome& outcome) {
  const SteadyTime now = workshop_.clock.steady();
  for (const std::string& path : outcome.busy) agenda_.retry(path, now);
  for (const std::string& path : outcome.absent) expect_return(path);
  for (const std::string& path : outcome.to_push) backoff_.hurry(path, now);
  if (!outcome.to_push.empty()) has_to_push_ = true;
  if (outcome.has_newcomers) has_foreign_edits_ = true;
  pulled_ += outcome.pulled;
  if (outcome.is_retry) agenda_.want_scan(store::Trigger::file_watcher, now);
}

void ProjectSync::list_again_later(const std::string& unit_dir, const Error& error) {
  if (!agenda_.tries.contains(unit_dir))
    log::warn("list-failed", {{"project", project_.slug}, {"error", error.message}});
  agenda_.retry(unit_dir, workshop_.clock.steady());
}

// A unit is known for as long as a live spec is in it: whatever is still to be deleted there must
// be missed again.
Result<> ProjectSync::forget_if_empty(const std::string& spec_dir) {
  const auto unit = spec::unit_of(config_, spec_dir);
  if (!unit) return {};
  auto specs = workshop_.store.tables.specs.live_below(project_.id, unit->dir);
  if (!specs) return tl::unexpected(specs.error());
  if (specs->empty()) memory_.forget(unit->dir);
  return {};
}

void ProjectSync::expect_return(const std::string& path) {
  agenda_.expect_return(path, workshop_.clock.steady() + workshop_.options.absence_grace);
}

void ProjectSync::read_config() {
  Scanner::Config read = scanner_.read_config(project_.layout);
  config_ = std::move(read.config);
  config_digest_ = read.digest.hex();
}

Result<> ProjectSync::reload_config() {
  const std::string before = config_digest_;
  read_config();
  if (config_digest_ == before) return {};
  workshop_.watch(project_, config_);
  return memory_.load(workshop_.store.tables, project_.id, config_);
}

// ---- what a person says about it

Result<> ProjectSync::change_setting(const std::string& name, Value value) {
  Value settings = json::parse(project_.settings).value_or(Value{});
  settings.kind = Value::Kind::map;
  std::erase_if(settings.entries, [&](const auto& entry) { return entry.first == name; });
  settings.entries.emplace_back(name, std::move(value));
  std::string text = json::dump(settings);
  auto tx = workshop_.store.begin();
  if (!tx) return tl::unexpected(tx.error());
  auto set = workshop_.store.tables.projects.set_settings(project_.id, text);
  if (!set) return set;
  if (auto done = tx->commit(); !done) return done;
  project_.settings = std::move(text);
  return {};
}

std::string ProjectSync::why_read_only() const {
  if (!read_only_.empty()) return read_only_;
  if (workshop_.options.read_only) return "read-only, as the daemon was told";
  const auto settings = json::parse(project_.settings);
  const Value* setting = settings ? settings->find("read_only") : nullptr;
  return setting != nullptr && setting->text == "true" ? "read-only, as its settings say" : "";
}

Result<> ProjectSync::set_read_only_by_settings(bool is_read_only) {
  auto done = change_setting(
      "read_only", {.kind = Value::Kind::scalar, .text = is_read_only ? "true" : "false"});
  if (!done) return done;
  const std::string why = why_read_only();
  // Any other state says more; it will become this one.
  const bool is_plain =
      project_.state == store::ProjectState::ok || project_.state == store::ProjectState::read_only;
  if (!is_plain) return {};
  return set_state(why.empty() ? store::ProjectState::ok : store::ProjectState::read_only, why);
}

Result<> ProjectSync::pause() {
  agenda_ = {};
  auto set = set_state(store::ProjectState::paused, "paused; resume it to go on");
  if (set) serve_edits();
  return set;
}

Result<> ProjectSync::resume() {
  if (!is_paused()) return {};
  if (auto done = set_state(store::ProjectState::ok, ""); !done) return done;
  // Perhaps its folder was not there when it was watched, or is another one by now.
  (void)fs_->attach();
  attach_ops();
  read_config();
  workshop_.watch(project_, config_);
  want_scan(store::Trigger::manual);
  return {};
}

// ---- telling

ProjectStatus ProjectSync::status() const {
  ProjectStatus status;
  status.id = project_.id;
  status.slug = project_.slug;
  status.root = project_.root;
  status.state = project_.state;
  status.reason = project_.state_reason;
  status.held = held_;
  status.specs = memory_.size();
  status.busy = agenda_.busy.size();
  status.waiting = agenda_.done_files.size() + agenda_.open_files.size() + agenda_.subtrees.size() +
                   agenda_.moves.size() + (agenda_.scan ? 1 : 0) + agenda_.busy.size() +
                   agenda_.absent.size();
  status.pending_pushes = pending_pushes_;
  status.failure = failure_.empty() ? unlisted_ : failure_;
  status.scans = scans_;
  status.scans_by_cause = scans_by_cause_;
  status.oldest_unsynced = agenda_.oldest(workshop_.options.absence_grace);
  status.missed_by_watcher = missed_by_watcher_;
  status.last_scan_at = last_scan_at_;
  return status;
}

std::vector<std::string> ProjectSync::busy_files(const std::string& path) const {
  std::vector<std::string> paths;
  for (const auto& [busy, at] : agenda_.busy) {
    if (path::is_within(busy, path)) paths.push_back(busy);
  }
  return paths;
}

}  // namespace specd::sync
