#pragma once

#include <chrono>

namespace specd {

/// Microseconds since the epoch: what tables hold. For people; never decides anything.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
/// For every wait and every interval.
using SteadyTime = std::chrono::steady_clock::time_point;

/// The one place that tells the time, so that tests can drive it. Any thread may call it.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime wall() const = 0;
  [[nodiscard]] virtual SteadyTime steady() const = 0;
};

/// The system's clocks. Lives as long as the process.
[[nodiscard]] const Clock& system_clock();

[[nodiscard]] inline int64_t to_us(WallTime time) {
  return time.time_since_epoch().count();
}
[[nodiscard]] inline WallTime from_us(int64_t us) {
  return WallTime(std::chrono::microseconds(us));
}

}  // namespace specd
