#include "daemon/watchdog.h"

#include "base/log.h"

namespace specd::daemon {

bool Watchdog::tick() {
  const SteadyTime now = clock_.steady();
  bool is_alive = true;
  for (const Watched& thread : watched_) {
    const auto silence = now - thread.last_sign();
    if (silence > limit_ / 2) {
      const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(silence).count();
      log::error("thread-stands-still", {{"thread", thread.name}, {"ms", ms}});
      is_alive = false;
    }
    thread.ask();
  }
  return is_alive;
}

}  // namespace specd::daemon
