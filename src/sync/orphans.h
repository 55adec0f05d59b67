#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sync/pull_plan.h"

namespace specd::sync {

/// Gives the rows that SQL clients have made where no spec was to the specs that are there by now;
/// from then on they are pushed as any other row. The paths of those that it was. A row whose spec
/// is still to come, or that no spec can have, stays as it is. Sync thread only.
[[nodiscard]] Result<std::vector<std::string>> adopt_orphans(store::Store& store,
                                                             const ProjectView& project);

}  // namespace specd::sync
