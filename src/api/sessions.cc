// Links that sign a browser in, and the browsers that are signed in.
//
//   POST   /api/v1/links           a new link: {"url", "expires_at"}; for who has the token only
//   GET    /api/v1/sessions        those that are signed in, latest first
//   DELETE /api/v1/sessions/{id}   signs one out, and ends its event streams; `current`: who asks
//   DELETE /api/v1/sessions        signs all out

#include "api/answers.h"
#include "api/auth.h"
#include "api/handlers.h"
#include "proto/json_build.h"

namespace specd::api {
namespace {

Value session_value(const Session& session, net::Caller caller) {
  Value value = proto::object();
  value.entries.emplace_back("id", proto::text(std::to_string(session.id)));
  value.entries.emplace_back("created_at", proto::timestamp(session.created_at));
  value.entries.emplace_back("expires_at", proto::timestamp(session.expires_at));
  value.entries.emplace_back("agent", proto::text(session.agent));
  value.entries.emplace_back("is_current", proto::boolean(net::Caller{session.id} == caller));
  return value;
}

Result<> sign_out(const Api& api, uint64_t session) {
  auto done = api.services.auth->sign_out(session);
  // Also where it could not be kept: it holds until the next start.
  if (done || done.error().code != Code::not_found) api.services.end_streams(net::Caller{session});
  return done;
}

}  // namespace

Result<net::Response> post_link(const Api& api, const net::Request& request) {
  const Services& services = api.services;
  Value value = proto::object();
  if (services.auth == nullptr) {
    value.entries.emplace_back("url", proto::text(services.url));
    value.entries.emplace_back("expires_at", Value{.kind = Value::Kind::null});
    return json_answer(value, 201);
  }
  if (request.caller != Auth::kToken)
    return net::problem(403, "refused", "links are made for who has the daemon's token only");
  const std::string code = services.auth->make_code();
  value.entries.emplace_back("url", proto::text(services.url + "open?code=" + code));
  value.entries.emplace_back("expires_at",
                             proto::timestamp(services.clock->wall() + Auth::kLinkLife));
  net::Response response = json_answer(value, 201);
  response.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  return response;
}

Result<net::Response> list_sessions(const Api& api, const net::Request& request) {
  Value list = proto::list();
  if (api.services.auth != nullptr) {
    for (const Session& session : api.services.auth->sessions())
      list.items.push_back(session_value(session, request.caller));
  }
  Value value = proto::object();
  value.entries.emplace_back("sessions", std::move(list));
  return json_answer(value);
}

Result<net::Response> delete_session(const Api& api, const net::Request& request) {
  const std::string_view named = request.params.get("id");
  const auto id = named == "current" ? static_cast<int64_t>(request.caller) : whole(named);
  if (api.services.auth == nullptr || !id) return fail(Code::not_found, "there is no such session");
  if (auto done = sign_out(api, static_cast<uint64_t>(*id)); !done)
    return tl::unexpected(done.error());
  return net::Response{.status = 204};
}

Result<net::Response> delete_sessions(const Api& api, const net::Request&) {
  if (api.services.auth == nullptr) return net::Response{.status = 204};
  Result<> worst;
  for (const Session& session : api.services.auth->sessions()) {
    auto done = sign_out(api, session.id);
    // Somebody else may have done it already.
    if (!done && done.error().code != Code::not_found) worst = std::move(done);
  }
  if (!worst) return tl::unexpected(worst.error());
  return net::Response{.status = 204};
}

}  // namespace specd::api
