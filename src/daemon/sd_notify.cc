#include "daemon/sd_notify.h"

#include <cstdint>

#if SPECD_HAS_SYSTEMD
#include <dlfcn.h>
#include <systemd/sd-daemon.h>
#endif

#include "base/clock.h"

namespace specd::daemon {
namespace {

#if SPECD_HAS_SYSTEMD
/// A function of libsystemd; null where that is not installed. Loaded when the daemon first needs
/// it: linked, it would make each command load it, and five more libraries that it needs.
template <class Function>
Function* from_systemd(const char* name) {
  static void* const library = ::dlopen("libsystemd.so.0", RTLD_NOW);
  return library == nullptr ? nullptr : reinterpret_cast<Function*>(::dlsym(library, name));
}
#endif

void tell(const std::string& what) {
#if SPECD_HAS_SYSTEMD
  // A manager that does not listen is none of our business.
  if (auto* notify = from_systemd<decltype(sd_notify)>("sd_notify")) (void)notify(0, what.c_str());
#else
  (void)what;
#endif
}

}  // namespace

void notify_ready(const std::string& status) {
  tell("READY=1\nSTATUS=" + status);
}

void notify_starting(const std::string& status, std::chrono::seconds more) {
  const auto limit = std::chrono::microseconds(more).count();
  tell("EXTEND_TIMEOUT_USEC=" + std::to_string(limit) + "\nSTATUS=" + status);
}

void notify_reloading() {
  const auto now = system_clock().steady().time_since_epoch();
  const auto now_us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now_us));
}

void notify_stopping() {
  tell("STOPPING=1");
}

void notify_alive() {
  tell("WATCHDOG=1");
}

std::optional<std::chrono::microseconds> watchdog_limit() {
#if SPECD_HAS_SYSTEMD
  uint64_t limit = 0;
  auto* enabled = from_systemd<decltype(sd_watchdog_enabled)>("sd_watchdog_enabled");
  if (enabled != nullptr && enabled(0, &limit) > 0) return std::chrono::microseconds(limit);
#endif
  return std::nullopt;
}

}  // namespace specd::daemon
