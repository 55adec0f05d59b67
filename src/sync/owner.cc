#include "sync/owner.h"

#include <algorithm>

#include "base/path.h"

namespace specd::sync {

Result<std::optional<store::Spec>> spec_around(const store::Tables& tables, ProjectId project,
                                               const std::string& path) {
  for (std::string dir(path::parent(path)); !dir.empty(); dir = path::parent(dir)) {
    auto spec = tables.specs.live_at(project, dir);
    if (!spec || *spec) return spec;
  }
  return std::optional<store::Spec>();
}

std::map<std::string, spec::Role> roles_in(const ProjectView& project, const std::string& dir,
                                           const std::set<std::string>& paths) {
  std::map<std::string, spec::Role> roles;
  const auto unit = spec::unit_of(project.config, dir);
  if (!unit) return roles;
  UnitListing listing{.unit = *unit};
  for (const std::string& path : paths) listing.files.push_back({.path = path});
  for (const spec::FoundSpec& found : find_specs(project, listing)) {
    if (found.dir != dir) continue;
    for (const spec::FoundFile& file : found.files) roles[file.path] = file.role;
  }
  return roles;
}

Result<spec::Role> role_at(const store::Tables& tables, const ProjectView& project,
                           const store::Spec& spec, const std::string& path) {
  const auto unit = spec::unit_of(project.config, path);
  const auto parts = path::parts(path);
  const bool is_hidden =
      std::ranges::any_of(parts, [](std::string_view part) { return spec::is_ignored(part); });
  if (!unit || is_hidden)
    return fail(Code::invalid,
                printable_utf8(path) + ": specd keeps no files by such a name; choose another");
  auto states = tables.states.below(project.id, unit->dir);
  if (!states) return tl::unexpected(states.error());
  std::set<std::string> paths{path};
  for (const store::FileState& state : *states) {
    if (state.base) paths.insert(state.path);
  }
  const auto roles = roles_in(project, spec.dir, paths);
  if (const auto role = roles.find(path); role != roles.end()) return role->second;
  return fail(Code::invalid,
              printable_utf8(path) + ": such a file would not belong to the spec in " + spec.dir);
}

}  // namespace specd::sync
