#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/hint.h"
#include "base/id.h"
#include "base/result.h"

namespace specd::watch {

/// How closely a directory is watched.
enum class Depth {
  none,     ///< neither it nor anything below it
  entries,  ///< what appears in it, leaves it or moves
  full,     ///< that, and what is written to its files
};

/// Says it for every directory of a project, by its path below the root. Asked again for each
/// directory that appears, so it must stay callable, from any thread, until unwatch().
using Filter = std::function<Depth(std::string_view dir)>;

/// How well one project is watched.
struct Coverage {
  size_t directories = 0;
  std::vector<std::string>
      unwatched;           ///< subtrees that could not be watched, and are polled instead
  bool is_polled = false;  ///< as a whole
};

struct Counters {
  uint64_t overflows = 0;  ///< of the kernel's queue: each led to "look everywhere"
  uint64_t restarts = 0;
  size_t waiting_files = 0;  ///< that are being written, and are told when they hold still
};

/// Tells where to look. Owned by the daemon; any thread may call it. Hints go to one sink, from a
/// thread of the watcher, and may come at any time between watch() and the end of unwatch().
class Watcher {
 public:
  virtual ~Watcher() = default;

  /// From its return on, every change below `root` (absolute) that `filter` asks for leads to a
  /// hint. What changed before has to be looked for by the caller, afterwards. Watches afresh what
  /// is watched already.
  [[nodiscard]] virtual Result<> watch(ProjectId project, const std::string& root,
                                       Filter filter) = 0;
  virtual void unwatch(ProjectId project) = 0;

  [[nodiscard]] virtual Coverage coverage(ProjectId project) const = 0;
  [[nodiscard]] virtual Counters counters() const = 0;

  /// Leaves a mark that the watcher must notice by itself. Whether it has noticed the mark before:
  /// false means that it no longer sees or no longer runs, and should be restarted.
  [[nodiscard]] virtual bool probe() = 0;
  /// Begins anew with everything that is watched; then hints "everywhere" for each project.
  virtual void restart() = 0;
};

struct Options {
  /// An existing folder of ours in which probe() leaves its marks.
  std::string probe_folder;
  bool always_poll = false;
  std::chrono::milliseconds poll_interval{2000};
  /// Tests give a small one, to meet what happens when the kernel's limit is reached.
  size_t max_watches = SIZE_MAX;
};

/// inotify wherever it serves; polling where it does not, wholly (network file systems, no instance
/// left, or as the option says) or for the subtrees that the kernel had no watches left for.
[[nodiscard]] std::unique_ptr<Watcher> best_watcher(const HintSink& sink, const Clock& clock,
                                                    const Options& options);

}  // namespace specd::watch
