#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace specd::realtime {

/// What may be said at once, and is there again after a while (a token bucket).
class Allowance {
 public:
  struct Rate {
    int per_second;
    int burst;  ///< before that counts
  };
  explicit Allowance(Rate rate) : rate_(rate), left_(rate.burst) {}

  void take(int count, SteadyTime now) {
    fill(now);
    left_ -= count;
  }
  /// How long until there is something again; none: there is.
  [[nodiscard]] std::chrono::milliseconds wait(SteadyTime now) {
    fill(now);
    if (left_ > 0) return std::chrono::milliseconds(0);
    return std::chrono::milliseconds(static_cast<int64_t>(1'000 * (1 - left_) / rate_.per_second) +
                                     1);
  }

 private:
  void fill(SteadyTime now) {
    const std::chrono::duration<double> since = now - filled_;
    filled_ = now;
    left_ = std::min<double>(rate_.burst, left_ + since.count() * rate_.per_second);
  }

  Rate rate_;
  double left_;
  SteadyTime filled_{};
};

}  // namespace specd::realtime
