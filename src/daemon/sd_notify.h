#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace specd::daemon {

/// What the service manager hears of us (sd_notify(3)). Any thread. All of it does nothing where no
/// manager listens, or without libsystemd: now, or when this was built.

/// Everything was looked at and is watched. `status` is a line for people, in `systemctl status`.
void notify_ready(const std::string& status);
/// Still at the first scan: the manager must not lose its patience before `more` has passed.
void notify_starting(const std::string& status, std::chrono::seconds more);
/// A new configuration is being taken up; notify_ready ends it.
void notify_reloading();
void notify_stopping();
/// Asked for by watchdog_limit.
void notify_alive();

/// If the manager wants a notify_alive at least this often, or ends us; none: it does not.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_limit();

}  // namespace specd::daemon
