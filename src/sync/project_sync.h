#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/file_ops.h"
#include "base/fs.h"
#include "base/hint.h"
#include "base/histogram.h"
#include "base/rng.h"
#include "base/value.h"
#include "spec/layout.h"
#include "store/store.h"
#include "sync/agenda.h"
#include "sync/backoff.h"
#include "sync/crew.h"
#include "sync/disk_side.h"
#include "sync/edit.h"
#include "sync/editor.h"
#include "sync/identity.h"
#include "sync/left_overs.h"
#include "sync/new_spec.h"
#include "sync/options.h"
#include "sync/puller.h"
#include "sync/pusher.h"
#include "sync/resolution.h"
#include "sync/reversion.h"
#include "sync/revival.h"
#include "sync/row_guard.h"
#include "sync/scanner.h"
#include "sync/unit_memory.h"

namespace specd::sync {

/// What all projects share. Outlives them.
struct Workshop {
  store::Store& store;
  DiskSide& disk;
  Crew& crew;
  const Clock& clock;
  Random& random;
  const Options& options;
  /// Begin, or begin anew, to watch the project: its root, or what it says about its layout, has
  /// changed. Must not use the store, which the crew may be reading for us meanwhile.
  std::function<void(const store::Project&, const spec::ProjectConfig&)> watch;
  /// The calls with which files below a root are written. Null: none ever are.
  std::function<Result<std::unique_ptr<FileOps>>(const std::string& root)> open_ops;
  /// Whether the database may be believed: after an unclean stop, once it was checked. Until then
  /// nothing is written to disk.
  std::function<bool()> is_sound;
  /// Something was committed.
  std::function<void()> committed;
  /// The batch found changes in active specs that the watcher should have told.
  std::function<void(ProjectId)> missed;
  /// Units of a long scan that are done, and how many there are.
  std::function<void(size_t done, size_t of)> progress;
  /// Whether long work should end soon, unfinished. Asked often in the middle of it, as a sign of
  /// life.
  std::function<bool()> is_stopping;
  /// How long changes that the watcher told took, from being noticed until they were committed.
  Histogram& latency;
};

/// What the guard holds of one project until a person says what is to become of it.
struct HeldChanges {
  std::vector<RowGuard::Held> files;  ///< edits of SQL clients that are not written to disk
  std::vector<std::string> specs;     ///< their folders: gone from disk, and kept in the database
};

/// How sync of one project is doing, for status and metrics.
struct ProjectStatus {
  ProjectId id;
  std::string slug;
  std::string root;
  store::ProjectState state = store::ProjectState::ok;
  std::string reason;  ///< for people; empty while ok
  /// Never null.
  std::shared_ptr<const HeldChanges> held = std::make_shared<HeldChanges>();
  size_t specs = 0;
  size_t waiting = 0;         ///< paths that have to be looked at, now or later
  size_t busy = 0;            ///< of these, files that somebody is writing
  size_t pending_pushes = 0;  ///< rows that wait to be written to disk
  std::string failure;        ///< what keeps it from being in step now, for people; empty: nothing
  uint64_t scans = 0;
  std::array<uint64_t, store::kTriggers> scans_by_cause{};  ///< by store::Trigger
  uint64_t missed_by_watcher = 0;  ///< differences in active specs that only the batch found
  /// When the first of the changes that are not in the database yet was noticed; none: all are.
  std::optional<SteadyTime> oldest_unsynced;
  std::optional<WallTime> last_scan_at;
};

/// Keeps one project's rows in step with its files. Sync thread only.
class ProjectSync {
 public:
  ProjectSync(Workshop& workshop, store::Project project, std::unique_ptr<Fs> fs);

  /// Reads what the project says about itself and what the database remembers. Then a scan is due:
  /// since the daemon starts, or since somebody asked for the project.
  [[nodiscard]] Result<> start(store::Trigger why);

  /// `noticed`: when the watcher told.
  void take(const Hint& hint, SteadyTime noticed);
  void want_scan(store::Trigger why) { agenda_.want_scan(why, workshop_.clock.steady()); }
  /// Another client has committed, perhaps to this project's rows.
  void expect_foreign_edits() { has_foreign_edits_ = true; }
  /// Does everything that is due. An error means that nothing is lost and that it has to be tried
  /// again.
  [[nodiscard]] Result<> work();
  /// When `work` has something to do; none: nothing is waiting.
  [[nodiscard]] std::optional<SteadyTime> next() const;

