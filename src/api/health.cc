#include "api/answers.h"
#include "api/handlers.h"
#include "base/path.h"
#include "proto/json_build.h"
#include "proto/spec_json.h"

namespace specd::api {
namespace {

// Of a list that people read.
constexpr int64_t kShown = 10;

proto::ProjectStatus spoken(const sync::ProjectStatus& status, const Watching& watching) {
  return {.slug = status.slug,
          .root = status.root,
          .state = std::string(store::to_string(status.state)),
          .reason = status.reason,
          .failure = status.failure,
          .specs = static_cast<int64_t>(status.specs),
          .waiting = static_cast<int64_t>(status.waiting),
          .busy = static_cast<int64_t>(status.busy),
          .pending_pushes = static_cast<int64_t>(status.pending_pushes),
          .scans = static_cast<int64_t>(status.scans),
          .missed_by_watcher = static_cast<int64_t>(status.missed_by_watcher),
          .is_polled = watching.is_polled,
          .polled_subtrees = static_cast<int64_t>(watching.polled_subtrees),
          .last_scan_at = status.last_scan_at};
}

}  // namespace

Result<net::Response> get_health(const Api& api, const net::Request&) {
  Value value = proto::object();
  value.entries.emplace_back("status", proto::text("ok"));
  value.entries.emplace_back("version", proto::text(api.services.version));
  return json_answer(value);
}

Result<net::Response> get_ready(const Api& api, const net::Request&) {
  if (!api.services.is_ready()) {
    return net::problem(503, "not_ready", "some projects have not been looked at yet");
  }
  Value value = proto::object();
  value.entries.emplace_back("status", proto::text("ready"));
  return json_answer(value);
}

Result<net::Response> get_status(const Api& api, const net::Request&) {
  const sync::EngineStatus engine = api.services.status();
  proto::Status status{
      .version = api.services.version,
      .is_ready = api.services.is_ready(),
      .started_at = api.services.started_at,
      .failure = engine.failure,
      .connections = static_cast<int64_t>(api.services.desk().connections),
      .subscribers = static_cast<int64_t>(api.services.subscribers()),
  };
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  for (const auto& project : engine.projects) {
    proto::ProjectStatus told = spoken(project, api.services.watching(project.id));
    auto conflicts = reader->tables().conflicts.count_open(project.id);
    if (!conflicts) return tl::unexpected(conflicts.error());
    auto failing = reader->tables().specs.count_failing(project.id);
    if (!failing) return tl::unexpected(failing.error());
    auto specless = reader->tables().files.waiting_for_spec(project.id, kShown);
    if (!specless) return tl::unexpected(specless.error());
    for (const std::string& path : *specless) told.waiting_for_spec.push_back(printable_utf8(path));
    told.open_conflicts = *conflicts;
    told.failing_specs = *failing;
    status.projects.push_back(std::move(told));
  }
  return json_answer(proto::to_value(status));
}

}  // namespace specd::api
