#pragma once

#include <string>

#include "base/result.h"
#include "base/value.h"
#include "cli/args.h"

namespace specd::cli {

/// The project of this slug or root, which may be gone; without a name the one around the current
/// folder. `not_found` names those that there are.
[[nodiscard]] Result<Value> find_project(const AskArgs& ask, const std::string& name);

/// `ask` with the slug of the project that it names: by slug, by root, or by a folder below its
/// root. Unchanged if it names none.
[[nodiscard]] Result<AskArgs> with_slug(AskArgs ask);

}  // namespace specd::cli
