#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "sync/pull_plan.h"

/// Which spec a path belongs to, and what it is to it.
namespace specd::sync {

/// The innermost live spec in whose folder the path lies, since capabilities nest.
[[nodiscard]] Result<std::optional<store::Spec>> spec_around(const store::Tables& tables,
                                                             ProjectId project,
                                                             const std::string& path);

/// The roles that these files have in the spec of this folder when all of them are there. A file
/// that would not belong to it has none.
[[nodiscard]] std::map<std::string, spec::Role> roles_in(const ProjectView& project,
                                                         const std::string& dir,
                                                         const std::set<std::string>& paths);

/// The role that a file has in the spec, or would have if it were there. `invalid`: specd keeps no
/// file by that name there.
[[nodiscard]] Result<spec::Role> role_at(const store::Tables& tables, const ProjectView& project,
                                         const store::Spec& spec, const std::string& path);

}  // namespace specd::sync
