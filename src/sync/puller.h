#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/rng.h"
#include "store/store.h"
#include "sync/disk_side.h"
#include "sync/journal.h"
#include "sync/pull_apply.h"
#include "sync/pull_plan.h"

namespace specd::sync {

/// Whether a file that is not there is gone for good.
enum class Absence { wait, believe };

/// What may be given up in a round.
struct Absences {
  Absence files = Absence::wait;
  std::set<SpecKey> specs{};  ///< only these, if nothing is left of them
};

/// A pull that is planned, and whose files are being read meanwhile. Must not outlive its project.
struct PullRound {
  PullPlan plan;
  std::vector<FileWork*> readers;  ///< in the plan, in the order of `reading`
  DiskSide::Reading reading;
};

/// Brings what is on disk into the database. Sync thread only.
///
/// Every call but `start` is one transaction, with its history and events; nothing is read from
/// disk inside it. An error means that nothing was written, and that it can be tried again: `busy`
/// while a foreign client writes.
class Puller {
 public:
  Puller(store::Store& store, DiskSide& disk, const Clock& clock, Random& random)
      : store_(store), disk_(disk), clock_(clock), planner_(store.tables, clock, random) {}

  /// One file that is known already: the quick way for a single save. False if it is not, and its
  /// unit has to be looked at instead.
  [[nodiscard]] Result<bool> pull_file(const ProjectView& project, const std::string& path,
                                       bool is_done, const Cause& cause, Outcome& outcome);

  /// Whole units, each file of which is compared with what is known of it. `done`: paths whose
  /// writers are known to be done. Begins to read what differs; nothing is written before
  /// `finish`, and other units may be finished in between.
  [[nodiscard]] Result<PullRound> start(const ProjectView& project,
                                        const std::vector<UnitWork>& units,
                                        const std::set<std::string>& done);
  [[nodiscard]] Result<Outcome> finish(const ProjectView& project, PullRound round,
                                       const Absences& absences, const Cause& cause);

  /// Specs whose folders were seen to move. Their files follow; what changed in them is for a look
  /// at their new unit. False, and nothing is done, if a live spec stands in the way.
  [[nodiscard]] Result<bool> move_specs(const ProjectView& project,
                                        std::vector<store::SpecMove> moves, const Cause& cause);

  /// Specs that are gone from disk: soft-deleted, with all their files. An edit that was never
  /// written to disk is kept, and told as a conflict.
  [[nodiscard]] Result<> delete_specs(const ProjectView& project, const std::vector<SpecKey>& keys,
                                      const Cause& cause);

 private:
  /// What pull_file has read of one file of the spec that is at `place`.
  Result<bool> apply_file(const ProjectView& project, const store::SpecPlace& place,
                          const std::string& path, OnDisk disk, const Cause& cause,
                          Outcome& outcome);
  Result<> make_ids_unique(ProjectId project, std::vector<store::SpecMove>& moves);
  Result<> derive_again(const SpecKey& key, Journal& journal);
  Result<> remember_contents(const SpecKey& key);
  Result<> delete_unpushed(const SpecWork& work, Journal& journal);
  Result<> agree_on_absence(const store::FileRow& row);
  Result<> delete_spec(const SpecKey& key, Journal& journal, Outcome& outcome);

  store::Store& store_;
  DiskSide& disk_;
  const Clock& clock_;
  PullPlanner planner_;
};

}  // namespace specd::sync
