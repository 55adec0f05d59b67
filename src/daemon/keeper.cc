#include "daemon/keeper.h"

#include <algorithm>

#include "base/fold.h"
#include "base/fs_posix.h"
#include "base/log.h"
#include "base/path.h"
#include "daemon/places.h"
#include "daemon/roots.h"
#include "sync/interest.h"

namespace specd::daemon {
namespace {

watch::Depth to_depth(sync::Interest interest) {
  switch (interest) {
    case sync::Interest::none:
      return watch::Depth::none;
    case sync::Interest::entries:
      return watch::Depth::entries;
    case sync::Interest::full:
      return watch::Depth::full;
  }
  return watch::Depth::none;
}

std::string boot_id() {
  return read_text_file("/proc/sys/kernel/random/boot_id").value_or("");
}

void tell(const store::OpenReport& report) {
  if (!report.set_aside.empty()) {
    log::error("database-corrupt", {{"problem", report.problem}, {"set_aside", report.set_aside}});
    log::warn("database-rebuilt",
              {{"from", "the files"},
               {"lost",
                "statuses set by people, history, kept versions; they are in the file set aside"}});
  }
  if (report.migrated_from != 0) log::info("database-migrated", {{"from", report.migrated_from}});
  if (report.unclean) log::info("unclean-stop", {{"check", "runs beside serving"}});
}

}  // namespace

std::string slug_of(const std::string& root) {
  std::string slug;
  for (const char c : without_marks(path::name(root))) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (is_plain) {
      slug += c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.empty() ? "project" : slug;
}

Keeper::Keeper(const KeeperOptions& options, Events events, FolderLock lock)
    : options_(options), events_(std::move(events)), lock_(std::move(lock)) {}

Result<std::unique_ptr<Keeper>> Keeper::open(const KeeperOptions& options, Events events) {
  const std::string folder(path::parent(store::database_path(options.state_folder)));
  if (auto made = make_private_folder(folder); !made)
    return fail(made.error().code,
                made.error().message + "; choose another place for the database with --db FILE");
  auto lock = FolderLock::take(folder);
  if (!lock) {
    if (lock.error().code != Code::busy) return tl::unexpected(lock.error());
    return fail(Code::busy, lock.error().message +
                                ". Give that one the project (`specd add FOLDER`), or stop it, or "
                                "use another database with --db");
  }
  std::unique_ptr<Keeper> keeper(new Keeper(options, std::move(events), std::move(*lock)));
  if (auto done = keeper->set_up(); !done) {
    // It has marked its database as in use.
    if (keeper->store_) (void)keeper->store_->close();
    return tl::unexpected(done.error());
  }
  return keeper;
}

Result<> Keeper::set_up() {
  auto opened = store::Store::open(
      {.folder = options_.state_folder, .now = system_clock().wall(), .boot_id = boot_id()});
  if (!opened) return tl::unexpected(opened.error());
  tell(opened->report);
  is_check_due_ = opened->report.unclean;
  store_ = std::move(opened->store);
  auto search = store::Search::open(options_.state_folder);
  if (!search) return tl::unexpected(search.error());
  search_ = std::move(*search);

  const std::string folder(path::parent(store::database_path(options_.state_folder)));
  const std::string runtime = options_.runtime_folder.empty() ? folder : options_.runtime_folder;
  const std::string probe = runtime + "/probe";
  auto made = make_private_folder(runtime);
  if (made) made = make_private_folder(probe);
  if (!made)
    return fail(made.error().code,
                made.error().message + "; set XDG_RUNTIME_DIR to a folder of your own");
  watcher_ = watch::best_watcher(
      [this](std::vector<Hint> hints) { engine_->post(std::move(hints)); }, system_clock(),
      {.probe_folder = probe, .always_poll = options_.always_poll});
  sync::Options sync = options_.sync;
  sync.is_after_crash = is_check_due_;
  engine_ = std::make_unique<sync::Engine>(*store_, system_clock(), random_, sync, hooks());
  return {};
}

sync::Hooks Keeper::hooks() {
  sync::Hooks hooks;
  hooks.open_fs = [](const std::string& root) { return posix_fs(root); };
  hooks.open_ops = posix_file_ops;
  hooks.watch = [this](const store::Project& project, const spec::ProjectConfig& config) {
    watch(project, config);
  };
  hooks.unwatch = [this](ProjectId project) {
    watcher_->unwatch(project);
    root_locks_.erase(project);
  };
  hooks.probe_watcher = [this] { return watcher_->probe(); };
  hooks.restart_watcher = [this] { watcher_->restart(); };
  hooks.batch = [this](sync::Engine& engine) { take_up_awaited(engine); };
  // The first scan's rows come before their index.
  hooks.committed = [this] {
    events_.committed();
    if (is_ready_) search_->notify();
  };
  hooks.ready = [this] {
    is_ready_ = true;
    search_->notify();
    events_.ready();
  };
  hooks.progress = events_.progress;
  hooks.database_replaced = events_.database_replaced;
  return hooks;
}

void Keeper::watch(const store::Project& project, const spec::ProjectConfig& config) {
  lock_root(project);
  auto filter = [config](std::string_view dir) { return to_depth(sync::interest_in(config, dir)); };
  if (auto watched = watcher_->watch(project.id, project.root, std::move(filter)); !watched) {
    log::warn("watch-failed", {{"project", project.slug}, {"error", watched.error().message}});
  }
}

// Two daemons with different databases may keep one project; only the first may write to its files.
void Keeper::lock_root(const store::Project& project) {
  if (root_locks_.contains(project.id)) return;
  sync::ProjectSync* sync = engine_->project(project.id);
  auto lock = FolderLock::take(project.root);
  if (lock) {
    root_locks_.emplace(project.id, std::move(*lock));
    if (sync != nullptr) sync->set_read_only("");
  } else if (lock.error().code == Code::busy) {
    log::warn("project-read-only", {{"project", project.slug}, {"because", lock.error().message}});
    if (sync != nullptr)
      sync->set_read_only("another daemon keeps this project: " + lock.error().message);
  }
}

// Where it cannot be watched, the batch finds what clients edit.
void Keeper::watch_log() {
  using Writer = sync::Lookout::Writer;
  auto watched = watch::LogWatch::start(
      store_->log_path(), {.own_writes = [this] { return store_->own_writes(); },
                           .written_by_others = [this] { engine_->notice_log(Writer::others); },
                           .written = [this] { engine_->notice_log(Writer::perhaps_ours); }});
  if (watched) {
    log_watch_ = std::move(*watched);
  } else {
    log::warn("watch-failed", {{"error", watched.error().message},
                               {"instead", "foreign edits wait for the batch"}});
  }
}

// Beside serving, on a reader: what a damaged database says must not be written to files.
void Keeper::check_after_unclean_stop() {
  check_thread_ = Thread("check", [this] {
    auto reader = open_reader();
    if (!reader) return;
    const auto found = (*reader)->quick_check();
    if (found && found->empty()) {
      (void)engine_->post([](sync::Engine& engine) { engine.set_sound(); });
      return;
    }
    const std::string what = found ? found->front() : found.error().message;
    log::error("database-damaged",
               {{"found", what}, {"instead", "no file is written"}, {"do", "specd doctor"}});
  });
}

Result<std::vector<Error>> Keeper::take_up(const std::vector<std::string>& roots) {
  std::vector<Error> refused;
  if (auto started = engine_->start(); !started) return tl::unexpected(started.error());
  for (const std::string& root : roots) {
    auto added = engine_->add_project(root, slug_of(root));
    if (!added) refused.push_back(added.error());
  }
  return refused;
}

void Keeper::take_up_awaited(sync::Engine& engine) {
  std::erase_if(awaited_, [&](const std::string& folder) {
    const auto root = settle_root(folder, {.state = options_.state_folder, .runtime = {}});
    if (!root) return false;
    const auto added = engine.add_project(*root, slug_of(*root), sync::Engine::SlugFrom::folder,
                                          store::Trigger::periodic);
    if (added) log::info("project-kept", {{"project", added->slug}, {"root", added->root}});
    return added.has_value();
  });
}

void Keeper::start() {
  search_->start();
  watch_log();
  sync_thread_ = Thread("sync", [this] { engine_->run(); });
  if (is_check_due_) check_after_unclean_stop();
}

void Keeper::stop() {
  log_watch_.reset();
  engine_->stop();
  sync_thread_.join();
  check_thread_.join();
  search_->stop();
  if (auto closed = store_->close(); !closed)
    log::warn("close-failed", {{"error", closed.error().message}});
}

Keeper::~Keeper() {
  log_watch_.reset();
  watcher_.reset();
}

Result<sync::VerifyReport> Keeper::verify(const store::Project& project) const {
  auto reader = open_reader();
  if (!reader) return tl::unexpected(reader.error());
  const auto fs = posix_fs(project.root);
  return sync::verify(*fs, **reader, project, options_.sync);
}

}  // namespace specd::daemon
