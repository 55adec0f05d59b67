#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace specd::cli {

/// What turns one text into the other, for people: as `diff -u` shows it, with three lines around
/// each change and the number of its first line; in colours where stdout has them. Empty where they
/// are the same but for line ends. Errors as merge::Lines and merge::diff_lines.
[[nodiscard]] Result<std::string> differences(std::string_view before, std::string_view after);

}  // namespace specd::cli
