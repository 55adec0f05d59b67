#include "api/answers.h"
#include "api/handlers.h"
#include "proto/json_build.h"
#include "proto/spec_json.h"

namespace specd::api {
namespace {

constexpr Range kLimit{.least = 1, .most = 100'000, .fallback = 1'000};

struct Filter {
  std::optional<spec::Kind> kind;
  std::string status;  ///< empty: any

  [[nodiscard]] bool takes(const store::Spec& spec) const {
    return (!kind || spec.kind == *kind) && (status.empty() || spec.status == status);
  }
};

Result<Filter> parse_filter(const net::Fields& query) {
  Filter filter{.kind = std::nullopt, .status = std::string(query.get("status"))};
  if (const std::string* kind = query.find("kind"); kind != nullptr) {
    filter.kind = spec::parse_kind(*kind);
    if (!filter.kind) {
      return fail(Code::invalid, "kind must be change, archived, capability or leanspec");
    }
  }
  return filter;
}

Value to_value(const store::Spec& spec, const std::string& slug) {
  return proto::to_value(proto::Spec{
      .key = spec.key.value.text,
      .project = slug,
      .kind = std::string(spec::to_string(spec.kind)),
      .id = spec.id,
      .change_id = spec.change_id,
      .path = spec.dir,
      .title = spec.title,
      .status = spec.status,
      .priority = spec.priority,
      .tags = spec.tags,
      .assignee = spec.assignee,
      .progress = std::string(spec::to_string(spec.progress)),
      .tasks_done = spec.tasks_done,
      .tasks_total = spec.tasks_total,
      .version = spec.version,
      .sync_error = spec.sync_error,
      .last_synced_at = spec.last_synced_at,
      .filesystem_modified_at = spec.filesystem_modified_at,
      .db_modified_at = spec.db_modified_at,
      .archived_at = spec.archived_at,
  });
}

}  // namespace

Result<net::Response> list_specs(const Api& api, const net::Request& request) {
  const auto filter = parse_filter(request.query);
  if (!filter) return tl::unexpected(filter.error());
  const auto limit = number_in(request.query, "limit", kLimit);
  if (!limit) return tl::unexpected(limit.error());
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto project = project_called(reader->tables(), request.params.get("slug"));
  if (!project) return tl::unexpected(project.error());
  const auto specs = reader->tables().specs.list_live(project->id);
  if (!specs) return tl::unexpected(specs.error());

  Value listed = proto::list();
  int64_t total = 0;
  for (const store::Spec& spec : *specs) {
    if (!filter->takes(spec)) continue;
    if (++total <= *limit) listed.items.push_back(to_value(spec, project->slug));
  }
  Value value = proto::object();
  value.entries.emplace_back("total", proto::number(total));
  value.entries.emplace_back("specs", std::move(listed));
  return json_answer_for(request, value);
}

}  // namespace specd::api
