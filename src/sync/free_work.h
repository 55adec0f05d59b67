#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "store/store.h"
#include "sync/backlog.h"
#include "sync/options.h"

namespace specd::sync {

class ProjectSync;

/// What nobody is at work on and what could be begun, over all projects that take edits now. What
/// is known of them is kept from one look to the next, so that a look costs little where nobody but
/// its owner has written meanwhile. Sync thread only.
class FreeWork {
 public:
  /// `project`: null where there is none.
  FreeWork(store::Store& store, const Options& options,
           std::function<ProjectSync*(ProjectId)> project)
      : store_(store), options_(options), project_(std::move(project)) {}

  /// Before all else in a transaction, which what follows is about. `project`: only of this one.
  [[nodiscard]] Result<> look(const std::optional<ProjectId>& project);
  /// The first that is ready, of this project or of any that was looked at; none: nothing is.
  [[nodiscard]] Result<std::optional<store::Spec>> first(const std::optional<ProjectId>& project,
                                                         const std::set<SpecKey>& passed_over);
  /// It was given to somebody in this transaction.
  void take(const SpecKey& key) { taken_.insert(key); }
  /// The transaction is committed, and wrote to these specs alone: they are known as they are now.
  void committed(std::span<const store::Spec> specs);

 private:
  /// What a read of the database depends on: what others have committed, what we have written.
  struct Stamp {
    int64_t others = 0, ours = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  struct Known {
    Backlog backlog;
    std::optional<Stamp> seen;  ///< when it was true; none: not yet
  };
  Result<> find_backlogs(const std::optional<ProjectId>& wanted);

  store::Store& store_;
  const Options& options_;
  const std::function<ProjectSync*(ProjectId)> project_;
  std::map<ProjectId, Known> known_;
  Stamp now_;                           ///< at the look
  std::map<ProjectId, Known*> looked_;  ///< at this look
  std::set<SpecKey> taken_;
  std::optional<ReadyWork> ready_;
};

}  // namespace specd::sync
