#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "net/message.h"
#include "proto/event.h"

namespace specd::realtime {

/// Which events somebody wants to hear of. Empty: whatever it is.
struct Subscription {
  std::string project;             ///< slug
  std::vector<std::string> specs;  ///< keys
  std::vector<std::string> types;  ///< "spec.updated"; "spec.*" is every type that begins so

  /// An event about no single spec (`specs.batch`) may concern any, and passes every spec filter.
  [[nodiscard]] bool wants(const proto::Event& event) const;
};

/// From a query: `project=`, `spec=` and `types=`, the latter two separated by commas or given
/// several times. `invalid` for more than 100 values, or empty ones.
[[nodiscard]] Result<Subscription> parse_subscription(const net::Fields& query);

}  // namespace specd::realtime
