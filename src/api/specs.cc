#include <map>

#include "api/answers.h"
#include "api/handlers.h"
#include "base/json.h"
#include "base/path.h"
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

/// By key, or by id: of a change before an archived one before the others, unless `kind` says
/// which; "035" is the LeanSpec folder "035-…" if there is but one.
Result<store::Spec> spec_called(const store::Tables& tables, ProjectId project,
                                const net::Request& request) {
  const std::string name(request.params.get("key"));
  auto by_key = tables.specs.get(SpecKey{Ulid{name}});
  if (!by_key) return tl::unexpected(by_key.error());
  if (*by_key && (*by_key)->project == project) return std::move(**by_key);
  const auto filter = parse_filter(request.query);
  if (!filter) return tl::unexpected(filter.error());
  using spec::Kind;
  for (Kind kind : {Kind::change, Kind::archived, Kind::capability, Kind::leanspec}) {
    if (filter->kind && kind != *filter->kind) continue;
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

Value to_value(const store::FileRow& row, const std::optional<store::FileState>& state) {
  Value value = proto::object();
  auto& entries = value.entries;
  entries.emplace_back("path", proto::text(printable_utf8(row.path)));
  entries.emplace_back("role", proto::text(spec::to_string(row.role)));
  const bool has_base = state && state->base;
  entries.emplace_back("version", proto::text_or_null(has_base ? state->base->hex() : ""));
  entries.emplace_back("in_step", proto::boolean(has_base && state->pushed_rev == row.rev));
  entries.emplace_back("title", proto::text_or_null(state ? state->facts.title : ""));
  entries.emplace_back("tasks_done", proto::number(state ? state->facts.tasks_done : 0));
  entries.emplace_back("tasks_total", proto::number(state ? state->facts.tasks_total : 0));
  entries.emplace_back("error", proto::text_or_null(state ? state->facts.error : ""));
  return value;
}

/// The files that are there, and those that cannot be read, each with its error.
Result<Value> files_of(const store::Tables& tables, const store::Spec& spec) {
  auto rows = tables.files.of_spec(spec.key);
  if (!rows) return tl::unexpected(rows.error());
  auto states = tables.states.of_spec(spec.key);
  if (!states) return tl::unexpected(states.error());
  std::map<std::string, store::FileState> by_path;
  for (store::FileState& state : *states) by_path.emplace(state.path, std::move(state));
  Value files = proto::list();
  for (const store::FileRow& row : *rows) {
    const auto state = by_path.find(row.path);
    const bool is_known = state != by_path.end();
    if (!row.deleted_at)
      files.items.push_back(to_value(row, is_known ? std::optional(state->second) : std::nullopt));
    if (is_known) by_path.erase(state);
  }
  for (const auto& [path, state] : by_path) {
    if (state.facts.error.empty()) continue;
    files.items.push_back(to_value({.path = path, .role = state.role}, state));
  }
  return files;
}

}  // namespace

Result<net::Response> get_spec(const Api& api, const net::Request& request) {
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto project = project_called(reader->tables(), request.params.get("slug"));
  if (!project) return tl::unexpected(project.error());
  const auto spec = spec_called(reader->tables(), project->id, request);
  if (!spec) return tl::unexpected(spec.error());
  auto files = files_of(reader->tables(), *spec);
  if (!files) return tl::unexpected(files.error());
  Value value = to_value(*spec, project->slug);
  Value front_matter;
  if (spec->front_matter) {
    if (auto parsed = json::parse(*spec->front_matter)) front_matter = std::move(*parsed);
  }
  value.entries.emplace_back("front_matter", std::move(front_matter));
  value.entries.emplace_back("deleted_at", proto::timestamp(spec->deleted_at));
  value.entries.emplace_back("files", std::move(*files));
  return json_answer_for(request, value);
}

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
