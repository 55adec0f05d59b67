#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file_ops.h"
#include "base/rng.h"
#include "store/store.h"
#include "sync/crew.h"
#include "sync/delivery.h"
#include "sync/options.h"
#include "sync/pull_apply.h"
#include "sync/pull_plan.h"

namespace specd::sync {

/// A row on its way to disk.
struct Push {
  PushOrder order;
  SpecKey spec;
  spec::Role role{};
  Rev rev;                  ///< of the row that has the content
  bool is_foreign = false;  ///< a SQL client wrote it
};

/// What became of some pushes; paths.
struct PushOutcome {
  std::vector<std::string> done;
  std::vector<std::string> overtaken;  ///< the disk is not what was expected: look at it again
  std::vector<std::string> busy;       ///< somebody is at work there: try again
  std::vector<std::pair<std::string, Error>> failed;  ///< try again much later
};

/// Writes rows to disk, and writes down that it did (DESIGN §5, "push"). Sync thread only; what
/// takes long is done by the crew.
///
/// What becomes of a row that cannot be written is for its caller, who looks at the disk again.
class Pusher {
 public:
  /// `state_folder`: absolute; staged files lie below it, by the project's uuid.
  Pusher(store::Store& store, Crew& crew, const Clock& clock, Random& random,
         const Options& options, const store::Project& project, std::string state_folder);
  ~Pusher();

  /// Files are written through `ops` from now on: another root may stand there. Nothing may be on
  /// its way.
  void attach(std::unique_ptr<FileOps> ops);

  /// What has to be done for the row of this path. None: nothing, or nothing that could be done
  /// without looking at the disk first.
  [[nodiscard]] Result<std::optional<Push>> push_of(const std::string& path) const;

  /// Contents that are being staged. What is not put is removed again.
  class Batch {
   public:
    /// Of the push of this path: the row was written meanwhile.
    void set_rev(const std::string& path, Rev rev);

   private:
    friend Pusher;
    struct Item {
      Push push;
      std::unique_ptr<Delivery> delivery;
      Result<Swap> prepared = Swap::done;
      SwapResult result;
    };
    std::vector<Item> items_;
    Crew::Job job_;  // last: it ends before what it works on
  };
  [[nodiscard]] Batch start(std::vector<Push> pushes);
  /// Puts them, tells `visible` once all that can be seen is to be seen, makes it durable and then
  /// writes the new base, history and events. An error: what of it is on disk is not written down
  /// yet, which write_down_rest has to do.
  using Visible = std::function<void(const PushOutcome&)>;
  [[nodiscard]] Result<PushOutcome> finish(const ProjectView& project, Batch batch,
                                           const Visible& visible);

  /// Makes up for what finish could not write down: the database was locked, say. Before it has, a
  /// look at the disk would take what was written for somebody else's change.
  [[nodiscard]] Result<> write_down_rest(const ProjectView& project);
  [[nodiscard]] bool has_rest() const { return !rest_.empty(); }

  /// Staged and displaced files that nobody has judged yet; they are handed over.
  [[nodiscard]] std::vector<StagedFile> take_left_over() { return std::exchange(left_over_, {}); }
  [[nodiscard]] bool is_attached() const { return ops_ != nullptr; }
  [[nodiscard]] FileOps& ops() { return *ops_; }
  [[nodiscard]] const StagingArea& area() const { return *area_; }

 private:
  using Item = Batch::Item;
  void put(const ProjectView& project, Item& item);
  Result<> make_durable(std::vector<Item*>& done);
  Result<> write_down(const ProjectView& project, std::vector<Item>& items);
  Result<> write_spec(const SpecKey& key, std::vector<Item*>& items, PullApplier& applier);

  store::Store& store_;
  Crew& crew_;
  const Clock& clock_;
  Random& random_;
  const Options& options_;
  const ProjectId project_;
  const std::string uuid_;
  const std::string state_folder_;
  std::unique_ptr<FileOps> ops_;
  std::optional<StagingArea> area_;
  std::vector<StagedFile> left_over_;
  std::vector<Item> rest_;  ///< that was put, and is not written down
};

}  // namespace specd::sync
