#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace specd {

/// How often something took how long. Plain data: belongs to one thread, and is copied to be told.
struct Histogram {
  using Duration = std::chrono::microseconds;

  /// The longest that falls into each bucket, from half a millisecond to ten seconds.
  static constexpr std::array<Duration, 14> kBounds = {
      Duration(500),       Duration(1'000),     Duration(2'500),     Duration(5'000),
      Duration(10'000),    Duration(25'000),    Duration(50'000),    Duration(100'000),
      Duration(250'000),   Duration(500'000),   Duration(1'000'000), Duration(2'500'000),
      Duration(5'000'000), Duration(10'000'000)};

  std::array<uint64_t, kBounds.size() + 1> counts{};  ///< by bucket; the last: longer than all
  Duration sum{0};

  void observe(Duration took, uint64_t times = 1) {
    size_t bucket = 0;
    while (bucket < kBounds.size() && took > kBounds[bucket]) ++bucket;
    counts[bucket] += times;
    sum += took * static_cast<int64_t>(times);
  }
  [[nodiscard]] uint64_t count() const {
    uint64_t all = 0;
    for (uint64_t each : counts) all += each;
    return all;
  }
};

}  // namespace specd
