#include "store/retention.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <tuple>

namespace specd::store {
namespace {

/// The stretch of time of which only the newest version stays. Width 0: each version stands alone.
struct Bucket {
  std::chrono::seconds width{0};
  int64_t number = 0;
};

// None where the version is past every limit.
std::optional<Bucket> bucket_of(WallTime at, const RetentionPolicy& policy, WallTime now) {
  using std::chrono::floor;
  const auto age = now - at;
  if (age < policy.every_for) return Bucket{};
  const auto seconds = floor<std::chrono::seconds>(at.time_since_epoch());
  const auto within = [&](std::chrono::seconds width) {
    return Bucket{width, (seconds - seconds % width) / width};
  };
  if (age < policy.per_minute_for) return within(std::chrono::minutes(1));
  if (age < policy.per_day_for) return within(std::chrono::days(1));
  return std::nullopt;
}

bool newer(const Candidate& a, const Candidate& b) {
  return std::tie(a.at, a.id) > std::tie(b.at, b.id);
}

}  // namespace

std::vector<VersionId> expired(std::span<const Candidate> versions, const RetentionPolicy& policy,
                               WallTime now) {
  std::vector<Candidate> loose;
  std::copy_if(versions.begin(), versions.end(), std::back_inserter(loose),
               [](const Candidate& version) { return !version.pinned; });
  std::sort(loose.begin(), loose.end(), newer);

  std::vector<VersionId> ids;
  std::set<std::tuple<int64_t, int64_t, int64_t>> filled;  // file, width, number
  int64_t bytes = 0;
  for (const Candidate& version : loose) {
    const auto bucket = bucket_of(version.at, policy, now);
    const bool alone = bucket && bucket->width.count() == 0;
    const bool first =
        bucket &&
        (alone || filled.emplace(version.file, bucket->width.count(), bucket->number).second);
    if (first && bytes + version.bytes <= policy.max_bytes) {
      bytes += version.bytes;
    } else {
      if (first) bytes = policy.max_bytes;  // full: everything older goes too
      ids.push_back(version.id);
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace specd::store
