#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/support/bench.h"

namespace specd::bench {

struct TreeSize {
  size_t active = 0;
  size_t archived = 0;
  size_t capabilities = 0;
  uint64_t seed = 1;
};

/// 10,000 changes, a fifth of them active, in 500 capabilities; or a twentieth of that.
[[nodiscard]] TreeSize large_project(const Arguments& arguments);

/// What was written: paths below the root, and the sum of their bytes.
struct Tree {
  std::vector<std::string> files;
  int64_t bytes = 0;

  /// Some file by this name of an active change.
  [[nodiscard]] std::string one_active(const std::string& name) const;
};

/// An OpenSpec project below `root`, the same for the same size: each change has a proposal, tasks,
/// sometimes a design, and one or two deltas; files have 1 to 8 KB.
[[nodiscard]] Tree make_openspec_tree(const std::string& root, const TreeSize& size);
/// A LeanSpec project: specs/NNNNN-name/README.md with front matter, `active` and `archived` of
/// them.
[[nodiscard]] Tree make_leanspec_tree(const std::string& root, const TreeSize& size);

/// Writes the whole file, in place, as an editor without backup does.
void write_file(const std::string& path, const std::string& text);
[[nodiscard]] std::string read_file(const std::string& path);

}  // namespace specd::bench
