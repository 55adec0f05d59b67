#include "api/routes.h"

#include <memory>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/openapi.h"
#include "api/state_version.h"

namespace specd::api {
namespace {

using Answering = Result<net::Response> (*)(const Api&, const net::Request&);
using Parking = void (*)(const Api&, const net::Request&, net::Responder);

/// A handler that answers before it returns.
net::App::Handler now(Api api, Answering handler) {
  return [api, handler](const net::Request& request, const net::Responder& respond) {
    auto response = handler(api, request);
    respond(response ? std::move(*response) : problem_answer(response.error()));
  };
}

/// A handler that keeps the responder until it knows.
net::App::Handler later(Api api, Parking handler) {
  return [api, handler](const net::Request& request, net::Responder respond) {
    handler(api, request, std::move(respond));
  };
}

net::App::Handler openapi() {
  const auto document = std::make_shared<OpenApiDocument>();
  return [document](const net::Request&, const net::Responder& respond) {
    auto json = document->json();
    respond(json ? tagged_answer(std::move(*json)) : problem_answer(json.error()));
  };
}

/// GET of the stream never comes here; this answers HEAD, and makes other methods a 405.
void head_of_events(const net::Request&, const net::Responder& respond) {
  respond({.headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}}});
}

/// Whoever asks for a WebSocket never comes here.
void websocket_only(const net::Request&, const net::Responder& respond) {
  net::Response answer =
      net::problem(426, "upgrade_required", "this address is for WebSockets: ask it with Upgrade");
  answer.headers.add("Upgrade", "websocket");
  respond(std::move(answer));
}

}  // namespace

void add_routes(net::App& app, const Services& services, Readers& readers, Searches& searches) {
  const Api api{services, readers, searches};
  app.set_state_version(
      [version = std::make_shared<StateVersion>(services.open_reader)] { return version->now(); });
  // For what the database alone tells, without the time of day.
  constexpr auto kCached = net::App::Caching::while_unchanged;
  const std::string kOfAList =
      "kind&status&tag&assignee&priority&progress&q&sort&cursor&fields&total&limit";

  app.get("/?*", now(api, get_front_page));
  app.get("/open?*", now(api, get_open));
  app.post("/open", now(api, post_open));

  app.get("/api/v1/health", now(api, get_health));
  app.get("/api/v1/ready", now(api, get_ready));
  app.get("/api/v1/status", now(api, get_status));
  app.get("/api/v1/openapi.json", openapi());

  app.post("/api/v1/links", now(api, post_link));
  app.get("/api/v1/sessions", now(api, list_sessions));
  app.del("/api/v1/sessions", now(api, delete_sessions));
  app.del("/api/v1/sessions/{id}", now(api, delete_session));

  app.get("/api/v1/projects", now(api, list_projects));
  app.post("/api/v1/projects", later(api, add_project));
  app.get("/api/v1/projects/{slug}", now(api, get_project));
  app.patch("/api/v1/projects/{slug}", later(api, patch_project));
  app.del("/api/v1/projects/{slug}?force", later(api, delete_project));
  app.get("/api/v1/projects/{slug}/held", now(api, get_held));
  app.post("/api/v1/projects/{slug}/held", later(api, post_held));
  app.get("/api/v1/specs?project&" + kOfAList, now(api, list_specs), kCached);
  app.get("/api/v1/projects/{slug}/specs?" + kOfAList, now(api, list_specs), kCached);
  app.post("/api/v1/projects/{slug}/specs", later(api, post_spec));
  app.get("/api/v1/projects/{slug}/specs/{key}?kind", now(api, get_spec), kCached);
  app.get("/api/v1/projects/{slug}/specs/{key}/tasks?kind", now(api, list_tasks), kCached);
  app.get("/api/v1/projects/{slug}/files/{path...}", later(api, get_file));
  app.put("/api/v1/projects/{slug}/files/{path...}?force", later(api, put_file));
  app.del("/api/v1/projects/{slug}/files/{path...}?force", later(api, delete_file));
  app.post("/api/v1/projects/{slug}/edits", later(api, post_edit));
  app.get("/api/v1/edits/{id}", now(api, get_edit));
  app.post("/api/v1/projects/{slug}/versions/{sha256}/restore?path&force",
           later(api, post_restore));
  app.post("/api/v1/projects/{slug}/specs/{key}/restore?kind", later(api, post_spec_restore));
  app.post("/api/v1/projects/{slug}/specs/{key}/archive?kind", later(api, post_archive));
  app.post("/api/v1/projects/{slug}/specs/{key}/validate?kind", later(api, post_validate));
  app.post("/api/v1/projects/{slug}/validate", later(api, post_validate_all));
  app.patch("/api/v1/projects/{slug}/specs/{key}?kind&force", later(api, patch_spec));
  app.patch("/api/v1/projects/{slug}/specs/{key}/tasks?kind", later(api, patch_task));
  app.get("/api/v1/projects/{slug}/versions?path&limit", now(api, list_versions), kCached);
  app.get("/api/v1/projects/{slug}/versions/{sha256}?path", now(api, get_version), kCached);
  app.get("/api/v1/projects/{slug}/graph", now(api, get_graph), kCached);
  app.get("/api/v1/projects/{slug}/queue?state&limit", now(api, get_queue));

  app.get("/api/v1/search?q&project&limit&offset", now(api, get_search));
  app.get("/api/v1/history?project&spec&before&after&limit", now(api, list_history), kCached);
  app.get("/api/v1/conflicts?project&spec&all&before&limit", now(api, list_conflicts), kCached);
  app.get("/api/v1/conflicts/{id}?markers", later(api, get_conflict));
  app.post("/api/v1/conflicts/{id}/resolve", later(api, post_resolution));
  app.post("/api/v1/sync", later(api, post_sync));
  app.post("/api/v1/verify", now(api, post_verify));
  app.post("/api/v1/revalidate", later(api, post_revalidate));
  app.post("/api/revalidate", later(api, post_revalidate));
  app.get("/api/v1/metrics", later(api, get_metrics));
  app.get("/api/v1/queue?project&state&limit", now(api, get_queue));
  app.get("/api/v1/queue/next?project", now(api, get_next));
  app.post("/api/v1/queue/claim", later(api, post_claim));
  app.post("/api/v1/queue/release", later(api, post_release));
  app.post("/api/v1/queue/complete", later(api, post_complete));
  app.get("/api/v1/stats?project&days", now(api, get_stats));

  app.get("/api/v1/realtime", later(api, get_realtime));
  app.get("/socket.io/?*", later(api, serve_socket_io));
  app.post("/socket.io/?*", later(api, serve_socket_io));
  app.get("/api/v1/ws?*", websocket_only);
  app.get("/api/v1/events?*", head_of_events);
  app.get("/api/events?*", head_of_events);
  app.get("/api/events/specs?*", head_of_events);
}

}  // namespace specd::api
