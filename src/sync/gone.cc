#include "sync/gone.h"

#include "base/path.h"

namespace specd::sync {
namespace {

// Where the change of this folder was archived to; none: it was not, for all that is known.
Result<std::optional<store::Spec>> archived_from(const store::Tables& tables,
                                                 const ProjectView& project,
                                                 const std::string& path) {
  const auto unit = spec::unit_of(project.config, path);
  const bool is_change = unit && unit->family == spec::Kind::change && !unit->archived;
  if (!is_change) return std::optional<store::Spec>();
  auto archived = tables.specs.archived_from(project.id, path::name(unit->dir));
  if (!archived) return tl::unexpected(archived.error());
  if (archived->empty()) return std::optional<store::Spec>();
  return std::optional(std::move(archived->front()));
}

}  // namespace

Failure gone(const store::Spec& spec) {
  const std::string id = printable_utf8(spec.id);
  return fail(Code::gone,
              "the spec " + id + " was deleted; `specd restore " + id + "` brings it back");
}

Failure no_spec_at(const store::Tables& tables, const ProjectView& project,
                   const std::string& path) {
  auto archived = archived_from(tables, project, path);
  if (!archived) return tl::unexpected(archived.error());
  if (*archived)
    return fail(Code::gone, printable_utf8(path) + ": the change was archived; its files are in " +
                                printable_utf8((*archived)->dir));
  for (std::string dir(path::parent(path)); !dir.empty(); dir = path::parent(dir)) {
    auto deleted = tables.specs.deleted_at(project.id, dir);
    if (!deleted) return tl::unexpected(deleted.error());
    if (*deleted) return fail_within(printable_utf8(path), gone(**deleted).value());
  }
  return fail(Code::not_found, printable_utf8(path) + ": no spec is there");
}

}  // namespace specd::sync
