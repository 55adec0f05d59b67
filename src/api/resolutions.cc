// How people end conflicts.

#include <algorithm>

#include "api/answers.h"
#include "api/conflicts.h"
#include "api/edits.h"
#include "base/time.h"

namespace specd::api {
namespace {

using Resolution = store::Resolution;

Result<sync::ResolutionRequest> parse_resolution(const net::Request& request) {
  const auto body = body_object(request);
  if (!body) return tl::unexpected(body.error());
  if (auto good = has_only(*body, {"how", "content"}); !good) return tl::unexpected(good.error());
  const auto how = string_member(*body, "how");
  if (!how) return tl::unexpected(how.error());
  auto content = string_member(*body, "content");
  if (!content) return tl::unexpected(content.error());
  auto actor = actor_in(request);
  if (!actor) return tl::unexpected(actor.error());
  const std::pair<std::string_view, Resolution> ways[] = {{"merge", Resolution::merged},
                                                          {"restore", Resolution::restored},
                                                          {"dismiss", Resolution::dismissed}};
  const auto* way =
      std::ranges::find(ways, how->value_or(""), [](const auto& each) { return each.first; });
  if (way == std::end(ways))
    return fail(Code::invalid, "\"how\" must be \"merge\", \"restore\" or \"dismiss\"");
  if (*content && way->second != Resolution::merged)
    return fail(Code::invalid,
                "\"content\" is what a person made of the merge: it goes with "
                "\"how\": \"merge\" alone");
  return sync::ResolutionRequest{.end = {.conflict = {}, .how = way->second},
                                 .content = std::move(*content),
                                 .expected = {},
                                 .actor = std::move(*actor)};
}

net::Response unclean_problem(size_t places) {
  const std::string count = std::to_string(places);
  return net::problem(409, "unclean_merge",
                      "both sides changed the same in " + count +
                          (places == 1 ? " place" : " places") +
                          ": choose there, and send the text as \"content\"; ?markers=true shows "
                          "both between git's markers");
}

net::Response resolved_problem(const store::Conflict& conflict) {
  const std::string by = conflict.resolved_by.empty() ? "" : " by " + conflict.resolved_by;
  const std::string at = conflict.resolved_at ? " at " + rfc3339(*conflict.resolved_at) : "";
  return net::problem(409, "conflict",
                      "conflict " + std::to_string(conflict.id.value) + " was " +
                          std::string(store::to_string(conflict.resolution)) + by + at +
                          " already; a version of the file can still be restored");
}

void answer_resolution(const Api& api, const Result<sync::ResolutionAnswer>& told,
                       const net::Responder& respond) {
  using End = sync::ResolutionAnswer::End;
  if (!told) return respond(edit_problem(told.error()));
  if (told->end == End::unclean) return respond(unclean_problem(told->places));
  if (told->end == End::was) return respond(resolved_problem(told->conflict));
  answer_edit(api, told->edit, 200, respond);
}

}  // namespace

void post_resolution(const Api& api, const net::Request& request, net::Responder respond) {
  auto wanted = parse_resolution(request);
  if (!wanted) return answer(respond, tl::unexpected(wanted.error()));
  const auto place = place_of(api, request);
  if (!place) return answer(respond, tl::unexpected(place.error()));
  wanted->end.conflict = place->conflict.id;
  if (place->conflict.resolution != Resolution::open)
    return respond(resolved_problem(place->conflict));
  if (wanted->end.how != Resolution::dismissed) {
    auto expected = expected_in(request);
    if (!expected) return respond(std::move(expected.error()));
    wanted->expected = *expected;
  }
  api.services.resolve(
      place->project.id, std::move(*wanted), edit_deadline(api),
      [api, respond = std::move(respond)](const Result<sync::ResolutionAnswer>& told) {
        answer_resolution(api, told, respond);
      });
}

}  // namespace specd::api
