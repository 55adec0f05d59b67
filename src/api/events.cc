#include "api/events.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/json.h"
#include "net/url.h"
#include "net/websocket.h"

namespace specd::api {
namespace {

constexpr std::array<std::string_view, 3> kAddresses = {"/api/v1/events", "/api/events",
                                                        "/api/events/specs"};
constexpr std::string_view kWebsocket = "/api/v1/ws";
constexpr std::string_view kSocketIo = "/socket.io/";

std::string_view path_of(const net::Request& request) {
  return std::string_view(request.target).substr(0, request.target.find('?'));
}

class Outbox {
 public:
  explicit Outbox(Readers::Open open) : open_(std::move(open)) {}

  Result<realtime::Page> after(proto::EventId cursor, int64_t limit) {
    return reading<realtime::Page>([&](const store::Tables& tables) {
      return tables.events.after({store::Epoch{cursor.epoch}, Seq{cursor.seq}}, limit)
          .map([&](const store::EventPage& page) { return spoken(page, tables); });
    });
  }
  Result<proto::EventId> latest() {
    return reading<proto::EventId>([](const store::Tables& tables) {
      return tables.events.latest().map([](const store::EventCursor& at) {
        return proto::EventId{at.epoch.value, at.seq.value};
      });
    });
  }
  Result<bool> has_project(const std::string& slug) {
    return reading<bool>([&](const store::Tables& tables) {
      return tables.projects.by_slug(slug).map(
          [](const std::optional<store::Project>& project) { return project.has_value(); });
    });
  }

 private:
  template <class T, class Read>
  Result<T> reading(Read read) {
    if (reader_ == nullptr) {
      auto opened = open_();
      if (!opened) return tl::unexpected(opened.error());
      reader_ = std::move(*opened);
    }
    Result<T> result = read(reader_->tables());
    if (!result) reader_.reset();
    return result;
  }

  realtime::Page spoken(const store::EventPage& page, const store::Tables& tables) {
    realtime::Page spoken{.resync = page.resync,
                          .events = {},
                          .latest = {page.latest.epoch.value, page.latest.seq.value}};
    for (const store::Event& event : page.events) {
      Value payload = json::parse(event.payload).value_or(Value{});
      std::string project = slug(event.project, tables);
      // One that is gone is known by what its last event says.
      if (const Value* said = payload.find("slug"); project.empty() && said != nullptr) {
        project = said->text;
      }
      spoken.events.push_back({.id = {event.epoch.value, event.seq.value},
                               .type = event.type,
                               .project = std::move(project),
                               .key = event.spec ? event.spec->value.text : "",
                               .origin = event.origin,
                               .actor = event.actor,
                               .at = event.at,
                               .payload = std::move(payload)});
    }
    return spoken;
  }

  /// Slugs never change; ids of forgotten projects are not used again.
  const std::string& slug(ProjectId id, const store::Tables& tables) {
    std::string& slug = slugs_[id];
    if (slug.empty()) {
      if (auto project = tables.projects.get(id); project && *project) slug = (*project)->slug;
    }
    return slug;
  }

  const Readers::Open open_;
  std::unique_ptr<store::Reader> reader_;
  std::map<ProjectId, std::string> slugs_;
};

}  // namespace

net::Streaming streaming(const net::Request& request) {
  const std::string_view path = path_of(request);
  if (request.method == "GET" && std::ranges::find(kAddresses, path) != kAddresses.end())
    return net::Streaming::events;
  const bool is_for_both = path == kWebsocket || path == kSocketIo;
  return is_for_both && net::websocket::is_upgrade(request) ? net::Streaming::websocket
                                                            : net::Streaming::no;
}

std::optional<net::Response> open_stream(realtime::Broadcaster& broadcaster,
                                         realtime::SocketIo& socket_io, net::Request request,
                                         std::shared_ptr<net::Stream> stream) {
  auto target = net::url::parse_target(request.target);
  if (!target) return net::problem(400, "bad_target", "the address is not well-formed");
  request.query = std::move(target->query);
  if (path_of(request) == kSocketIo) return socket_io.open(request, std::move(stream));
  const bool is_websocket = path_of(request) == kWebsocket;
  return broadcaster.open(request, std::move(stream),
                          is_websocket ? realtime::websocket() : realtime::sse());
}

realtime::EngineSession::Open socket_io_opener(realtime::Broadcaster& broadcaster) {
  return [&broadcaster](const net::Request& request, std::shared_ptr<net::Stream> stream) {
    return broadcaster.open(request, std::move(stream), realtime::socket_io());
  };
}

realtime::Feed event_feed(Readers::Open open_reader) {
  const auto outbox = std::make_shared<Outbox>(std::move(open_reader));
  return {.after = [outbox](proto::EventId cursor,
                            int64_t limit) { return outbox->after(cursor, limit); },
          .latest = [outbox] { return outbox->latest(); },
          .has_project = [outbox](const std::string& slug) { return outbox->has_project(slug); }};
}

}  // namespace specd::api
