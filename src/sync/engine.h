#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/hint.h"
#include "base/mutex.h"
#include "base/queue.h"
#include "base/rng.h"
#include "store/store.h"
#include "sync/claims.h"
#include "sync/log_keeper.h"
#include "sync/lookout.h"
#include "sync/options.h"
#include "sync/project_sync.h"

namespace specd::sync {

class Engine;

/// What the daemon lends the engine. Called on the sync thread.
struct Hooks {
  std::function<std::unique_ptr<Fs>(const std::string& root)> open_fs;
  /// Null: no file is ever written.
  std::function<Result<std::unique_ptr<FileOps>>(const std::string& root)> open_ops;
  std::function<void(const store::Project&, const spec::ProjectConfig&)> watch;
  std::function<void(ProjectId)> unwatch;
  /// Whether the watcher is alive; asked once per batch.
  std::function<bool()> probe_watcher;
  std::function<void()> restart_watcher;
  /// A batch begins: what the daemon looks at as often as that. Null: nothing.
  std::function<void(Engine&)> batch;
  /// Something was committed: rows to index, events to send.
  std::function<void()> committed;
  /// Once: every project has been looked at, and nothing of that is left to do.
  std::function<void()> ready;
  /// Units of a long scan that are done, and how many there are.
  std::function<void(size_t done, size_t of)> progress;
  /// Another file stands where the database was: stop, and open again.
  std::function<void()> database_replaced;
};

/// A place in one project.
struct ProjectPath {
  ProjectId project;
  std::string path;  ///< relative to its root; empty: all of it
};

/// How sync as a whole is doing.
struct EngineStatus {
  std::vector<ProjectStatus> projects;
  uint64_t rounds = 0;
  uint64_t failures = 0;
  /// The present one, for people, of a project or else of the database; empty while all is well.
  std::string failure;
  /// How long changes that the watcher told took since the start: from the hint of each until the
  /// commit that has it. Files, and specs that moved or went.
  Histogram latency;
  size_t waiting_messages = 0;    ///< hints and orders that the sync thread has not taken up yet
  uint64_t dropped_messages = 0;  ///< too many waited: each led to "look everywhere"
  /// When the first of the changes that are not in the database yet was noticed; none: all are.
  std::optional<SteadyTime> oldest_unsynced;
};

/// Keeps every registered project in step: one thread that owns all of sync and the only writing
/// connection.
///
/// `post`, `stop` and `status` may be called from any thread; all else belongs to the sync thread.
/// Tests call `step` by hand instead of `run`.
class Engine {
 public:
  Engine(store::Store& store, const Clock& clock, Random& random, Options options, Hooks hooks);

  // ---- any thread

  /// Never waits; too many become "look everywhere".
  void post(std::vector<Hint> hints);
  /// Runs on the sync thread, after the hints that were posted before it. False once it has
  /// stopped.
  [[nodiscard]] bool post(std::function<void(Engine&)> task);
  /// The database's log was written to: looks soon whether somebody else has edited rows. Never
  /// waits.
  void notice_log(Lookout::Writer writer);
  void stop();
  [[nodiscard]] EngineStatus status() const SPECD_EXCLUDES(mutex_);
  /// When the sync thread last began a round, or got on with a long one.
  [[nodiscard]] SteadyTime last_sign() const { return last_sign_.load(); }

  // ---- sync thread

  /// Takes up every project of the database. Their first scan is due.
  [[nodiscard]] Result<> start();
  /// Rounds until `stop`.
  void run();
  /// One round: waits for hints or for what is due, at the longest until `until`, and does it.
  /// False once stopped.
  bool step(SteadyTime until);

