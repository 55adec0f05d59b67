#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/hint.h"
#include "store/history.h"

namespace specd::sync {

/// Where one project has to be looked at, and when. Only hints: losing all of it costs a scan. Sync
/// thread only.
struct Agenda {
  /// What to look at now.
  std::set<std::string> done_files;    ///< their writers are done
  std::set<std::string> open_files;    ///< held still, perhaps not done
  std::set<std::string> unsure_files;  ///< whose writers nobody knows anything of
  std::set<std::string> subtrees;
  std::vector<std::pair<std::string, std::string>>
      moves;                             ///< (from, to), in the order they happened
  std::optional<store::Trigger> scan;    ///< everything, and why
  std::optional<SteadyTime> first_hint;  ///< of what is above

  /// What to look at later.
  std::map<std::string, SteadyTime>
      busy;                          ///< files that somebody was writing, and when to look again
  std::map<std::string, int> tries;  ///< how often each of them was busy in a row
  std::map<std::string, SteadyTime> busy_since;  ///< when each of them was busy first
  std::map<std::string, SteadyTime>
      absent;  ///< files and unit folders that were gone, and when to believe it

  void take(const Hint& hint, SteadyTime now);
  void want_scan(store::Trigger why, SteadyTime now);
  /// Puts back what could not be done, behind what has come meanwhile.
  void put_back(Agenda&& undone);
  /// A file was busy again: the next look is later each time.
  void retry(const std::string& path, SteadyTime now);
  /// A file was looked at, whatever came of it but `busy`.
  void settle(const std::string& path) {
    busy.erase(path);
    tries.erase(path);
    busy_since.erase(path);
  }
  /// A path was gone; keeps the earlier time if it is waiting already.
  void expect_return(const std::string& path, SteadyTime believe_at) {
    absent.try_emplace(path, believe_at);
  }

  [[nodiscard]] bool has_work_now() const {
    return !done_files.empty() || !open_files.empty() || !unsure_files.empty() ||
           !subtrees.empty() || !moves.empty() || scan.has_value();
  }
  /// When the first of all this was noticed, if there is any; of what was absent, when it was
  /// missed, which is `grace` before it is believed.
  [[nodiscard]] std::optional<SteadyTime> oldest(SteadyTime::duration grace) const;
  /// Whether something of it may be about what is at `path` or below it.
  [[nodiscard]] bool concerns(const std::string& path) const;
  /// When something is due, if not now.
  [[nodiscard]] std::optional<SteadyTime> next_later() const;
  /// Moves what has become due to what is to look at now. The absent paths whose time has come are
  /// returned.
  [[nodiscard]] std::vector<std::string> take_due(SteadyTime now);
};

}  // namespace specd::sync