  /// Looks at one file, unless it looks as it did.
  [[nodiscard]] Result<> refresh(const std::string& path);
  /// Whether the path is a spec's and is on disk, or is in the database, or specs that are in it
  /// lie below it. The empty one, of the root, always.
  [[nodiscard]] Result<bool> knows(const std::string& path) const;
  /// An edit through us. `done`, perhaps before this returns: once it is visible on disk, or
  /// overruled by it, or known not to be before `deadline`. Errors as Editor::plan's; then nothing
  /// was written anywhere.
  using EditDone = std::function<void(Result<EditAnswer>)>;
  void edit(const EditRequest& request, SteadyTime deadline, EditDone done);
  /// Ends a conflict of this project: by an edit of its file, of which `done` hears as that of
  /// `edit`, or, dismissed, in the database alone. Errors as `edit`'s and plan_end's; then the
  /// conflict is as it was.
  void resolve(const ResolutionRequest& request, SteadyTime deadline, const ResolutionDone& done);
  /// Makes a spec: its folder, then its files as `edit` does, of which `done` hears. Errors as
  /// check_new's and `edit`'s; then nothing is there that was not, but perhaps an empty folder.
  void create(const NewSpecRequest& request, SteadyTime deadline, const NewSpecDone& done);
  /// Brings a deleted spec back, with its key, as one edit of all the files that it had, of which
  /// `done` hears. `conflict`: it is not deleted, something has its place by now, or a content is
  /// not kept any more. Else errors as `edit`'s.
  void restore(const RevivalRequest& request, SteadyTime deadline, const NewSpecDone& done);
  /// Looks at the file in which a LeanSpec spec says what it is, as `refresh` does.
  [[nodiscard]] Result<> look_at_main_file(const SpecKey& key);
  /// Sets what people say of a spec, where it is said; `done` as of an edit, whose errors it has.
  void set_fields(const FieldsRequest& request, SteadyTime deadline, const FieldsDone& done);

  /// A person says what is to become of what the guard holds: it is meant, and is carried out from
  /// here on; or it is taken back. `conflict` if nothing is held; `refused` where it cannot be
  /// taken back here.
  struct Decided {
    size_t files = 0;  ///< of HeldChanges
    size_t specs = 0;
  };
  [[nodiscard]] Result<Decided> confirm(const std::string& actor);
  [[nodiscard]] Result<Decided> revert(const std::string& actor);

  [[nodiscard]] const store::Project& project() const { return project_; }
  [[nodiscard]] const spec::ProjectConfig& config() const { return config_; }
  /// Whether it was scanned since the start, or could not be (no root, paused).
  [[nodiscard]] bool is_looked_at() const { return is_looked_at_ || is_paused(); }
  /// Files are never written, and `why` is told; empty: they may be again.
  void set_read_only(std::string why) { read_only_ = std::move(why); }
  /// The same, as a person wishes; kept in the project's settings.
  [[nodiscard]] Result<> set_read_only_by_settings(bool is_read_only);
  /// Nothing is looked at until `resume`, also after a restart. Hints are dropped meanwhile,
  /// since resuming looks everywhere, and watches it anew.
  [[nodiscard]] Result<> pause();
  [[nodiscard]] Result<> resume();
  /// Whether what is said of its specs can be kept now: in files of LeanSpec projects.
  [[nodiscard]] bool takes_edits() const;
  [[nodiscard]] ProjectStatus status() const;
  /// Whether something at this path or below it still has to be looked at, now or later.
  [[nodiscard]] bool is_waiting_at(const std::string& path) const {
    return next() && agenda_.concerns(path);
  }
  /// Files at this path or below it that somebody is writing at this moment.
  [[nodiscard]] std::vector<std::string> busy_files(const std::string& path) const;

