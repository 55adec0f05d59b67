#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/store.h"
#include "sync/core/moves.h"
#include "sync/disk_side.h"
#include "sync/pull_plan.h"

namespace specd::sync {

/// Which known specs the found folders are.
struct Recognised {
  std::vector<store::SpecMove> moved;  ///< live specs that are somewhere else now
  std::map<std::string, SpecKey>
      revived;  ///< deleted ones that are back, by the folder they are in
  /// Folders under the name of a deleted spec that is not recognised in them: perhaps since its
  /// files are still to come.
  std::set<std::string> undecided;
};

/// Whether the folder of a live spec is still the one that it was.
[[nodiscard]] bool is_at_home(const store::Spec& spec, const UnitListing& listing);

/// Tells by likeness (sync/core/moves.h) which spec a folder is that appeared without anybody
/// seeing whence. Reads the files of those folders. Sync thread only.
class Identity {
 public:
  Identity(store::Tables& tables, DiskSide& disk) : tables_(tables), disk_(disk) {}

  /// `homeless`: live specs that are not at home. `appeared`: units in which something is not at
  /// home; what is, stays out of it. Only a complete listing of the project tells which they are,
  /// unless `homeless` is empty.
  [[nodiscard]] Result<Recognised> recognise(const ProjectView& project,
                                             const std::vector<store::Spec>& homeless,
                                             const std::vector<UnitListing>& appeared);

 private:
  struct Seen {
    spec::FoundSpec found;
    core::Trait trait;
  };
  Result<std::vector<Seen>> traits_of(const ProjectView& project,
                                      const std::vector<UnitListing>& appeared);
  Result<core::Trait> trait_of(const store::Spec& spec);
  Result<std::vector<store::Spec>> deleted_like(const ProjectView& project,
                                                const std::vector<Seen>& seen);
  Result<> match(const std::vector<store::Spec>& known, const std::vector<Seen>& seen,
                 Recognised& result);

  store::Tables& tables_;
  DiskSide& disk_;
};

}  // namespace specd::sync
