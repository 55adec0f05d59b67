#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "cli/args.h"

namespace specd::cli {

/// Calls `catch_up` whenever the daemon says that something has happened, and each time it answers
/// again after it was gone, until a person ends it (SIGINT, SIGTERM) or nobody reads what it
/// prints. `catch_up` prints what is new since it was last called; where it fails because nobody
/// answers, it is called again later. The exit code; what happens to the connection is said on
/// stderr. From here on these signals are blocked. Main thread.
[[nodiscard]] int follow(const AskArgs& ask, const std::string& target,
                         const std::function<Result<>()>& catch_up);

}  // namespace specd::cli
