#include <map>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/spec_answers.h"
#include "base/json.h"
#include "base/path.h"
#include "proto/json_build.h"

namespace specd::api {
namespace {

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
  const auto snapshot = reader->reader().snapshot();
  if (!snapshot) return tl::unexpected(snapshot.error());
  const auto project = project_called(reader->tables(), request.params.get("slug"));
  if (!project) return tl::unexpected(project.error());
  const auto spec = spec_called(reader->tables(), project->id, request);
  if (!spec) return tl::unexpected(spec.error());
  auto files = files_of(reader->tables(), *spec);
  if (!files) return tl::unexpected(files.error());
  Value front_matter;
  if (spec->front_matter) {
    if (auto parsed = json::parse(*spec->front_matter)) front_matter = std::move(*parsed);
  }
  proto::JsonWriter out;
  out.begin_object();
  write_fields(out, spoken(*spec, project->slug), proto::spec_fields());
  out.name("front_matter");
  out.raw(json::dump(front_matter));
  out.name("deleted_at");
  out.timestamp(spec->deleted_at);
  out.name("files");
  out.raw(json::dump(*files));
  out.end_object();
  return json_answer_for(request, out.take());
}

}  // namespace specd::api
