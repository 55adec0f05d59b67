#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace specd::sync {

/// Paths that something could not be done for, and when to try again: later each time.
class Backoff {
 public:
  void retry(const std::string& path, SteadyTime now) {
    using std::chrono::milliseconds;
    constexpr std::array<milliseconds, 8> waits{
        milliseconds(2),  milliseconds(5),   milliseconds(10),  milliseconds(20),
        milliseconds(50), milliseconds(100), milliseconds(500), milliseconds(1000)};
    Try& entry = tries_[path];
    entry.next = now + waits[std::min(entry.times, waits.size() - 1)];
    ++entry.times;
  }
  void retry_at(const std::string& path, SteadyTime at) { tries_[path].next = at; }
  /// It was done, or is no longer to be.
  void settle(const std::string& path) { tries_.erase(path); }
  /// Forgets all but these.
  void keep_only(const std::vector<std::string>& paths) {
    if (tries_.empty()) return;
    const std::set<std::string_view> kept(paths.begin(), paths.end());
    std::erase_if(tries_, [&](const auto& entry) { return !kept.contains(entry.first); });
  }
  /// What it waited for may be over.
  void hurry(const std::string& path, SteadyTime now) {
    if (const auto entry = tries_.find(path); entry != tries_.end()) entry->second.next = now;
  }
  [[nodiscard]] bool is_waiting(const std::string& path, SteadyTime now) const {
    const auto entry = tries_.find(path);
    return entry != tries_.end() && entry->second.next > now;
  }
  /// When the first of them is due.
  [[nodiscard]] std::optional<SteadyTime> next() const {
    std::optional<SteadyTime> next;
    for (const auto& [path, entry] : tries_) {
      if (!next || entry.next < *next) next = entry.next;
    }
    return next;
  }

 private:
  struct Try {
    SteadyTime next;
    size_t times = 0;
  };
  std::map<std::string, Try> tries_;
};

}  // namespace specd::sync
