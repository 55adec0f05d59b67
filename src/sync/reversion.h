#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_ops.h"
#include "base/result.h"
#include "store/store.h"
#include "sync/disk_side.h"
#include "sync/journal.h"
#include "sync/pull_apply.h"

namespace specd::sync {

/// Takes mass loss back, on whichever side it happened, because a person says so. What is taken
/// back is kept as a version. Sync thread only.
class Reversion {
 public:
  Reversion(store::Store& store, DiskSide& disk, const Clock& clock)
      : store_(store), disk_(disk), clock_(clock) {}

  /// Rows that SQL clients edited and that are not on disk become what is there again. One that
  /// somebody is writing to at this moment stays as it is. How many files were taken back.
  [[nodiscard]] Result<size_t> revert_rows(const ProjectView& project,
                                           const std::vector<std::string>& paths,
                                           const Author& author);
  /// Specs that vanished from disk: their folders are made, durably, and their files wait to be
  /// written there again. `dirs`: theirs; one that is back already, or of no live spec, is passed
  /// over. How many specs that were.
  [[nodiscard]] Result<size_t> bring_back(const ProjectView& project, FileOps& ops,
                                          const std::vector<std::string>& dirs,
                                          const Author& author);

 private:
  Result<size_t> revert_some(const ProjectView& project, const std::vector<std::string>& paths,
                             const Author& author);
  Result<> write_again(const ProjectView& project, store::Spec spec, const FileStat& folder,
                       const Author& author);

  store::Store& store_;
  DiskSide& disk_;
  const Clock& clock_;
};

}  // namespace specd::sync
