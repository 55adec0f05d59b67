#pragma once

#include "cli/args.h"

namespace specd::cli {

/// conflicts merge, restore, dismiss; the exit code.
int resolve_conflict(const AskArgs& ask, const ConflictsArgs& args);

}  // namespace specd::cli
