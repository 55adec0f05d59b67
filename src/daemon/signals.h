#pragma once

namespace specd::daemon {

/// Blocks the signals that end a daemon, for this thread and every later one, and ignores those
/// that would end it by accident (SIGPIPE; SIGIO, which leases send). First thing in main, before
/// any thread.
void block_signals();

/// Waits for SIGTERM, SIGINT or wake_signals(). The signal; 0 when woken.
[[nodiscard]] int wait_for_signal();
/// Any thread: lets wait_for_signal return 0.
void wake_signals();

}  // namespace specd::daemon
