#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace specd::merge {

/// Lines `begin` to `end`, counted from 0; `end` is not one of them.
struct LineRange {
  size_t begin = 0;
  size_t end = 0;
  [[nodiscard]] size_t size() const { return end - begin; }
  [[nodiscard]] bool empty() const { return begin == end; }
  friend bool operator==(const LineRange&, const LineRange&) = default;
};

/// Lines that stand in one text where the other has others; one of the two may be empty.
struct Hunk {
  LineRange before;
  LineRange after;
};

/// What turns one text into the other, line by line, as `git diff` finds it: in order, with at
/// least one common line between two hunks. Any thread. Loads libgit2 at its first call; `io` where
/// that is not installed.
[[nodiscard]] Result<std::vector<Hunk>> diff_lines(std::string_view before, std::string_view after);

}  // namespace specd::merge
