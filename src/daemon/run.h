#pragma once

#include "cli/args.h"
#include "daemon/admin/doctor.h"

namespace specd::daemon {

/// `specd run`: settles what was asked for and runs it. The exit code: 0 after a clean end, 2 if it
/// could not begin.
[[nodiscard]] int run(const cli::RunArgs& args);

/// `specd config show|check`: what a daemon would be told here, without running one.
[[nodiscard]] int config(const cli::ConfigArgs& args);

/// For `specd doctor`: where a daemon would keep its things, and what it would keep. A
/// configuration that cannot be used is told in it; an error only where nobody knows of a place.
[[nodiscard]] Result<admin::Setting> setting(const cli::RunArgs& args);

}  // namespace specd::daemon
