#pragma once

#include <string>

#include "cli/args.h"
#include "cli/client.h"

namespace specd::cli {

/// Says what became of the files of an edit: `done` where all is on disk; the exit code.
int tell_edit(const AskArgs& ask, const Answer& answer, const std::string& done);

}  // namespace specd::cli
