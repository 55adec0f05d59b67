// POST /api/v1/queue/claim, release, complete: agents take work, and give it back.
//
// claim     {"agent", "lease_s" (1800; 1 to 86400), "spec" (key or id; the first that is ready),
//           "project" (slug)}
// release   {"agent", "spec", "project"}: status and assignee are what they were, where nobody has
//           changed them since
// complete  {"agent", "spec", "project", "status" (the one behind that of who is at work)}
//
// The answer:
//   spec     object or null: nothing is ready
//     project, key, id, kind, title, status, assignee
//   claim    object or null: nobody has it (any more)
//     agent, claimed_at, expires_at
//   renewed  boolean: the agent had it already; its lease begins anew
//   edit, files  of a LeanSpec spec's file, as PATCH of a spec tells it
//
// 409 `claimed` tells who has it, and until when.

#include "api/answers.h"
#include "api/edits.h"
#include "api/handlers.h"
#include "api/spec_answers.h"
#include "base/path.h"
#include "base/time.h"
#include "proto/json_build.h"

namespace specd::api {
namespace {

constexpr Range kLease{.least = 1, .most = 86'400, .fallback = 1'800};
constexpr size_t kLongestAgent = 100;

Result<std::string> agent_in(const Value& body) {
  const auto agent = string_member(body, "agent");
  if (!agent) return tl::unexpected(agent.error());
  const bool is_name = *agent && !(*agent)->empty() && (*agent)->size() <= kLongestAgent &&
                       is_utf8(**agent) &&
                       (*agent)->find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
  if (is_name) return **agent;
  return fail(Code::invalid,
              "say who works on it: \"agent\", a name of one line and at most 100 bytes");
}

struct Place {
  std::optional<ProjectId> project;
  std::optional<SpecKey> spec;
};

/// What "project" and "spec" name; none where they are not there.
Result<Place> place_in(const Api& api, const Value& body) {
  const auto slug = string_member(body, "project");
  if (!slug) return tl::unexpected(slug.error());
  const auto name = string_member(body, "spec");
  if (!name) return tl::unexpected(name.error());
  Place place;
  if (!*slug && !*name) return place;
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto snapshot = reader->reader().snapshot();
  if (!snapshot) return tl::unexpected(snapshot.error());
  if (*slug) {
    const auto project = project_called(reader->tables(), **slug);
    if (!project) return tl::unexpected(project.error());
    place.project = project->id;
  }
  if (*name) {
    auto key = spec_anywhere(reader->tables(), place.project, **name);
    if (!key) return tl::unexpected(key.error());
    place.spec = std::move(*key);
  }
  return place;
}

Result<sync::ClaimOrder> parse_claim(const Api& api, const net::Request& request) {
  const auto body = body_object(request);
  if (!body) return tl::unexpected(body.error());
  if (auto good = has_only(*body, {"agent", "lease_s", "spec", "project"}); !good)
    return tl::unexpected(good.error());
  auto agent = agent_in(*body);
  if (!agent) return tl::unexpected(agent.error());
  const auto lease = number_member(*body, "lease_s");
  if (!lease) return tl::unexpected(lease.error());
  const int64_t seconds = lease->value_or(kLease.fallback);
  if (seconds < kLease.least || seconds > kLease.most)
    return fail(Code::invalid, "\"lease_s\" takes seconds from 1 to 86400");
  auto place = place_in(api, *body);
  if (!place) return tl::unexpected(place.error());
  return sync::ClaimOrder{std::move(*agent), std::chrono::seconds(seconds), std::move(place->spec),
                          place->project};
}

Result<sync::EndOrder> parse_end(const Api& api, const net::Request& request,
                                 sync::EndOrder::How how) {
  const auto body = body_object(request);
  if (!body) return tl::unexpected(body.error());
  const bool may_say_status = how == sync::EndOrder::How::complete;
  auto good = may_say_status ? has_only(*body, {"agent", "spec", "project", "status"})
                             : has_only(*body, {"agent", "spec", "project"});
  if (!good) return tl::unexpected(good.error());
  auto agent = agent_in(*body);
  if (!agent) return tl::unexpected(agent.error());
  auto status = line_member(*body, "status");
  if (!status) return tl::unexpected(status.error());
  auto place = place_in(api, *body);
  if (!place) return tl::unexpected(place.error());
  if (!place->spec) return fail(Code::invalid, "say which: \"spec\", its key or id");
  return sync::EndOrder{how, std::move(*place->spec), std::move(*agent), status->value_or("")};
}

Value claim_value(const std::optional<store::Claim>& claim) {
  if (!claim) return {};
  Value value = proto::object();
  value.entries.emplace_back("agent", proto::text(claim->agent));
  value.entries.emplace_back("claimed_at", proto::timestamp(claim->claimed_at));
  value.entries.emplace_back("expires_at", proto::timestamp(claim->expires_at));
  return value;
}

Result<Value> spec_value(const Api& api, const std::optional<store::Spec>& spec) {
  if (!spec) return Value();
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto project = reader->tables().projects.get(spec->project);
  if (!project) return tl::unexpected(project.error());
  Value value = proto::object();
  auto& entries = value.entries;
  entries.emplace_back("project", proto::text_or_null(*project ? (*project)->slug : ""));
  entries.emplace_back("key", proto::text(spec->key.value.text));
  entries.emplace_back("id", proto::text(spec->id));
  entries.emplace_back("kind", proto::text(spec::to_string(spec->kind)));
  entries.emplace_back("title", proto::text(spec->title));
  entries.emplace_back("status", proto::text_or_null(spec->status));
  entries.emplace_back("assignee", proto::text_or_null(spec->assignee));
  return value;
}

net::Response claimed_answer(const sync::ClaimAnswer& answer) {
  const store::Claim& held = *answer.held;
  const std::string until = held.expires_at ? " until " + rfc3339(*held.expires_at) : "";
  return with_members(
      net::problem(409, "claimed",
                   (answer.spec ? answer.spec->id : "it") + " is claimed by " + held.agent + until),
      {{"claim", claim_value(held)}});
}

net::Response answer_of(const Api& api, const Result<sync::ClaimAnswer>& answer) {
  if (!answer) return problem_answer(answer.error());
  if (answer->held) return claimed_answer(*answer);
  if (answer->refused) return refused_move_answer(*answer->refused);
  auto spec = spec_value(api, answer->spec);
  if (!spec) return problem_answer(spec.error());
  Value value = proto::object();
  value.entries.emplace_back("spec", std::move(*spec));
  value.entries.emplace_back("claim", claim_value(answer->claim));
  value.entries.emplace_back("renewed", proto::boolean(answer->is_renewed));
  for (auto& member : edit_members(answer->edit)) value.entries.push_back(std::move(member));
  return json_answer(value);
}

sync::ClaimDone answering(const Api& api, net::Responder respond) {
  return [api, respond = std::move(respond)](const Result<sync::ClaimAnswer>& answer) {
    // Wording it reads the database, which is a worker's to do.
    const bool is_posted =
        api.services.on_worker([api, respond, answer] { respond(answer_of(api, answer)); });
    if (!is_posted) respond(answer_of(api, answer));
  };
}

void post_end(const Api& api, const net::Request& request, sync::EndOrder::How how,
              net::Responder respond) {
  auto order = parse_end(api, request, how);
  if (!order) return respond(problem_answer(order.error()));
  api.services.end_claim(std::move(*order), edit_deadline(api), answering(api, std::move(respond)));
}

}  // namespace

void post_claim(const Api& api, const net::Request& request, net::Responder respond) {
  auto order = parse_claim(api, request);
  if (!order) return respond(problem_answer(order.error()));
  api.services.claim(std::move(*order), edit_deadline(api), answering(api, std::move(respond)));
}

void post_release(const Api& api, const net::Request& request, net::Responder respond) {
  post_end(api, request, sync::EndOrder::How::release, std::move(respond));
}

void post_complete(const Api& api, const net::Request& request, net::Responder respond) {
  post_end(api, request, sync::EndOrder::How::complete, std::move(respond));
}

}  // namespace specd::api
