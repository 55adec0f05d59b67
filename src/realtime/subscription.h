#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/message.h"
#include "proto/event.h"

namespace specd::realtime {

/// Which events somebody wants to hear of. Empty: whatever it is.
struct Subscription {
  std::vector<std::string> projects;  ///< slugs
  /// Keys, ids, or patterns of ids with `*` and `?`: "E13-*". Then only events about such specs;
  /// of a renamed one by its id before, too.
  std::vector<std::string> specs;
  /// Also specs below them: "E13-1" and "E13/a" below "E13", and whose `parent` it is.
  bool has_children = false;
  std::vector<std::string> types;  ///< "spec.updated"; "spec.*" is every type that begins so

  [[nodiscard]] bool wants(const proto::Event& event) const;
  [[nodiscard]] bool wants_everything() const {
    return projects.empty() && specs.empty() && types.empty();
  }

 private:
  [[nodiscard]] bool names(const proto::Event& event) const;
};

/// What a subscriber says of itself.
struct Wish {
  Subscription subscription;
  /// At least this long between two deliveries; what happens meanwhile is told as one.
  std::chrono::milliseconds throttle{0};
};

/// From a query: `project=`, `spec=` and `types=` (separated by commas, or given several times),
/// `children=` and `throttle_ms=`. `invalid`, with words for people, for more than 100 values,
/// empty ones, types that there are not, and what cannot be read.
[[nodiscard]] Result<Wish> parse_wish(const net::Fields& query);

}  // namespace specd::realtime
