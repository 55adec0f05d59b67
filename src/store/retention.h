#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/id.h"

namespace specd::store {

using VersionId = Tagged<struct VersionTag, int64_t>;

/// How long contents superseded by later saves are kept. What we displaced or overruled is not
/// subject to it until a person dismisses it.
struct RetentionPolicy {
  std::chrono::seconds every_for = std::chrono::hours(1);          ///< each one, this long
  std::chrono::seconds per_minute_for = std::chrono::days(30);     ///< then the newest of a minute
  std::chrono::seconds per_day_for = std::chrono::days(365 * 10);  ///< then the newest of a day
  int64_t max_bytes = int64_t{512} << 20;  ///< of all that may go; the oldest go first
};

/// What the selection needs to know of a version.
struct Candidate {
  VersionId id;
  int64_t file = 0;  ///< any number that tells the files apart
  WallTime at;
  int64_t bytes = 0;
  bool pinned = false;  ///< displaced and not dismissed, or protected otherwise: never selected
};

/// Which versions may go. Pure; any order in, ascending ids out. "Newest of a minute" is by the
/// minutes and days of UTC and within one file. Pinned versions stand for nothing: they neither
/// count against `max_bytes` nor take the place of a superseded one. A time in the future is young.
[[nodiscard]] std::vector<VersionId> expired(std::span<const Candidate> versions,
                                             const RetentionPolicy& policy, WallTime now);

}  // namespace specd::store
