#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/clock.h"

namespace specd::net {

/// The one thread that all sockets live on, as far as others see it. What runs there must never
/// wait.
class Loop {
 public:
  /// Something that will happen; does not if this goes first.
  class Timer {
   public:
    virtual ~Timer() = default;
  };

  virtual ~Loop() = default;

  /// Any thread. Runs `task` on the loop, in order; never, once the loop has stopped.
  virtual void post(std::function<void()> task) = 0;
  /// By which timers go.
  [[nodiscard]] virtual SteadyTime now() const = 0;
  /// Loop thread only.
  [[nodiscard]] virtual std::unique_ptr<Timer> after(std::chrono::milliseconds delay,
                                                     std::function<void()> task) = 0;
};

}  // namespace specd::net
