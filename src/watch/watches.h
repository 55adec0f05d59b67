#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/id.h"

namespace specd::watch {

/// A directory that is watched.
struct Place {
  ProjectId project;
  std::string dir;  ///< relative to the project's root
};

/// The kernel's watch descriptors and the directories they stand for. A watch follows its directory
/// when that is renamed, so the table has to follow too. No locks, no system calls.
class Watches {
 public:
  void set(int descriptor, Place place) { places_[descriptor] = std::move(place); }
  void erase(int descriptor) { places_.erase(descriptor); }
  void clear() { places_.clear(); }

  [[nodiscard]] const Place* find(int descriptor) const;
  /// Descriptors of `dir` and everything below it.
  [[nodiscard]] std::vector<int> below(ProjectId project, std::string_view dir) const;
  /// `from` is called `to` now, and so everything below it.
  void rename(ProjectId project, std::string_view from, std::string_view to);

  [[nodiscard]] size_t size() const { return places_.size(); }
  [[nodiscard]] size_t count(ProjectId project) const;

 private:
  std::unordered_map<int, Place> places_;
};

}  // namespace specd::watch
