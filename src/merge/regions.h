#pragma once

#include <vector>

#include "base/result.h"
#include "merge/lines.h"

namespace specd::merge {

/// A stretch where disk or row, or both, differ from base. Between two of them all three agree.
struct Region {
  enum class Changed { by_disk, by_row, equally, differently };
  Changed changed{};
  LineRange disk;
  LineRange row;
};

/// The regions of three texts, in order. Hunks of the two sides that overlap or touch make one
/// region; one that both changed differently is narrowed to the lines that really differ, and those
/// that almost nothing separates are one.
[[nodiscard]] Result<std::vector<Region>> regions_of(const Lines& base, const Lines& disk,
                                                     const Lines& row);

}  // namespace specd::merge
