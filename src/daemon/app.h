#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemon/config.h"
#include "daemon/places.h"

namespace specd::daemon {

/// What `specd run` was asked for, made whole.
struct AppOptions {
  Config config;
  std::vector<std::string> roots;  ///< absolute folders to register
  Places places;                   ///< `state` is where the database is
  bool is_default_root = false;    ///< nobody named a folder: the current one, if it has specs
  bool is_terminal = false;        ///< stderr is one: show how the first scan goes
};

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
