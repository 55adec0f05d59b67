#include "api/answers.h"
#include "api/handlers.h"
#include "proto/json_writer.h"

namespace specd::api {
namespace {

void write_listener(proto::JsonWriter& out, const realtime::Listener& listener) {
  const realtime::Subscription& wanted = listener.wish.subscription;
  out.begin_object();
  out.name("id");
  out.number(static_cast<int64_t>(listener.id));
  out.name("transport");
  out.text("sse");
  out.name("since");
  out.timestamp(listener.since);
  out.name("last_sent_at");
  out.timestamp(listener.last_sent);
  out.name("agent");
  out.text_or_null(listener.agent);
  out.name("projects");
  out.texts(wanted.projects);
  out.name("specs");
  out.texts(wanted.specs);
  out.name("children");
  out.boolean(wanted.has_children);
  out.name("types");
  out.texts(wanted.types);
  out.name("throttle_ms");
  out.number(listener.wish.throttle.count());
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

}  // namespace specd::api
