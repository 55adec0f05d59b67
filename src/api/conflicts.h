#pragma once

#include "api/handlers.h"
#include "base/result.h"
#include "base/value.h"
#include "store/store.h"
#include "sync/proposal.h"

namespace specd::api {

/// All that is told of one conflict: its texts and the proposed merge too. `not_found`.
[[nodiscard]] Result<Value> conflict_value(const store::Tables& tables, store::ConflictId id,
                                           sync::Markers markers);

/// The conflict that the route's {id} names, and where it is. `invalid`, `not_found`.
struct ConflictPlace {
  store::Project project;
  store::Conflict conflict;
};
[[nodiscard]] Result<ConflictPlace> place_of(const Api& api, const net::Request& request);

}  // namespace specd::api
