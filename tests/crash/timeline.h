#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/fake/mem_tree.h"

namespace specd::crash {

/// What SQLite did to one of its files.
struct DatabaseChange {
  enum class What { written, truncated, synced };
  What what{};
  std::string path;
  int64_t at = 0;  ///< where, or the new size
  std::string bytes;
};

/// Does it to the content of the file; only so many bytes of it, if it was written.
inline void apply(std::string& file, const DatabaseChange& change, size_t bytes) {
  const auto at = static_cast<size_t>(change.at);
  if (change.what == DatabaseChange::What::truncated) file.resize(at);
  if (change.what != DatabaseChange::What::written) return;
  file.resize(std::max(file.size(), at + bytes));
  file.replace(at, bytes, change.bytes, 0, bytes);
}

/// Somebody was told that something is safe.
struct Promise {
  std::string what;
};

/// What happened, in order; it says all that a power cut at any of its moments needs.
using Step = std::variant<DiskChange, DatabaseChange, Promise>;

/// A run on an empty disk.
struct Timeline {
  std::vector<Step> steps;
  size_t first = 0;  ///< before no step before this one is the power cut
  std::map<std::string, std::string> databases{};  ///< contents at that moment, by path

  /// Whether the power may be cut before this step: not in the middle of a call, unless Order says
  /// so of what it leaves.
  [[nodiscard]] bool is_between_calls(size_t at) const {
    if (at == 0 || at == steps.size()) return true;
    const auto* before = std::get_if<DiskChange>(&steps[at - 1]);
    const auto* next = std::get_if<DiskChange>(&steps[at]);
    return before == nullptr || next == nullptr || before->call != next->call;
  }
  /// From here on the power may be cut: what SQLite did until now is durable.
  void begin() {
    for (const Step& step : steps) {
      const auto* change = std::get_if<DatabaseChange>(&step);
      if (change != nullptr) apply(databases[change->path], *change, change->bytes.size());
    }
    std::erase_if(steps, [](const Step& step) { return !std::get_if<DiskChange>(&step); });
    first = steps.size();
  }
  /// As if these steps, from this one on, had never been made. Returns how many there were.
  template <class IsIt>
  size_t leave_out(size_t from, const IsIt& is_it) {
    size_t left_out = 0;
    std::vector<Step> kept;
    for (size_t at = 0; at < steps.size(); ++at) {
      if (at < from || !is_it(steps[at])) {
        kept.push_back(std::move(steps[at]));
        continue;
      }
      ++left_out;
      if (kept.size() < first) --first;
    }
    steps = std::move(kept);
    return left_out;
  }
};

}  // namespace specd::crash
