#pragma once

#include <string>

#include "base/result.h"
#include "sync/pull_plan.h"

/// Specs that were here, and whose files nobody can edit any more.
namespace specd::sync {

/// That this spec was deleted, and how it comes back.
[[nodiscard]] Failure gone(const store::Spec& spec);

/// Why there is no live spec that `path` could be a file of: `gone`, where one had its folder and
/// was deleted or archived; else `not_found`.
[[nodiscard]] Failure no_spec_at(const store::Tables& tables, const ProjectView& project,
                                 const std::string& path);

}  // namespace specd::sync
