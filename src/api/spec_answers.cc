#include "api/spec_answers.h"

#include "spec/references.h"
#include "sync/gone.h"

namespace specd::api {

Failure unknown_kind() {
  return fail(Code::invalid, "kind must be change, archived, capability or leanspec");
}

namespace {

Result<store::Spec> the_only(std::vector<store::Spec> found, std::string_view name) {
  if (found.size() == 1) return std::move(found.front());
  std::string ids;
  for (const store::Spec& spec : found) ids += (ids.empty() ? "" : ", ") + spec.id;
  return fail(Code::conflict, "several specs are called \"" + std::string(name) + "\": " + ids +
                                  "; ask by id or key");
}

// What people call a spec besides its id; none found: empty.
Result<std::vector<store::Spec>> nicknamed(const store::Tables& tables, ProjectId project,
                                           std::string_view name,
                                           const std::optional<spec::Kind>& kind) {
  if (!kind || *kind == spec::Kind::archived) {
    auto archived = tables.specs.archived_from(project, name);
    if (!archived || !archived->empty()) return archived;
  }
  if (kind && *kind != spec::Kind::leanspec) return std::vector<store::Spec>();
  auto folders = tables.specs.live_of_kind(project, spec::Kind::leanspec);
  if (!folders) return folders;
  const std::vector<std::string_view> ids = [&] {
    std::vector<std::string_view> all;
    for (const store::Spec& folder : *folders) all.push_back(folder.id);
    return all;
  }();
  std::vector<store::Spec> found;
  for (const size_t place : spec::SpecNames(ids).find(name))
    found.push_back(std::move((*folders)[place]));
  return found;
}

}  // namespace

Result<store::Spec> spec_named(const store::Tables& tables, ProjectId project,
                               std::string_view name, std::optional<spec::Kind> kind_asked) {
  auto by_key = tables.specs.get(SpecKey{Ulid{std::string(name)}});
  if (!by_key) return tl::unexpected(by_key.error());
  if (*by_key && (*by_key)->project == project) return std::move(**by_key);
  using spec::Kind;
  for (Kind kind : {Kind::change, Kind::archived, Kind::capability, Kind::leanspec}) {
    if (kind_asked && kind != *kind_asked) continue;
    auto by_id = tables.specs.live(project, kind, name);
    if (!by_id) return tl::unexpected(by_id.error());
    if (*by_id) return std::move(**by_id);
  }
  auto found = nicknamed(tables, project, name, kind_asked);
  if (!found) return tl::unexpected(found.error());
  if (!found->empty()) return the_only(std::move(*found), name);
  return fail(Code::not_found, "there is no spec \"" + std::string(name) + "\"");
}

namespace {

/// None: it does not say.
Result<std::optional<spec::Kind>> kind_asked(const net::Request& request) {
  const std::string* asked = request.query.find("kind");
  if (asked == nullptr) return std::optional<spec::Kind>();
  const auto kind = spec::parse_kind(*asked);
  if (!kind) return unknown_kind();
  return kind;
}

/// The latest of those that had the name, and the kind that is asked for.
Result<std::optional<store::Spec>> latest_deleted(const store::Tables& tables, ProjectId project,
                                                  const net::Request& request) {
  const auto kind = kind_asked(request);
  if (!kind) return tl::unexpected(kind.error());
  auto deleted = tables.specs.deleted_called(project, request.params.get("key"));
  if (!deleted) return tl::unexpected(deleted.error());
  for (store::Spec& spec : *deleted) {
    if (!*kind || spec.kind == **kind) return std::optional(std::move(spec));
  }
  return std::optional<store::Spec>();
}

}  // namespace

Result<store::Spec> spec_called(const store::Tables& tables, ProjectId project,
                                const net::Request& request) {
  const auto kind = kind_asked(request);
  if (!kind) return tl::unexpected(kind.error());
  return spec_named(tables, project, request.params.get("key"), *kind);
}

Result<store::Spec> spec_to_edit(const store::Tables& tables, ProjectId project,
                                 const net::Request& request) {
  auto spec = spec_called(tables, project, request);
  if (spec && spec->deleted_at) return sync::gone(*spec);
  if (spec || spec.error().code != Code::not_found) return spec;
  const auto deleted = latest_deleted(tables, project, request);
  if (!deleted) return tl::unexpected(deleted.error());
  if (*deleted) return sync::gone(**deleted);
  return spec;
}

Result<store::Spec> deleted_spec_called(const store::Tables& tables, ProjectId project,
                                        const net::Request& request) {
  auto deleted = latest_deleted(tables, project, request);
  if (!deleted) return tl::unexpected(deleted.error());
  return *deleted ? Result<store::Spec>(std::move(**deleted))
                  : spec_called(tables, project, request);
}

Result<SpecKey> spec_anywhere(const store::Tables& tables, std::optional<ProjectId> project,
                              std::string_view name) {
  // What is told of a spec can outlive it.
  if (const auto key = Ulid::parse(name)) return SpecKey{*key};
  std::vector<ProjectId> projects;
  if (project) {
    projects.push_back(*project);
  } else {
    auto all = tables.projects.list();
    if (!all) return tl::unexpected(all.error());
    for (const store::Project& each : *all) projects.push_back(each.id);
  }
  std::optional<SpecKey> found;
  for (const ProjectId id : projects) {
    auto spec = spec_named(tables, id, name, std::nullopt);
    if (!spec && spec.error().code != Code::not_found) return tl::unexpected(spec.error());
    if (!spec) continue;
    if (found) {
      return fail(Code::conflict, "several projects have a spec \"" + std::string(name) +
                                      "\": name one of them as well");
    }
    found = spec->key;
  }
  if (!found) return fail(Code::not_found, "there is no spec \"" + std::string(name) + "\"");
  return *found;
}

}  // namespace specd::api
