#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "watch/debounce.h"
#include "watch/watcher.h"

namespace specd::watch {

struct InotifyOptions {
  /// An existing folder of ours in which probe() leaves its marks.
  std::string probe_folder;
  Debounce::Times times{};
  /// How long half of a rename waits for its other half.
  std::chrono::milliseconds rename_pair{20};
  /// Tests give a small one, to meet what happens when the kernel's limit is reached.
  size_t max_watches = SIZE_MAX;
  /// Told whenever it has changed which subtrees of a project the kernel has no watches left for
  /// (fs.inotify.max_user_watches): somebody else has to look there from time to time. From any
  /// thread; must not call the watcher.
  std::function<void(ProjectId, const std::vector<std::string>& subtrees)> uncovered;
};

/// Watches with inotify(7), with a thread of its own. Fails where the kernel gives no instance
/// (fs.inotify.max_user_instances): then poll.
[[nodiscard]] Result<std::unique_ptr<Watcher>> inotify_watcher(HintSink sink, const Clock& clock,
                                                               InotifyOptions options);

}  // namespace specd::watch
