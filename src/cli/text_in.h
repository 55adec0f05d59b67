#pragma once

#include <string>

#include "base/result.h"

namespace specd::cli {

/// All of a file that a person names; `-`: of stdin.
[[nodiscard]] Result<std::string> text_in(const std::string& path);

}  // namespace specd::cli
