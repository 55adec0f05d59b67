#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace specd::watch {

/// Tells when somebody writes to one file, the log of a database, which is never opened for that:
/// closing a descriptor on it would drop SQLite's locks. It has a thread of its own, which the
/// kernel wakes (inotify on the folder); while nobody writes, it sleeps.
///
/// What is told is a hint that comes early: a commit can be seen only some time after the log has
/// it.
class LogWatch {
 public:
  struct Hooks {
    /// Changes while this process writes to the log, and when it has. Any thread.
    std::function<uint64_t()> own_writes;
    /// Others wrote. From the thread of the watch, as is the next.
    std::function<void()> written_by_others;
    /// This process wrote, and perhaps others did. Once for a burst, a moment after its first.
    std::function<void()> written;
  };

  /// Of the file at `path`, which need not be there yet; its folder must be. Fails where the kernel
  /// gives no instance or watch.
  [[nodiscard]] static Result<std::unique_ptr<LogWatch>> start(const std::string& path,
                                                               Hooks hooks);
  /// Nothing is told any more once it returns.
  virtual ~LogWatch() = default;
};

}  // namespace specd::watch
