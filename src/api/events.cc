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
  Outbox(Readers::Open open, const store::RecentEvents& recent)
      : open_(std::move(open)), recent_(recent) {}

  Result<realtime::Page> after(proto::EventId cursor, int64_t limit) {
    const store::EventCursor at{store::Epoch{cursor.epoch}, Seq{cursor.seq}};
    if (auto page = recent_.after(at, limit)) return spoken(std::move(*page), Source::memory);
    return reading<store::EventPage>(
               [&](const store::Tables& tables) { return tables.events.after(at, limit); })
        .map([&](store::EventPage&& page) { return spoken(std::move(page), Source::table); });
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

  /// Rows of the table may be anybody's; what was committed a moment ago is as we wrote it.
  enum class Source { memory, table };

  realtime::Page spoken(store::EventPage page, Source source) {
    realtime::Page spoken{.resync = page.resync,
                          .events = {},
                          .latest = {page.latest.epoch.value, page.latest.seq.value}};
    for (store::Event& event : page.events) {
      proto::Payload payload = source == Source::memory
                                   ? proto::Payload::of_json(std::move(event.payload))
                                   : json::parse(event.payload).value_or(Value{});
      proto::Event& said = spoken.events.emplace_back(
          proto::Event{.id = {event.epoch.value, event.seq.value},
                       .type = std::move(event.type),
                       .project = slug(event.project),
                       .key = event.spec ? std::move(event.spec->value.text) : "",
                       .origin = std::move(event.origin),
                       .actor = std::move(event.actor),
                       .at = event.at,
                       .payload = std::move(payload)});
      // One that is gone is known by what its last event says.
      if (said.project.empty()) said.project = said.text("slug");
    }
    return spoken;
  }

  /// Slugs never change; ids of forgotten projects are not used again.
  const std::string& slug(ProjectId id) {
    std::string& slug = slugs_[id];
    if (!slug.empty()) return slug;
    const auto project = reading<std::optional<store::Project>>(
        [&](const store::Tables& tables) { return tables.projects.get(id); });
    if (project && *project) slug = (*project)->slug;
    return slug;
  }

  const Readers::Open open_;
  const store::RecentEvents& recent_;
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

realtime::Feed event_feed(Readers::Open open_reader, const store::RecentEvents& recent) {
  const auto outbox = std::make_shared<Outbox>(std::move(open_reader), recent);
  return {.after = [outbox](proto::EventId cursor,
                            int64_t limit) { return outbox->after(cursor, limit); },
          .latest = [outbox] { return outbox->latest(); },
          .has_project = [outbox](const std::string& slug) { return outbox->has_project(slug); }};
}

}  // namespace specd::api
