#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace specd::merge {

/// What a file was when disk and row last agreed, and what each of them is now.
struct Sides {
  std::string_view base;
  std::string_view disk;
  std::string_view row;
};

/// Where both sides changed the same lines: `none` leaves those of the disk; `git` shows those of
/// both, between git's markers.
enum class Markers { none, git };
inline constexpr std::string_view kDiskMarker = "<<<<<<< what is on disk";
inline constexpr std::string_view kMiddleMarker = "=======";
inline constexpr std::string_view kRowMarker = ">>>>>>> the edit";

struct Merged {
  std::string content;
  size_t conflicts = 0;  ///< places where both sides changed the same lines differently
  [[nodiscard]] bool is_clean() const { return conflicts == 0; }
};

/// Merges by lines, and finds the same conflicts as `git merge-file`. Line ends and a byte order
/// mark are no differences: the result has the disk's, and ends in a line end or without one as the
/// disk does. Any thread. `invalid` for what is no UTF-8 text, or past the limits of lines.h; `io`
/// without libgit2.
[[nodiscard]] Result<Merged> text3(const Sides& sides, Markers markers);

}  // namespace specd::merge
