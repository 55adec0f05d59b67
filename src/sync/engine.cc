#include "sync/engine.h"

#include <algorithm>

#include "base/log.h"
#include "base/memory.h"
#include "base/path.h"

namespace specd::sync {
namespace {

using std::chrono::milliseconds;

// The wall clock may be corrected by this much without anybody having slept.
constexpr milliseconds kClockJump{5'000};
constexpr int64_t kRescuedPerRound = 128;
constexpr milliseconds kBetweenPortions{100};

}  // namespace

Engine::Engine(store::Store& store, const Clock& clock, Random& random, Options options,
               Hooks hooks)
    : store_(store),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      hooks_(std::move(hooks)),
      crew_(std::max(0, options_.readers - 1)),
      disk_(clock, options_, crew_),
      workshop_{store_,
                disk_,
                crew_,
                clock_,
                random_,
                options_,
                hooks_.watch,
                hooks_.open_ops,
                [this] { return is_sound_; },
                [this] {
                  log_keeper_.expect();
                  hooks_.committed();
                },
                [this](ProjectId) { hooks_.restart_watcher(); },
                hooks_.progress,
                [this] {
                  last_sign_ = clock_.steady();
                  return is_stopping_.load();
                },
                latency_},
      last_sign_(clock.steady()),
      claims_(
          store, clock, options_, [this](ProjectId id) { return project(id); },
          [this] { workshop_.committed(); }),
      next_batch_(clock.steady() + options_.batch_every),
      is_sound_(!options_.is_after_crash),
      last_steady_(clock.steady()),
      last_wall_(clock.wall()),
      log_keeper_(store, options_.large_log) {}

void Engine::post(std::vector<Hint> hints) {
  if (queue_.put({std::move(hints), nullptr, clock_.steady()})) return;
  ++dropped_;
  has_dropped_ = true;
}

bool Engine::post(Task task) {
  return queue_.put({{}, std::move(task), clock_.steady()});
}

void Engine::notice_log(Lookout::Writer writer) {
  const bool is_others = writer == Lookout::Writer::others;
  auto& flag = is_others ? is_log_written_by_others_ : is_log_written_;
  // Should the queue be full, then a round is due anyway, and sees the flag.
  if (!flag.exchange(true)) (void)queue_.put({{}, nullptr, clock_.steady()});
}

void Engine::stop() {
  is_stopping_ = true;
  queue_.close();
}

EngineStatus Engine::status() const {
  EngineStatus status = [this] {
    MutexLock lock(mutex_);
    return status_;
  }();
  status.waiting_messages = queue_.size();
  status.dropped_messages = dropped_;
  const auto older = [&](SteadyTime at) {
    if (!status.oldest_unsynced || at < *status.oldest_unsynced) status.oldest_unsynced = at;
  };
  // What has come since it was written, and what a long round is at work on.
  if (const auto at = queue_.front([](const Message& message) { return message.posted; }))
    older(*at);
  if (const SteadyTime at = working_since_; at != SteadyTime::max()) older(at);
  return status;
}

void Engine::refresh(ProjectId id, const std::string& path) {
  ProjectSync* sync = project(id);
  if (sync != nullptr) (void)sync->refresh(path);  // what fails is kept by the project
}

void Engine::edit(ProjectId id, const EditRequest& request, SteadyTime deadline,
                  ProjectSync::EditDone done) {
  ProjectSync* sync = project(id);
  if (sync == nullptr) return done(fail(Code::not_found, "no such project"));
  sync->edit(request, deadline, std::move(done));
}

void Engine::create(ProjectId id, const NewSpecRequest& request, SteadyTime deadline,
                    const NewSpecDone& done) {
  ProjectSync* sync = project(id);
  if (sync == nullptr) return done(fail(Code::not_found, "no such project"));
  sync->create(request, deadline, done);
}

void Engine::restore(ProjectId id, const RevivalRequest& request, SteadyTime deadline,
                     const NewSpecDone& done) {
  ProjectSync* sync = project(id);
  if (sync == nullptr) return done(fail(Code::not_found, "no such project"));
  sync->restore(request, deadline, done);
}

void Engine::resolve(ProjectId id, const ResolutionRequest& request, SteadyTime deadline,
                     const ResolutionDone& done) {
  ProjectSync* sync = project(id);
  if (sync == nullptr) return done(fail(Code::not_found, "no such project"));
  sync->resolve(request, deadline, done);
}

Result<ProjectSync::Decided> Engine::decide_held(ProjectId id, Decision decision,
                                                 const std::string& actor) {
  ProjectSync* sync = project(id);
  if (sync == nullptr) return fail(Code::not_found, "no such project");
  auto decided = decision == Decision::confirm ? sync->confirm(actor) : sync->revert(actor);
  publish();
  return decided;
}

void Engine::set_fields(ProjectId id, const FieldsRequest& request, SteadyTime deadline,
                        const FieldsDone& done) {
  ProjectSync* sync = project(id);
  if (sync == nullptr) return done(fail(Code::not_found, "no such project"));
  sync->set_fields(request, deadline, done);
}

// ---- rounds

void Engine::run() {
  while (step(clock_.steady() + options_.batch_every)) {
  }
}

SteadyTime Engine::next_due(SteadyTime until) const {
  SteadyTime next = std::min(until, next_batch_);
  for (const auto& [id, project] : projects_) {
    if (const auto at = project->next()) next = std::min(next, *at);
  }
  for (const Waiter& waiter : waiters_) next = std::min(next, waiter.deadline);
  if (next_rescue_) next = std::min(next, *next_rescue_);
  if (const auto lease = claims_.next()) next = std::min(next, *lease);
  if (const auto look = lookout_.next()) next = std::min(next, *look);
  return next;
}

std::vector<Engine::Message> Engine::take_messages(SteadyTime until) {
  const SteadyTime due = next_due(until);
  return due <= clock_.steady() ? queue_.take_all() : queue_.take_all(due);
}

bool Engine::step(SteadyTime until) {
  for (Message& message : take_messages(until)) {
    if (!message.hints.empty()) working_since_ = std::min(working_since_.load(), message.posted);
    for (const Hint& hint : message.hints) {
      if (ProjectSync* sync = project(hint.project)) sync->take(hint, message.posted);
    }
    if (message.task) message.task(*this);
  }
  claims_.serve();
  if (has_dropped_.exchange(false)) {
    for (auto& [id, project] : projects_) project->want_scan(store::Trigger::file_watcher);
  }
  if (queue_.closed()) return false;
  last_sign_ = clock_.steady();
  check_clocks();
  const bool is_batch = clock_.steady() >= next_batch_;
  if (is_batch) batch();
  look_for_foreign_edits();
  claims_.expire();
  work();
  if (next_rescue_ && clock_.steady() >= *next_rescue_) compress_rescued();
  if (is_batch || !is_ready_) return_free_memory();  // a scan lists everything
  publish();
  serve_waiters();
  working_since_ = SteadyTime::max();
  check_ready();
  return true;
}

void Engine::look_everywhere() {
  for (auto& [id, project] : projects_) project->want_scan(store::Trigger::periodic);
}

// After a sleep, or when somebody set the clock, nobody knows what was missed.
void Engine::check_clocks() {
  const SteadyTime steady = clock_.steady();
  const WallTime wall = clock_.wall();
  const auto drift = (wall - last_wall_) -
                     std::chrono::duration_cast<std::chrono::microseconds>(steady - last_steady_);
  if (drift > kClockJump || drift < -kClockJump) {
    log::info("clock-jump", {{"ms", std::chrono::duration_cast<milliseconds>(drift).count()}});
    look_everywhere();
  }
  last_steady_ = steady;
  last_wall_ = wall;
}

void Engine::batch() {
  next_batch_ = clock_.steady() + options_.batch_every;
  if (const auto replaced = store_.replaced(); replaced && *replaced) {
    log::warn("database-replaced", {{"path", store_.path()}});
    hooks_.database_replaced();
    return;
  }
  if (!hooks_.probe_watcher()) {
    log::warn("watcher-stalled", {{"instead", "restarted"}});
    hooks_.restart_watcher();
  }
  if (hooks_.batch) hooks_.batch(*this);
  look_everywhere();
  maintain();
}

// What fails here is tried again, and is not lost: the batch compares all rows.
void Engine::look_for_foreign_edits() {
  using Writer = Lookout::Writer;
  const SteadyTime now = clock_.steady();
  if (is_log_written_.exchange(false)) lookout_.notice(Writer::perhaps_ours, now);
  if (is_log_written_by_others_.exchange(false)) lookout_.notice(Writer::others, now);
  const auto due = lookout_.next();
  if (!due || *due > now) return;
  const auto found = lookout_.look(store_, now);
  if (!found) return log::warn("look-failed", {{"error", found.error().message}});
  if (!*found) return;
  for (auto& [id, project] : projects_) project->expect_foreign_edits();
}

void Engine::work() {
  const SteadyTime now = clock_.steady();
  uint64_t failures = 0;
  for (auto& [id, project] : projects_) {
    const auto due = project->next();
    if (!due || *due > now) continue;
    // A project that fails waits by itself; the others go on.
    if (!project->work()) ++failures;
  }
  if (failures == 0) return;
  MutexLock lock(mutex_);
  status_.failures += failures;
}

// A portion at a time, and soon again where that was not all: a checkout leaves thousands.
void Engine::compress_rescued() {
  next_rescue_.reset();
  auto rescued = store_.tables.rescued.count();
  if (!rescued || *rescued == 0) return;
  auto tx = store_.begin();
  if (!tx) return;
  auto moved = store_.tables.rescued.move_to_versions(store_.tables.versions, kRescuedPerRound);
  auto done = moved ? tx->commit() : Result<>(tl::unexpected(moved.error()));
  if (!done) return log::warn("rescue-failed", {{"error", done.error().message}});
  log_keeper_.expect();
  if (*rescued > kRescuedPerRound) next_rescue_ = clock_.steady() + kBetweenPortions;
}

// What has time: contents that were put aside are compressed, old ones dropped, the log moved into
// the database.
void Engine::maintain() {
  log_keeper_.move();
  compress_rescued();
  auto tx = store_.begin();
  if (!tx) return;
  const WallTime now = clock_.wall();
  if (now >= next_retention_) {
    next_retention_ = now + std::chrono::hours(1);
    (void)store_.tables.versions.apply({}, now);
    (void)store_.tables.history.trim(now - options_.keep_history, options_.max_history);
    (void)store_.tables.events.trim(now - options_.keep_events, options_.max_events);
  }
  if (auto done = tx->commit(); !done)
    log::warn("maintenance-failed", {{"error", done.error().message}});
}

// ---- sync now

void Engine::sync_now(std::vector<ProjectId> projects, SteadyTime deadline,
                      std::function<void(std::vector<std::string>)> done) {
  if (projects.empty()) {
    for (const auto& [id, project] : projects_) projects.push_back(id);
  }
  std::vector<ProjectPath> places;
  for (ProjectId id : projects) {
    if (ProjectSync* sync = project(id)) {
      sync->want_scan(store::Trigger::manual);
      (void)sync->work();  // what fails is kept by the project, and the waiter waits for it
    }
    places.push_back({id, ""});
  }
  waiters_.push_back({std::move(places), deadline, std::move(done)});
}

void Engine::sync_paths(const std::vector<ProjectPath>& places, SteadyTime deadline,
                        std::function<void(Result<std::vector<std::string>>)> done) {
  std::vector<ProjectPath> known;
  for (const ProjectPath& place : places) {
    ProjectSync* sync = project(place.project);
    if (sync == nullptr) continue;
    const auto knows = sync->knows(place.path);
    if (!knows) return done(tl::unexpected(knows.error()));
    if (!*knows) continue;
    sync->take({place.project, Hint::What::subtree, place.path, {}}, clock_.steady());
    (void)sync->work();  // what fails is kept by the project, and the waiter waits for it
    known.push_back(place);
  }
  if (known.empty()) return done(fail(Code::not_found, "no project has a spec there"));
  waiters_.push_back({std::move(known), deadline, std::move(done)});
}

void Engine::serve_waiters() {
  const SteadyTime now = clock_.steady();
  std::vector<Waiter> waiting;
  for (Waiter& waiter : waiters_) {
    std::vector<std::string> left, reasons;
    for (const auto& [id, place] : waiter.places) {
      const ProjectSync* sync = project(id);
      if (sync == nullptr) continue;
      for (const std::string& path : sync->busy_files(place))
        left.push_back(printable_utf8(path) + ": being written");
      const ProjectStatus status = sync->status();
      const bool is_kept = status.state != store::ProjectState::held &&
                           status.state != store::ProjectState::missing &&
                           status.state != store::ProjectState::paused;
      if (!is_kept) reasons.push_back(status.slug + ": " + status.reason);
      if (sync->is_waiting_at(place) && left.empty())
        left.push_back(sync->project().slug + ": not everything was looked at");
    }
    if (!left.empty() && now < waiter.deadline) {
      waiting.push_back(std::move(waiter));
    } else {
      // What no waiting helps against.
      left.insert(left.end(), reasons.begin(), reasons.end());
      waiter.done(std::move(left));
    }
  }
  waiters_ = std::move(waiting);
}

void Engine::check_ready() {
  if (is_ready_) return;
  for (const auto& [id, project] : projects_) {
    if (!project->is_looked_at()) return;
  }
  is_ready_ = true;
  hooks_.ready();
}

void Engine::publish() {
  std::vector<ProjectStatus> projects;
  projects.reserve(projects_.size());
  for (const auto& [id, project] : projects_) projects.push_back(project->status());
  std::string failure = log_keeper_.alarm();
  std::optional<SteadyTime> oldest;
  for (const ProjectStatus& project : projects) {
    if (!project.failure.empty()) failure = project.slug + ": " + project.failure;
    if (project.oldest_unsynced && (!oldest || *project.oldest_unsynced < *oldest))
      oldest = project.oldest_unsynced;
  }
  MutexLock lock(mutex_);
  ++status_.rounds;
  status_.failure = std::move(failure);
  status_.projects = std::move(projects);
  status_.latency = latency_;
  status_.oldest_unsynced = oldest;
}

}  // namespace specd::sync
