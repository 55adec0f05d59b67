#pragma once

#include <string>

#include "base/result.h"
#include "cli/args.h"
#include "cli/client.h"

namespace specd::cli {

/// One spec, by its id, number or key: of the project that `ask` names, or of the only one that has
/// it. `conflict` where several have.
[[nodiscard]] Result<Answer> find_spec(const AskArgs& ask, const std::string& name);

}  // namespace specd::cli
