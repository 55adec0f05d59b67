#include "api/spec_answers.h"

namespace specd::api {

proto::Spec spoken(const store::Spec& spec, std::string_view slug) {
  return {
      .key = spec.key.value.text,
      .project = slug,
      .kind = spec::to_string(spec.kind),
      .id = spec.id,
      .change_id = spec.change_id,
      .path = spec.dir,
      .title = spec.title,
      .status = spec.status,
      .priority = spec.priority,
      .tags = &spec.tags,
      .assignee = spec.assignee,
      .progress = spec::to_string(spec.progress),
      .tasks_done = spec.tasks_done,
      .tasks_total = spec.tasks_total,
      .version = spec.version,
      .sync_error = spec.sync_error,
      .last_synced_at = spec.last_synced_at,
      .filesystem_modified_at = spec.filesystem_modified_at,
      .db_modified_at = spec.db_modified_at,
      .archived_at = spec.archived_at,
  };
}

Failure unknown_kind() {
  return fail(Code::invalid, "kind must be change, archived, capability or leanspec");
}

Result<store::Spec> spec_called(const store::Tables& tables, ProjectId project,
                                const net::Request& request) {
  const std::string name(request.params.get("key"));
  auto by_key = tables.specs.get(SpecKey{Ulid{name}});
  if (!by_key) return tl::unexpected(by_key.error());
  if (*by_key && (*by_key)->project == project) return std::move(**by_key);
  std::optional<spec::Kind> kind_asked;
  if (const std::string* asked = request.query.find("kind"); asked != nullptr) {
    kind_asked = spec::parse_kind(*asked);
    if (!kind_asked) return unknown_kind();
  }
  using spec::Kind;
  for (Kind kind : {Kind::change, Kind::archived, Kind::capability, Kind::leanspec}) {
    if (kind_asked && kind != *kind_asked) continue;
    auto by_id = tables.specs.live(project, kind, name);
    if (!by_id) return tl::unexpected(by_id.error());
    if (*by_id) return std::move(**by_id);
  }
  auto numbered = tables.specs.live_with_number(project, name);
  if (!numbered) return tl::unexpected(numbered.error());
  if (numbered->size() == 1) return std::move(numbered->front());
  if (numbered->size() > 1)
    return fail(Code::conflict, "several specs have the number " + name + "; ask by id or key");
  return fail(Code::not_found, "there is no spec \"" + name + "\"");
}

}  // namespace specd::api
