#include "api/answers.h"
#include "api/handlers.h"
#include "proto/json_writer.h"
#include "realtime/command.h"

namespace specd::api {
namespace {

void write_listener(proto::JsonWriter& out, const realtime::Listener& listener) {
  out.begin_object();
  out.name("id");
  out.number(static_cast<int64_t>(listener.id));
  out.name("transport");
  out.text(listener.transport);
  out.name("since");
  out.timestamp(listener.since);
  out.name("last_sent_at");
  out.timestamp(listener.last_sent);
  out.name("last_heard_at");
  out.timestamp(listener.last_heard);
  out.name("agent");
  out.text_or_null(listener.agent);
  out.name("subscriptions");
  out.raw(realtime::subscriptions_json(listener.interests));
  out.name("throttle_ms");
  out.number(listener.throttle.count());
  out.name("last_event_id");
  out.text(proto::to_string(listener.cursor));
  out.name("behind");
  out.boolean(listener.is_behind);
  out.end_object();
}

net::Response answer(const realtime::ListenerStats& stats) {
  const auto count = [](uint64_t number) { return static_cast<int64_t>(number); };
  proto::JsonWriter out;
  out.begin_object();
  out.name("listeners");
  out.begin_list();
  for (const realtime::Listener& listener : stats.listeners) write_listener(out, listener);
  out.end_list();
  out.name("opened");
  out.number(count(stats.opened));
  out.name("refused");
  out.number(count(stats.refused));
  out.name("messages");
  out.number(count(stats.messages));
  out.name("resyncs");
  out.number(count(stats.resyncs));
  out.name("given_up");
  out.number(count(stats.given_up));
  out.end_object();
  return {.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          .body = out.take()};
}

}  // namespace

void get_realtime(const Api& api, const net::Request&, net::Responder respond) {
  api.services.listeners([respond = std::move(respond)](const realtime::ListenerStats& stats) {
    respond(answer(stats));
  });
}

void serve_socket_io(const Api& api, const net::Request& request, net::Responder respond) {
  api.services.socket_io(request, std::move(respond));
}

}  // namespace specd::api
