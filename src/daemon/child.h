#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace specd::daemon {

/// A program to be run to its end, for what it says. It reads nothing.
struct ChildOrder {
  std::vector<std::string> words;  ///< the program, found by PATH, and its arguments; no shell
  std::vector<std::string> environment;  ///< NAME=VALUE: all of it
  std::string folder;                    ///< where it works
  std::chrono::milliseconds time_limit{60'000};
  size_t most_bytes = size_t{1} << 20;  ///< of each of its outputs; what is more is dropped
};

struct ChildEnd {
  int exit_code = 0;  ///< 128 and the signal's number, where one ended it
  std::string out;
  std::string err;
};

/// Blocks until it has ended. It is ended, with all that it started, when its time is over (`busy`)
/// or once `is_stopping` says so, which is asked every 100 ms. `not_found` if there is none of this
/// name.
[[nodiscard]] Result<ChildEnd> run_child(const ChildOrder& order,
                                         const std::function<bool()>& is_stopping);

}  // namespace specd::daemon
