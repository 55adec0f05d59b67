#include "watch/watches.h"

#include <algorithm>

#include "base/path.h"

namespace specd::watch {

const Place* Watches::find(int descriptor) const {
  const auto at = places_.find(descriptor);
  return at == places_.end() ? nullptr : &at->second;
}

std::vector<int> Watches::below(ProjectId project, std::string_view dir) const {
  std::vector<int> found;
  for (const auto& [descriptor, place] : places_) {
    if (place.project == project && path::is_within(place.dir, dir)) found.push_back(descriptor);
  }
  return found;
}

void Watches::rename(ProjectId project, std::string_view from, std::string_view to) {
  for (int descriptor : below(project, from)) {
    Place& place = places_[descriptor];
    place.dir = path::join(to, path::below(place.dir, from));
  }
}

size_t Watches::count(ProjectId project) const {
  return static_cast<size_t>(std::count_if(places_.begin(), places_.end(), [&](const auto& entry) {
    return entry.second.project == project;
  }));
}

}  // namespace specd::watch