  /// Registers the folder and begins to keep it. `invalid` if it says nothing about its layout, and
  /// none is given. One that is kept already is told as it is; `conflict` if a person wants another
  /// slug for it, since slugs never change. `why`: what its history says of its first scan.
  enum class SlugFrom { folder, person };
  [[nodiscard]] Result<store::Project> add_project(const std::string& root, const std::string& slug,
                                                   SlugFrom from = SlugFrom::folder,
                                                   store::Trigger why = store::Trigger::startup);
  /// Forgets the project and everything kept for it; its files stay. `conflict`, unless `losses`
  /// are accepted, while the database holds texts that are nowhere else. `not_found`.
  enum class Losses { refused, accepted };
  [[nodiscard]] Result<> remove_project(ProjectId id, Losses losses);
  /// Its folder is another one now: all that is known of it goes on there. `invalid` if it is of
  /// another layout; `conflict` if another project is there or, unless `losses` are accepted, if
  /// none of its specs is. `not_found`.
  [[nodiscard]] Result<store::Project> relink_project(ProjectId id, const std::string& root,
                                                      Losses losses);
  /// Nothing is read or written until it is resumed, also after a restart. Resuming looks
  /// everywhere.
  [[nodiscard]] Result<store::Project> pause_project(ProjectId id);
  [[nodiscard]] Result<store::Project> resume_project(ProjectId id);
  /// Files are read, and never written.
  enum class Writing { allowed, forbidden };
  [[nodiscard]] Result<store::Project> set_writing(ProjectId id, Writing writing);
  /// Brings everything that is on disk at the call into the database; then `done`, with what could
  /// not be, for people (empty: nothing), once no file is being written any more or `deadline` has
  /// passed.
  void sync_now(std::vector<ProjectId> projects, SteadyTime deadline,
                std::function<void(std::vector<std::string>)> done);
  /// The same for what is at these places and below them. `not_found`, at once, if no project knows
  /// its place (ProjectSync::knows); those that do not are passed over.
  void sync_paths(const std::vector<ProjectPath>& places, SteadyTime deadline,
                  std::function<void(Result<std::vector<std::string>>)> done);
  [[nodiscard]] ProjectSync* project(ProjectId id);
  /// Nobody knows what was missed: one scan of each project, at once.
  void look_everywhere();
  /// The database was found to be sound after an unclean stop (Options::is_after_crash): what waits
  /// may be written to disk.
  void set_sound() { is_sound_ = true; }
  /// Edits files of a project, as ProjectSync::edit. `not_found`, at once, without the project.
  void edit(ProjectId id, const EditRequest& request, SteadyTime deadline,
            ProjectSync::EditDone done);
  /// As ProjectSync::resolve; `not_found`, at once, without the project.
  void resolve(ProjectId id, const ResolutionRequest& request, SteadyTime deadline,
               const ResolutionDone& done);
  /// As ProjectSync::create; `not_found`, at once, without the project.
  void create(ProjectId id, const NewSpecRequest& request, SteadyTime deadline,
              const NewSpecDone& done);
  /// As ProjectSync::restore; `not_found`, at once, without the project.
  void restore(ProjectId id, const RevivalRequest& request, SteadyTime deadline,
               const NewSpecDone& done);
  /// As ProjectSync::set_fields; `not_found` without the project.
  void set_fields(ProjectId id, const FieldsRequest& request, SteadyTime deadline,
                  const FieldsDone& done);
  /// What a person says of what the guard holds (ProjectSync::confirm, revert); `not_found` without
  /// the project.
  enum class Decision { confirm, revert };
  [[nodiscard]] Result<ProjectSync::Decided> decide_held(ProjectId id, Decision decision,
                                                         const std::string& actor);
  /// Which agent is at work on which spec.
  [[nodiscard]] Claims& claims() { return claims_; }
  /// Looks at one file that somebody is about to read, and pulls it if it is not as the database
  /// has it.
  void refresh(ProjectId id, const std::string& path);

 private:
  using Task = std::function<void(Engine&)>;
  struct Message {
    std::vector<Hint> hints;
    Task task;
    SteadyTime posted;
  };
  struct Waiter {
    std::vector<ProjectPath> places;
    SteadyTime deadline;
    std::function<void(std::vector<std::string>)> done;
  };

  // engine_projects.cc
  Result<> take_up(store::Project project, store::Trigger why);
  void let_go(ProjectId id);
  Result<std::string> only_copies(const store::Project& project) const;
  Result<> tell(const store::Project& project, const char* type);
  Result<> check_is_there(const store::Project& project, Fs& fs) const;

  [[nodiscard]] SteadyTime next_due(SteadyTime until) const;
  std::vector<Message> take_messages(SteadyTime until);
  void look_for_foreign_edits();
  void work();
  void batch();
  void check_clocks();
  void serve_waiters();
  void check_ready();
  void compress_rescued();
  void maintain();
  void publish() SPECD_EXCLUDES(mutex_);

  store::Store& store_;
  const Clock& clock_;
  Random& random_;
  const Options options_;
  const Hooks hooks_;
  Crew crew_;
  DiskSide disk_;
  Workshop workshop_;

  std::atomic<bool> is_stopping_ = false;
  std::atomic<SteadyTime> last_sign_;
  Queue<Message> queue_{4096};
  std::atomic<bool> has_dropped_ = false;  ///< hints, because the queue was full
  std::atomic<uint64_t> dropped_ = 0;
  // Who wrote to the log, for the next round; not more than one message at a time tells of each.
  std::atomic<bool> is_log_written_ = false;
  std::atomic<bool> is_log_written_by_others_ = false;
  /// When the first of the hints that are being worked on was posted; SteadyTime::max(): none are.
  std::atomic<SteadyTime> working_since_ = SteadyTime::max();

  // sync thread only
  Histogram latency_;
  std::map<ProjectId, std::unique_ptr<ProjectSync>> projects_;
  Claims claims_;
  std::vector<Waiter> waiters_;
  SteadyTime next_batch_;
  bool is_ready_ = false;
  bool is_sound_;
  SteadyTime last_steady_;
  WallTime last_wall_;
  LogKeeper log_keeper_;
  WallTime next_retention_{};
  Lookout lookout_;
  std::optional<SteadyTime> next_rescue_;  ///< none: nothing is left, or the batch will see to it

  mutable Mutex mutex_;
  EngineStatus status_ SPECD_GUARDED_BY(mutex_);
};

}  // namespace specd::sync
