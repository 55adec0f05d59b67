#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace specd {

/// A clock that stands still until a test moves it. Its wall time goes with the real one, since
/// files are stamped by the kernel; its steady time begins long ago, so that nobody waits for it.
class FakeClock final : public Clock {
 public:
  FakeClock() = default;
  /// One whose wall stands still, too, from `began` on: for files that are stamped by it.
  explicit FakeClock(WallTime began) : began_(began) {}

  WallTime wall() const override { return began_.value_or(system_clock().wall()) + slept_; }
  SteadyTime steady() const override { return steady_; }

  /// Time passes.
  void advance(std::chrono::microseconds by) {
    steady_ += by;
    slept_ += by;
  }
  /// Somebody sets the clock, or the machine slept: only the wall notices.
  void jump(std::chrono::microseconds by) { slept_ += by; }

 private:
  std::optional<WallTime> began_;
  SteadyTime steady_{std::chrono::seconds(1)};
  std::chrono::microseconds slept_{0};
};

}  // namespace specd
