#include "spec/tasks.h"

#include "api/answers.h"
#include "api/handlers.h"
#include "api/spec_answers.h"
#include "base/path.h"
#include "proto/json_build.h"

namespace specd::api {
namespace {

Value to_value(const spec::Task& task) {
  Value value = proto::object();
  value.entries.emplace_back("line", proto::number(task.line));
  value.entries.emplace_back("text", proto::text(printable_utf8(task.text)));
  value.entries.emplace_back("done", proto::boolean(task.done));
  return value;
}

/// What the row says now, edits included that are not on disk yet.
Result<Value> tasks_of(const store::Tables& tables, const store::FileState& state) {
  auto row = tables.files.get(state.project, state.path);
  if (!row) return tl::unexpected(row.error());
  Value value = proto::object();
  Value tasks = proto::list();
  if (*row && !(*row)->deleted_at) {
    for (const spec::Task& task : spec::tasks((*row)->content))
      tasks.items.push_back(to_value(task));
    value.entries.emplace_back("path", proto::text(printable_utf8(state.path)));
    value.entries.emplace_back("version", proto::text(sha256((*row)->content).hex()));
  }
  value.entries.emplace_back("tasks", std::move(tasks));
  return value;
}

}  // namespace

Result<net::Response> list_tasks(const Api& api, const net::Request& request) {
  const auto open = open_project(api, request);
  if (!open) return tl::unexpected(open.error());
  const store::Tables& tables = open->tables();
  const auto spec = spec_called(tables, open->project.id, request);
  if (!spec) return tl::unexpected(spec.error());
  const auto states = tables.states.of_spec(spec->key);
  if (!states) return tl::unexpected(states.error());

  Value files = proto::list();
  for (const store::FileState& state : *states) {
    if (state.facts.tasks_total == 0) continue;  // a list of points that does not count as tasks
    auto file = tasks_of(tables, state);
    if (!file) return tl::unexpected(file.error());
    if (!file->find("tasks")->items.empty()) files.items.push_back(std::move(*file));
  }
  Value value = proto::object();
  value.entries.emplace_back("tasks_done", proto::number(spec->tasks_done));
  value.entries.emplace_back("tasks_total", proto::number(spec->tasks_total));
  value.entries.emplace_back("files", std::move(files));
  return tagged_answer(value);
}

}  // namespace specd::api
