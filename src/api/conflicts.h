#pragma once

#include "base/result.h"
#include "base/value.h"
#include "store/store.h"
#include "sync/proposal.h"

namespace specd::api {

/// All that is told of one conflict: its texts and the proposed merge too. `not_found`.
[[nodiscard]] Result<Value> conflict_value(const store::Tables& tables, store::ConflictId id,
                                           sync::Markers markers);

}  // namespace specd::api
