#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/store.h"
#include "sync/editor.h"
#include "sync/free_work.h"
#include "sync/journal.h"
#include "sync/options.h"
#include "sync/spec_fields.h"

namespace specd::sync {

class ProjectSync;

struct ClaimOrder {
  std::string agent;
  std::chrono::seconds lease{};
  std::optional<SpecKey> spec{};       ///< none: the first that is ready
  std::optional<ProjectId> project{};  ///< of this one; none: of any
};

/// The end of an agent's work on a spec.
struct EndOrder {
  enum class How {
    release,   ///< status and assignee become what they were, where nobody has changed them since
    complete,  ///< the work is done: the status becomes the next one
  };
  How how = How::release;
  SpecKey spec;
  std::string agent;
  std::string status;  ///< complete: instead of the next one; empty: that one
};

struct ClaimAnswer {
  std::optional<store::Spec> spec;     ///< as it is now; none: nothing is ready
  std::optional<store::Claim> claim;   ///< none: nobody has it
  bool is_renewed = false;             ///< the agent had it already, and its lease began anew
  EditAnswer edit;                     ///< of a LeanSpec spec's front matter
  std::optional<store::Claim> held;    ///< by another agent: nothing was done
  std::optional<RefusedMove> refused;  ///< the status cannot be set: nothing was done
};
using ClaimDone = std::function<void(Result<ClaimAnswer>)>;

/// Which agent is at work on which spec. What is decided is decided inside the transaction that
/// writes it, so no spec is ever given to two. Sync thread only.
///
/// A claim sets the status that says that somebody is at work, and the assignee: in the database,
/// in the same transaction; of a LeanSpec spec by an edit of its file, which comes after the claim
/// and without which there is none. A claim is ended the other way round, so that it stands as long
/// as the file tells of it.
///
/// A lease ends by the wall clock, since it outlives the daemon; and never later than it lasts by
/// the steady one, whatever becomes of the wall clock.
///
/// What cannot be said is passed over for what can: a project that takes no edits now, and a few
/// files that do not. So nobody waits behind them.
class Claims {
 public:
  /// `project`: null where there is none. `committed`: something was.
  Claims(store::Store& store, const Clock& clock, const Options& options,
         std::function<ProjectSync*(ProjectId)> project, std::function<void()> committed)
      : store_(store),
        clock_(clock),
        options_(options),
        editor_(store, clock, options),
        work_(store, options, project),
        project_(std::move(project)),
        committed_(std::move(committed)) {}

  /// Takes up the leases that the database has. Those that ended meanwhile are due.
  [[nodiscard]] Result<> start();

  /// `done`, at the next `serve` or later; until `deadline` a busy file is waited for. Errors:
  /// `not_found`; `conflict`, where there is no work to do on the spec, or its file was overruled;
  /// `busy`; and as an edit of its file has.
  void claim(const ClaimOrder& order, SteadyTime deadline, const ClaimDone& done);
  /// Gives their work to all who have asked: in the order in which they did, in one transaction
  /// where no file has to say so.
  void serve();
  /// The same at once, after those who have asked; `conflict` where nobody has the spec.
  void end(const EndOrder& order, SteadyTime deadline, const ClaimDone& done);

  /// When the first lease ends; none: nobody has any spec.
  [[nodiscard]] std::optional<SteadyTime> next() const;
  /// Ends the claims whose lease is over, as their agents would.
  void expire();

 private:
  struct Lease {
    SteadyTime deadline;
    std::optional<WallTime> expires_at;
    bool is_changing = false;  ///< a file is being edited for it
  };
  enum class Why { asked, expired };
  struct Ending {
    store::Claim claim;
    FieldsRequest fields;
    Why why = Why::asked;
  };

  /// An order, and what came of it so far.
  struct Asking {
    ClaimOrder order;
    std::set<SpecKey> passed_over{};  ///< whose file cannot say that somebody is at work
    std::optional<Error> why{};       ///< of the first of these
  };

  struct Waiting {
    Asking asking;
    SteadyTime deadline;
    ClaimDone done;
    std::optional<Result<ClaimAnswer>> answer;  ///< none: it needs a transaction of its own
  };

  [[nodiscard]] SteadyTime due(const Lease& lease) const;
  void remember(const store::Claim& claim);
  [[nodiscard]] bool is_changing(const SpecKey& key) const;
  /// A file is being edited for this claim from here to `end_change`: nothing else is done to it.
  void begin_change(const SpecKey& key);
  void end_change(const SpecKey& key);
  void ask(Asking asking, SteadyTime deadline, const ClaimDone& done);
  Result<std::optional<store::Spec>> choose(const Asking& asking);
  Result<std::optional<store::Spec>> look_at(const store::Spec& spec);
  Result<> take_together(std::vector<Waiting>& orders);
  Result<ClaimAnswer> take(const Asking& asking);
  Result<ClaimAnswer> decide(const ClaimOrder& order, store::Spec spec);
  void settle(std::span<ClaimAnswer* const> answers);
  Result<> renew(ClaimAnswer& answer, const ClaimOrder& order);
  Result<> make(ClaimAnswer& answer, const ClaimOrder& order);
  void say_in_file(Asking asking, ClaimAnswer answer, SteadyTime deadline, const ClaimDone& done);
  [[nodiscard]] Ending plan_end(const EndOrder& order, const store::Claim& claim,
                                const store::Spec& spec) const;
  void give_back(Ending ending, SteadyTime deadline, const ClaimDone& done);
  void give_back_file(Ending ending, SteadyTime deadline, const ClaimDone& done);
  enum class Told { in_history, by_edit };
  Result<ClaimAnswer> drop(const Ending& ending, const SpecFields& fields, Told told);
  Result<> expire(const SpecKey& key);
  void after_failed_end(const SpecKey& key, const Error& error);
  /// On whose behalf something is written, and why.
  struct Sayer {
    const std::string& agent;
    store::Trigger trigger;
  };
  Result<> write(store::Spec spec, const SpecFields& fields, const Sayer& sayer, Told told);
  /// What the disk thought better of is no claim.
  static Result<> check_written(const EditAnswer& edit);
  static bool is_lean(const store::Spec& spec);

  store::Store& store_;
  const Clock& clock_;
  const Options& options_;
  Editor editor_;
  FreeWork work_;
  const std::function<ProjectSync*(ProjectId)> project_;
  const std::function<void()> committed_;
  std::map<SpecKey, Lease> leases_;
  std::vector<Waiting> waiting_;
};

}  // namespace specd::sync
