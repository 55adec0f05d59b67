#pragma once

#include "cli/args.h"

namespace specd::daemon {

/// `specd run`: settles what was asked for and runs it. The exit code: 0 after a clean end, 2 if it
/// could not begin.
[[nodiscard]] int run(const cli::RunArgs& args);

/// `specd config show|check`: what a daemon would be told here, without running one.
[[nodiscard]] int config(const cli::ConfigArgs& args);

}  // namespace specd::daemon
