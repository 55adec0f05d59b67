#pragma once

#include <string>

#include "tests/net/raw_client.h"

// How clients of each kind begin to listen, byte by byte. They want everything of specs.
namespace specd::test {

enum class Transport { events, websocket, socket_io };
inline constexpr Transport kTransports[] = {Transport::events, Transport::websocket,
                                            Transport::socket_io};

inline bool begins_event_stream(RawClient& client) {
  client.send_request("GET", "/api/v1/events?types=spec.*");
  return client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200") &&
         !client.read_until("\n\n").empty();
}

inline bool begins_websocket(RawClient& client) {
  client.send_request("GET", "/api/v1/ws?types=spec.*",
                      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  return client.read_until("\r\n\r\n").starts_with("HTTP/1.1 101") &&
         !client.read_until("heartbeat_ms\":").empty();
}

/// A session of Socket.IO over polling.
class SocketIoSession {
 public:
  explicit SocketIoSession(RawClient& client) : client_(client) {
    client_.send_request("GET", "/socket.io/?EIO=4&transport=polling&types=spec.*");
    const std::string opening = client_.read_until("}");
    const size_t sid = opening.find("\"sid\":\"");
    if (sid != std::string::npos) sid_ = opening.substr(sid + 7, 32);
  }
  [[nodiscard]] bool is_open() const { return !sid_.empty(); }
  /// False: it was not taken.
  bool say(const std::string& packets) {
    client_.send_request("POST", "/socket.io/?EIO=4&transport=polling&sid=" + sid_, "", packets);
    return client_.read_until("\r\n\r\n").starts_with("HTTP/1.1 200") &&
           !client_.read_until("ok").empty();
  }
  bool connect() { return say("40/specs,"); }
  bool end() { return say("1"); }

 private:
  RawClient& client_;
  std::string sid_;
};

inline bool begins_to_listen(RawClient& client, Transport transport) {
  switch (transport) {
    case Transport::events:
      return begins_event_stream(client);
    case Transport::websocket:
      return begins_websocket(client);
    case Transport::socket_io:
      SocketIoSession session(client);
      return session.is_open() && session.connect();
  }
  return false;
}

}  // namespace specd::test
