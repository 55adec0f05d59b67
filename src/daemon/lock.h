#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace specd::daemon {

/// A folder that is ours while this lives: flock(2) on the folder itself, so that no file has to be
/// made, and none can be deleted to break it. The kernel gives it up when the process ends, however
/// it ends.
class FolderLock {
 public:
  /// `busy` if another process has it; the message names that process where the kernel tells.
  [[nodiscard]] static Result<FolderLock> take(const std::string& folder);

 private:
  explicit FolderLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace specd::daemon
