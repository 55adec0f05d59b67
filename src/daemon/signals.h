#pragma once

#include <chrono>
#include <optional>

#include "base/fd.h"

namespace specd::daemon {

/// Blocks the signals that a daemon listens to, for this thread and every later one, and ignores
/// those that would end it by accident (SIGPIPE; SIGIO, which leases send). First thing in main,
/// before any thread.
void block_signals();

/// Why the main thread woke.
enum class Wake {
  end,        ///< SIGTERM or SIGINT
  reload,     ///< SIGHUP
  poked,      ///< poke()
  clock_set,  ///< somebody set the wall clock, or the machine has slept
  timeout,
};

/// What the main thread of a daemon waits for. One per process.
class Wakeups {
 public:
  Wakeups();

  /// The next of them; `timeout` after `limit`, if there is one. Main thread.
  [[nodiscard]] Wake wait(std::optional<std::chrono::microseconds> limit);
  /// Any thread: lets `wait` return.
  void poke();

 private:
  void arm_clock();

  const Fd signals_;
  const Fd clock_;  ///< a timer that never ends, but is cancelled when the clock is set
};

}  // namespace specd::daemon
