#include "watch/debounce.h"

#include <algorithm>

namespace specd::watch {

SteadyTime Debounce::due(const Waiting& waiting) const {
  return std::min(waiting.last + times_.calm, waiting.first + times_.at_most);
}

void Debounce::wrote(ProjectId project, const std::string& path, SteadyTime now) {
  const auto [at, is_new] = waiting_[project].try_emplace(path, Waiting{now, now});
  if (!is_new) at->second.last = now;
}

void Debounce::done(ProjectId project, const std::string& path) {
  if (const auto files = waiting_.find(project); files != waiting_.end()) files->second.erase(path);
}

void Debounce::forget(ProjectId project) {
  waiting_.erase(project);
}

std::vector<Hint> Debounce::take_due(SteadyTime now) {
  std::vector<Hint> hints;
  for (auto& [project, files] : waiting_) {
    for (auto file = files.begin(); file != files.end();) {
      if (due(file->second) <= now) {
        hints.push_back({project, Hint::What::open_file, file->first, {}});
        file = files.erase(file);
      } else {
        ++file;
      }
    }
  }
  return hints;
}

size_t Debounce::waiting() const {
  size_t count = 0;
  for (const auto& [project, files] : waiting_) count += files.size();
  return count;
}

std::optional<SteadyTime> Debounce::next() const {
  std::optional<SteadyTime> soonest;
  for (const auto& [project, files] : waiting_) {
    for (const auto& [path, waiting] : files) {
      if (const SteadyTime at = due(waiting); !soonest || at < *soonest) soonest = at;
    }
  }
  return soonest;
}

}  // namespace specd::watch
