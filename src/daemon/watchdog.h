#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace specd::daemon {

/// Somebody who must not stand still: a thread with a loop.
struct Watched {
  std::string name;
  std::function<void()> ask;              ///< for a sign of life; returns at once
  std::function<SteadyTime()> last_sign;  ///< any thread
};

/// Whether everybody is alive. A thread that is busy with a long job is, as long as it gives signs.
/// Main thread.
class Watchdog {
 public:
  Watchdog(const Clock& clock, std::chrono::microseconds limit, std::vector<Watched> watched)
      : clock_(clock), limit_(limit), watched_(std::move(watched)) {
    for (const Watched& thread : watched_) thread.ask();
  }

  /// How often `tick` wants to be called.
  [[nodiscard]] std::chrono::microseconds interval() const { return limit_ / 4; }
  /// Whether everybody gave a sign within half of the limit, and asks for the next one. Who did not
  /// is told in the log.
  [[nodiscard]] bool tick();

 private:
  const Clock& clock_;
  const std::chrono::microseconds limit_;
  const std::vector<Watched> watched_;
};

}  // namespace specd::daemon
