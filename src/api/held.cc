// GET and POST /api/v1/projects/{slug}/held: what the guard keeps from happening until a person
// decides, and that decision.

#include <algorithm>

#include "api/answers.h"
#include "api/edits.h"
#include "api/handlers.h"
#include "base/path.h"
#include "proto/json_build.h"

namespace specd::api {
namespace {

std::string_view to_string(sync::Suspicion what) {
  switch (what) {
    case sync::Suspicion::deleted:
      return "deleted";
    case sync::Suspicion::emptied:
      return "emptied";
    case sync::Suspicion::made_identical:
      return "made_identical";
    case sync::Suspicion::none:
      break;
  }
  return "";
}

Value to_value(const sync::ProjectStatus& status) {
  Value files = proto::list(), specs = proto::list();
  for (const sync::RowGuard::Held& held : status.held->files) {
    Value file = proto::object();
    file.entries.emplace_back("path", proto::text(printable_utf8(held.path)));
    file.entries.emplace_back("what", proto::text(to_string(held.what)));
    files.items.push_back(std::move(file));
  }
  for (const std::string& dir : status.held->specs)
    specs.items.push_back(proto::text(printable_utf8(dir)));
  const bool is_held = status.state == store::ProjectState::held;
  Value value = proto::object();
  value.entries.emplace_back("reason", proto::text_or_null(is_held ? status.reason : ""));
  value.entries.emplace_back("files", std::move(files));
  value.entries.emplace_back("specs", std::move(specs));
  return value;
}

Result<sync::Engine::Decision> decision_in(const net::Request& request) {
  const auto body = body_object(request);
  if (!body) return tl::unexpected(body.error());
  if (auto good = has_only(*body, {"decision"}); !good) return tl::unexpected(good.error());
  const auto decision = string_member(*body, "decision");
  if (!decision) return tl::unexpected(decision.error());
  if (*decision == "confirm") return sync::Engine::Decision::confirm;
  if (*decision == "revert") return sync::Engine::Decision::revert;
  return fail(Code::invalid, "\"decision\" must be confirm or revert");
}

net::Response answer(const sync::ProjectSync::Decided& decided) {
  Value value = proto::object();
  value.entries.emplace_back("files", proto::number(static_cast<int64_t>(decided.files)));
  value.entries.emplace_back("specs", proto::number(static_cast<int64_t>(decided.specs)));
  return json_answer(value);
}

}  // namespace

Result<net::Response> get_held(const Api& api, const net::Request& request) {
  const auto project = project_of(api, request);
  if (!project) return tl::unexpected(project.error());
  const sync::EngineStatus status = api.services.status();
  const auto found = std::ranges::find(status.projects, project->id, &sync::ProjectStatus::id);
  if (found == status.projects.end()) return fail(Code::busy, "just added; try again");
  return json_answer(to_value(*found));
}

void post_held(const Api& api, const net::Request& request, net::Responder respond) {
  const auto decision = decision_in(request);
  if (!decision) return respond(problem_answer(decision.error()));
  const auto actor = actor_in(request);
  if (!actor) return respond(problem_answer(actor.error()));
  const auto project = project_of(api, request);
  if (!project) return respond(problem_answer(project.error()));
  api.services.decide_held(
      project->id, *decision, *actor,
      [respond = std::move(respond)](const Result<sync::ProjectSync::Decided>& decided) {
        respond(decided ? answer(*decided) : problem_answer(decided.error()));
      });
}

}  // namespace specd::api
