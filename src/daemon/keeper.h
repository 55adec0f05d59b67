#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/thread.h"
#include "daemon/lock.h"
#include "store/search.h"
#include "store/store.h"
#include "sync/engine.h"
#include "sync/verify.h"
#include "watch/log_watch.h"
#include "watch/watcher.h"

namespace specd::daemon {

/// What a project in this folder is called where nobody says otherwise: its name in lower case
/// without accents, digits and hyphens.
[[nodiscard]] std::string slug_of(const std::string& root);

struct KeeperOptions {
  std::string state_folder;    ///< or a database file: see store::database_path
  std::string runtime_folder;  ///< for what lives as long as a daemon; empty: the state folder
  bool always_poll = false;
  sync::Options sync{};
};

/// Everything between the disk and the database: store, watcher, engine, search, each on its
/// thread. It serves nobody; see app.h. Made, used and destroyed by the main thread, but for what
/// is said to be for any thread.
class Keeper {
 public:
  struct Events {
    std::function<void()> committed;          ///< sync thread: there may be new events
    std::function<void()> ready;              ///< sync thread, once: every project was looked at
    std::function<void()> database_replaced;  ///< sync thread: stop, and make another Keeper
    std::function<void(size_t done, size_t of)> progress;  ///< sync thread: units of a long scan
  };

  /// Takes the lock of the state folder, opens the database, takes up its projects. `busy` if
  /// another daemon has it.
  [[nodiscard]] static Result<std::unique_ptr<Keeper>> open(const KeeperOptions& options,
                                                            Events events);
  ~Keeper();

  /// Takes up the projects of the database, and registers these folders (absolute paths); why some
  /// of them cannot be kept is returned, for people. Once, before `start`.
  [[nodiscard]] Result<std::vector<Error>> take_up(const std::vector<std::string>& roots);
  /// These folders may become projects: each batch looks whether they can be kept by now. Once,
  /// before `start`.
  void await(std::vector<std::string> folders) { awaited_ = std::move(folders); }
  /// Begins to work.
  void start();
  /// Ends the round that is running, writes everything down, and says in the database that it was a
  /// clean stop.
  void stop();

  // ---- any thread
  [[nodiscard]] sync::Engine& engine() { return *engine_; }
  [[nodiscard]] watch::Watcher& watcher() { return *watcher_; }
  [[nodiscard]] const store::Search& search() const { return *search_; }
  [[nodiscard]] const std::string& state_folder() const { return options_.state_folder; }
  [[nodiscard]] Result<std::unique_ptr<store::Reader>> open_reader() const {
    return store::Reader::open(options_.state_folder);
  }
  [[nodiscard]] const store::RecentEvents& recent_events() const { return store_->recent_events(); }
  [[nodiscard]] Result<std::unique_ptr<store::SearchReader>> open_search() const {
    return store::SearchReader::open(options_.state_folder);
  }
  [[nodiscard]] Result<sync::VerifyReport> verify(const store::Project& project) const;

 private:
  Keeper(const KeeperOptions& options, Events events, FolderLock lock);
  Result<> set_up();
  [[nodiscard]] sync::Hooks hooks();
  void watch(const store::Project& project, const spec::ProjectConfig& config);
  void lock_root(const store::Project& project);
  void take_up_awaited(sync::Engine& engine);
  void watch_log();
  void check_after_unclean_stop();

  const KeeperOptions options_;
  const Events events_;
  const FolderLock lock_;
  SystemRandom random_;

  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Search> search_;
  std::unique_ptr<watch::Watcher> watcher_;
  std::unique_ptr<sync::Engine> engine_;
  std::unique_ptr<watch::LogWatch> log_watch_;  ///< null: what clients edit waits for the batch
  std::map<ProjectId, FolderLock> root_locks_;  ///< sync thread
  std::vector<std::string> awaited_;            ///< sync thread, once that runs
  bool is_ready_ = false;                       ///< sync thread
  bool is_check_due_ = false;
  Thread sync_thread_;
  Thread check_thread_;
};

}  // namespace specd::daemon
