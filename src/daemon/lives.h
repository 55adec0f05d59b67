#pragma once

#include <functional>

#include "base/result.h"
#include "daemon/app.h"

namespace specd::daemon {

/// What it is to be from now on, for a daemon that is told to reload.
using ReadOptions = std::function<Result<AppOptions>()>;

/// Keeps and serves until SIGTERM or SIGINT; the exit code. Prints `ready http://HOST:PORT/` on
/// stdout, once, when every project has been looked at and is watched; all else goes to stderr.
///
/// SIGHUP ends it, too, where stderr is a terminal. Elsewhere it asks `reload`, takes itself down
/// and up again in this process, and subscribers come back to where they were; where that cannot
/// be, all stays as it is.
[[nodiscard]] int run_app(AppOptions options, const ReadOptions& reload);

}  // namespace specd::daemon
