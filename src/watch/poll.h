#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/hint.h"
#include "base/mutex.h"
#include "base/thread.h"

namespace specd::watch {

/// Whether the kernel does not tell us about changes below `root`: network and user-space file
/// systems, where somebody else's changes pass it by.
[[nodiscard]] bool needs_polling(const std::string& root);

/// Hints at the same subtrees again and again, for places that inotify cannot serve. Its thread
/// sleeps while there are none. Any thread may call it.
class Poll {
 public:
  Poll(HintSink sink, const Clock& clock, std::chrono::milliseconds interval);
  ~Poll();

  /// From now on these subtrees of the project are hinted at, instead of those given before. The
  /// empty path is the whole project; an empty list ends it.
  void set(ProjectId project, std::vector<std::string> subtrees) SPECD_EXCLUDES(mutex_);
  [[nodiscard]] std::vector<std::string> subtrees(ProjectId project) const SPECD_EXCLUDES(mutex_);

 private:
  void run() SPECD_EXCLUDES(mutex_);
  [[nodiscard]] std::vector<Hint> hints() const SPECD_REQUIRES(mutex_);

  const HintSink sink_;
  const Clock& clock_;
  const std::chrono::milliseconds interval_;

  mutable Mutex mutex_;
  CondVar changed_;
  std::map<int64_t, std::vector<std::string>> subtrees_ SPECD_GUARDED_BY(mutex_);
  bool stop_ SPECD_GUARDED_BY(mutex_) = false;

  Thread thread_;  // last: it uses all of the above
};

}  // namespace specd::watch
