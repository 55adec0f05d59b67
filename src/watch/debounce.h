#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/hint.h"

namespace specd::watch {

/// Decides when a file that is being written may be looked at: at once when its writer closes it,
/// otherwise when it has held still for a while, and in any case from time to time. No thread, no
/// clock: it is told the time.
class Debounce {
 public:
  struct Times {
    std::chrono::milliseconds calm{100};      ///< without a write
    std::chrono::milliseconds at_most{1000};  ///< since the first write that was not looked at
  };

  explicit Debounce(Times times) : times_(times) {}

  /// Somebody wrote to the file and may go on.
  void wrote(ProjectId project, const std::string& path, SteadyTime now);
  /// The file was closed, replaced or removed: what is waiting for it has become needless.
  void done(ProjectId project, const std::string& path);
  void forget(ProjectId project);

  /// Files whose time has come; they are no longer waiting.
  [[nodiscard]] std::vector<Hint> take_due(SteadyTime now);
  [[nodiscard]] size_t waiting() const;
  /// When to call take_due next; none while nothing waits.
  [[nodiscard]] std::optional<SteadyTime> next() const;

 private:
  struct Waiting {
    SteadyTime first;
    SteadyTime last;
  };
  [[nodiscard]] SteadyTime due(const Waiting& waiting) const;

  const Times times_;
  std::unordered_map<ProjectId, std::unordered_map<std::string, Waiting>> waiting_;
};

}  // namespace specd::watch
