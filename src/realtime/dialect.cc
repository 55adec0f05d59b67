#include "realtime/dialect.h"

#include "base/assert.h"
#include "base/json.h"
#include "net/websocket.h"
#include "realtime/engine_session.h"

namespace specd::realtime {
namespace {

using proto::EventCursor;

/// What a client on a connection of two directions is welcomed with.
std::string terms_json(std::chrono::milliseconds heartbeat) {
  return R"({"heartbeat_ms":)" + std::to_string(heartbeat.count()) + "}";
}

class Sse final : public Dialect {
 public:
  [[nodiscard]] std::string_view name() const override { return "sse"; }
  [[nodiscard]] bool is_two_way() const override { return false; }
  /// With how long to wait before coming back, in milliseconds. How often the heart beats is said
  /// in a comment, as the heart beats in comments: who cannot see the one cannot see the other.
  [[nodiscard]] std::string greeting(const std::optional<EventCursor>& begin,
                                     std::chrono::milliseconds heartbeat_ms) const override {
    return "retry: 1000\n: heartbeat_ms=" + std::to_string(heartbeat_ms.count()) + "\n" +
           heartbeat(begin);
  }
  void append(std::string& out, const EventCursor& cursor, std::string_view type,
              std::string_view json) const override {
    out.append("id: ").append(to_string(cursor)).append("\nevent: ").append(type);
    out.append("\ndata: ").append(json).append("\n\n");
  }
  /// Sets the id that the client will come back with, and nothing that it sees.
  [[nodiscard]] std::string heartbeat(const std::optional<EventCursor>& cursor) const override {
    return cursor ? ":\nid: " + to_string(*cursor) + "\n\n" : ":\n\n";
  }
  [[nodiscard]] std::string reply(std::string_view, const Value&, const std::optional<EventCursor>&,
                                  std::string_view) const override {
    SPECD_ASSERT(false && "its clients say nothing");
    return {};
  }
  [[nodiscard]] std::string farewell(Parting) const override { return {}; }
};

class Websocket final : public Dialect {
 public:
  [[nodiscard]] std::string_view name() const override { return "websocket"; }
  [[nodiscard]] bool is_two_way() const override { return true; }
  [[nodiscard]] std::string greeting(const std::optional<EventCursor>& begin,
                                     std::chrono::milliseconds heartbeat) const override {
    return reply("welcome", {}, begin, terms_json(heartbeat));
  }
  void append(std::string& out, const EventCursor& cursor, std::string_view type,
              std::string_view json) const override {
    net::websocket::append_text(out, message(type, {}, cursor, json));
  }
  /// Pages hear nothing of pings, and programs answer them by themselves: both are needed.
  [[nodiscard]] std::string heartbeat(const std::optional<EventCursor>& cursor) const override {
    return reply("heartbeat", {}, cursor, {}) + net::websocket::ping();
  }
  [[nodiscard]] std::string reply(std::string_view event, const Value& ref,
                                  const std::optional<EventCursor>& cursor,
                                  std::string_view json) const override {
    std::string frame;
    net::websocket::append_text(frame, message(event, ref, cursor, json));
    return frame;
  }
  [[nodiscard]] std::string farewell(Parting why) const override {
    using enum net::websocket::CloseCode;
    return net::websocket::close(why == Parting::silent ? going_away : policy_violation);
  }

 private:
  static std::string message(std::string_view event, const Value& ref,
                             const std::optional<EventCursor>& cursor, std::string_view json) {
    std::string text = R"({"event":")" + std::string(event) + '"';
    if (ref.kind != Value::Kind::null) text.append(R"(,"ref":)").append(json::dump(ref));
    if (cursor) text.append(R"(,"id":")").append(to_string(*cursor)).append("\"");
    if (!json.empty()) text.append(R"(,"data":)").append(json);
    return text.append("}");
  }
};

class SocketIoDialect final : public Dialect {
 public:
  [[nodiscard]] std::string_view name() const override { return "socket.io"; }
  [[nodiscard]] bool is_two_way() const override { return true; }
  [[nodiscard]] std::string greeting(const std::optional<EventCursor>& begin,
                                     std::chrono::milliseconds heartbeat) const override {
    return reply("welcome", {}, begin, terms_json(heartbeat));
  }
  void append(std::string& out, const EventCursor& cursor, std::string_view type,
              std::string_view json) const override {
    out += reply(type, {}, cursor, json);
  }
  /// A ping of Engine.IO, and an event, since clients do not see that.
  [[nodiscard]] std::string heartbeat(const std::optional<EventCursor>& cursor) const override {
    return std::string("2") + kPacketEnd + packet("heartbeat", cursor, "{}");
  }
  /// To who wanted it acknowledged, as that. Clients bring back the id of the latest event, and an
  /// acknowledgement is none: it is followed by one that tells where they are.
  [[nodiscard]] std::string reply(std::string_view event, const Value& ref,
                                  const std::optional<EventCursor>& cursor,
                                  std::string_view json) const override {
    if (ref.kind == Value::Kind::null) return packet(event, cursor, json);
    std::string packets = "43/specs," + ref.text + "[";
    packets += event == "error" ? R"({"error":)" + std::string(json) + "}" : std::string(json);
    packets.append("]") += kPacketEnd;
    return cursor ? packets + packet("heartbeat", cursor, "{}") : packets;
  }
  /// Clients come back by themselves where a connection breaks off, but not when they are sent
  /// away, and who was silent may only have slept.
  [[nodiscard]] std::string farewell(Parting why) const override {
    return why == Parting::silent ? std::string() : std::string("41/specs,") + kPacketEnd;
  }

 private:
  static std::string packet(std::string_view event, const std::optional<EventCursor>& cursor,
                            std::string_view json) {
    std::string text = R"(42/specs,[")" + std::string(event) + "\",";
    text.append(json);
    if (cursor) text.append(",\"").append(to_string(*cursor)).append("\"");
    return text + ']' + kPacketEnd;
  }
};

}  // namespace

const Dialect& sse() {
  static const Sse dialect;
  return dialect;
}

const Dialect& websocket() {
  static const Websocket dialect;
  return dialect;
}

const Dialect& socket_io() {
  static const SocketIoDialect dialect;
  return dialect;
}

}  // namespace specd::realtime
