#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace specd::admin {

/// Runs a program, found by PATH, to its end; its exit code. It reads and writes where we do.
/// `not_found` if there is none of this name.
[[nodiscard]] Result<int> run_program(const std::vector<std::string>& command);

/// Starts a program, found by PATH, that outlives us, reads nothing and says nothing. `not_found`
/// if there is none of this name; `io` if it fails within `patience`, for which it is watched.
[[nodiscard]] Result<> start_program(const std::vector<std::string>& command,
                                     std::chrono::milliseconds patience);

}  // namespace specd::admin