 private:
  // What a complete listing found, compared with what is known.
  struct Survey {
    std::vector<spec::Unit> changed;  // that do not look as they did, or are new
    std::vector<UnitListing>
        appeared;                   // of these, new ones and those in another folder than before
    std::vector<store::Spec> gone;  // live specs whose unit is not there, and that are nowhere else
    std::vector<store::Spec> missing;   // the same, but their unit is there
    std::vector<store::Spec> homeless;  // live ones whose unit is there, and who are not at home
    struct Move {
      store::SpecMove to;
      std::string from;
    };
    std::vector<Move> moved;                 // live specs that are somewhere else now
    std::vector<store::Spec> displaced;      // whose place one of them takes
    std::set<std::string> waiting;           // units that are not looked at before they have left
    std::map<std::string, SpecKey> revived;  // deleted specs that are back, by folder
    std::set<std::string> undecided;         // folders that may become one
  };
  // Which absences a scan believes.
  struct Belief {
    bool all = false;
    std::set<std::string> dirs;  // of units and specs, since their grace has passed
    bool is_held = false;        // none, and only another scan may say otherwise

    [[nodiscard]] bool is_believed(const std::string& dir) const {
      return all || dirs.contains(dir);
    }
  };

  [[nodiscard]] bool is_paused() const { return project_.state == store::ProjectState::paused; }
  [[nodiscard]] std::string why_read_only() const;
  Result<> change_setting(const std::string& name, Value value);
  ProjectView view() { return {project_.id, *fs_, config_, is_reread_}; }
  Result<> do_moves(const std::vector<std::pair<std::string, std::string>>& moves,
                    const Cause& cause);
  Result<> do_move(const std::string& from, const std::string& to, const Cause& cause);
  Result<> look(Agenda& now, const Cause& cause);
  Result<> look_at_units(const std::set<std::string>& units, const std::set<std::string>& done,
                         Absence absence, const Cause& cause);
  Result<bool> is_absence_known(const std::vector<UnitListing>& appeared);
  bool must_wait(const UnitListing& listing, const std::set<std::string>& undecided);
  Result<> believe_absent(const std::vector<std::string>& paths, const Cause& cause);
  Result<> pull(std::vector<UnitWork> units, const std::set<std::string>& done,
                const Absences& absences, const Cause& cause);
  struct Round {
    std::vector<UnitWork> units;
    PullRound pull;
  };
  std::vector<UnitWork> take_round(std::vector<UnitWork>& units, size_t& at);
  Result<> finish(Round round, const Absences& absences, const Cause& cause);
  Result<> remember(const std::vector<UnitWork>& units);
  void committed(const Cause& cause, size_t changes);
  void failed(const Error& error);
  void succeeded();
  void keep_for_later(const Outcome& outcome);
  void expect_return(const std::string& path);
  Result<> forget_if_empty(const std::string& spec_dir);
  void list_again_later(const std::string& unit_dir, const Error& error);
  void read_config();
  Result<> reload_config();

  // project_push.cc
  struct WaitingEdit {
    EditAnswer answer;
    SteadyTime deadline;
    EditDone done;
  };
  void attach_ops();
  [[nodiscard]] bool may_push() const;
  [[nodiscard]] std::optional<SteadyTime> next_push() const;
  Result<std::vector<Push>> due_pushes();
  Result<bool> settle_absence(const std::string& path);
  Result<std::optional<Push>> due_push(const std::string& path);
  void look_again(const std::string& path);
  Result<> push_due();
  Result<> take_foreign_edits(Agenda& now);
  Result<> drop_settled(const std::vector<store::Dirty>& missing);
  Result<> settle_left_overs();
  void take(const PushOutcome& outcome);
  void count_pending();
  [[nodiscard]] Result<> check_may_push() const;
  Result<EditPlan> plan_edit(const EditRequest& request);
  Result<bool> has_base_on_disk(const std::string& path) const;
  void carry_out(const EditRequest& request, EditPlan plan, SteadyTime deadline, EditDone done);
  Result<std::string> main_file(const SpecKey& key) const;
  void set_in_front_matter(const FieldsRequest& request, SteadyTime deadline,
                           const FieldsDone& done);
  void answer_visible(const PushOutcome& visible);
  void serve_edits();

