#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "api/services.h"
#include "base/clock.h"
#include "base/queue.h"
#include "base/thread.h"

namespace specd::daemon {

/// The `openspec` CLI, run on a thread of its own, one at a time: two archives of one project would
/// be in each other's way. Its environment is small, and without its telemetry.
class OpenSpecTool {
 public:
  /// `command`: the program, by its path or found by PATH.
  explicit OpenSpecTool(std::string command);
  /// What runs has five seconds to end: an archive that is killed can leave half of its work.
  ~OpenSpecTool();
  OpenSpecTool(const OpenSpecTool&) = delete;
  OpenSpecTool& operator=(const OpenSpecTool&) = delete;

  /// Any thread. `done` is called on the thread of this, or at once: `busy` where too many wait,
  /// `not_found` where there is no such program; both say what to do.
  void run(const std::string& folder, const std::vector<std::string>& arguments,
           const api::ToolDone& done);

 private:
  struct Job {
    std::string folder;
    std::vector<std::string> words;
    api::ToolDone done;
  };
  void work();

  const std::string command_;
  std::atomic<SteadyTime> end_by_ = SteadyTime::max();  ///< anything else: we are stopping
  Queue<Job> queue_{16};
  Thread thread_;
};

}  // namespace specd::daemon