  // project_guard.cc
  Result<> look_at_rows();
  Result<> settle_state();
  Result<> remember_hold();
  void resume_hold();
  Result<> check_held() const;
  Result<> decided(const std::string& how, const Decided& what, const std::string& actor);

  // project_resolve.cc
  Result<PlannedEnd> plan_resolution(const ResolutionRequest& request);
  Result<> end_conflict(const ConflictEnd& end, const std::string& actor);

  // project_create.cc
  Result<NewSpecAnswer> make_spec(const NewSpecRequest& request);
  Result<NewSpecAnswer> take_up_folder(const std::string& dir);
  Result<EditPlan> plan_revival(const store::Spec& spec);

  // project_scan.cc
  Result<> scan(const Belief& belief, const Cause& cause);
  Result<> scan_tree(const FileStat& root, const Belief& belief, const Cause& cause);
  Result<std::set<std::string>> units_of_foreign_edits();
  Result<Survey> survey(const std::set<std::string>& forced);
  size_t set_apart_unchanged(std::span<spec::Unit> units, const std::set<std::string>& forced);
  Result<> find_gone(const Scanner::Units& units, const std::unordered_set<std::string_view>& seen,
                     Survey& survey);
  void tell_unlisted(const Scanner::Units& units);
  Result<> survey_unit(UnitListing listing, bool is_forced, Survey& survey);
  static bool has_newcomer(const std::vector<spec::FoundSpec>& found,
                           const std::vector<store::Spec>& residents);
  Result<> settle_identity(Survey& survey);
  void wait_for_room(Survey& survey, const Belief& belief);
  Result<> move_recognised(Survey& survey, const Belief& belief, const Cause& cause);
  Result<> pull_changed(const Survey& survey, const Absences& absences, const Cause& cause);
  Result<> drop_gone(const Survey& survey, const Belief& belief, const Cause& cause);
  Result<> remember_config();
  Result<> attach_root(const FileStat& root);
  Result<> set_state(store::ProjectState state, const std::string& reason);

  Workshop& workshop_;
  store::Project project_;
  const std::unique_ptr<Fs> fs_;
  Scanner scanner_;
  Puller puller_;
  Identity identity_;
  Pusher pusher_;
  Editor editor_;
  LeftOvers left_overs_;
  spec::ProjectConfig config_;
  std::string config_digest_;
  bool is_reread_ = false;  ///< during a scan under a new config
  UnitMemory memory_;
  Agenda agenda_;

  std::map<std::string, SteadyTime> newborn_;  ///< units that wait for their files, and since when
  SteadyTime blocked_until_{};                 ///< after a failure
  int failures_in_row_ = 0;
  std::string failure_;
  std::string unlisted_;           ///< what could not be listed at the last scan, for people
  SteadyTime not_before_{};        ///< of the next round: the coalescing window
  int64_t data_version_ = -1;      ///< when the rows were last compared, and all done about it
  int64_t compared_version_ = -1;  ///< when they were compared in the present scan
  RowGuard row_guard_;
  std::string tree_reason_;  ///< why the last complete scan believes no loss; empty: it does
  std::shared_ptr<const HeldChanges> held_ = std::make_shared<HeldChanges>();
  std::set<std::string> held_gone_;  ///< what the guard held at the last complete scan
  SteadyTime held_since_{};
  bool is_released_ = false;
  Backoff backoff_;  ///< of rows that could not be pushed
  size_t pushes_at_once_ = 16;
  bool has_to_push_ = true;        ///< rows, perhaps
  bool has_foreign_edits_ = true;  ///< perhaps, or rows whose spec has come meanwhile
  size_t pending_pushes_ = 0;
  std::vector<WaitingEdit> edits_;  ///< in the order they came
  uint64_t pulled_ = 0;             ///< files, since the start
  size_t units_done_ = 0;           ///< of the present scan
  size_t units_to_do_ = 0;
  uint64_t scans_ = 0;
  std::array<uint64_t, store::kTriggers> scans_by_cause_{};
  uint64_t missed_by_watcher_ = 0;
  std::optional<WallTime> last_scan_at_;
  bool is_looked_at_ = false;
  std::string read_only_;  ///< why; empty: it is not
};

}  // namespace specd::sync
