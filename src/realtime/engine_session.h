#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/value.h"
#include "net/loop.h"
#include "net/message.h"
#include "net/stream.h"

/// One client of Socket.IO (https://socket.io/docs/v4/socket-io-protocol/, revision 5), which comes
/// through Engine.IO (https://socket.io/docs/v4/engine-io-protocol/, revision 4): packets, each a
/// digit for its type and a text, travel over a WebSocket, or over requests, where a GET waits for
/// what there is to hear, and a POST says something; several are then joined by U+001E.
///
///     0{"sid":…}                          Engine.IO: open
///     2  3  6  2probe  3probe  5          ping, pong, noop; a WebSocket takes over from requests
///     40/specs,{"sid":…}                  message, connect
///     42/specs,7["subscribe",{…}]         message, event, which wants to be acknowledged as 7
///     43/specs,7[{…}]                     message, acknowledgement
namespace specd::realtime {

/// Separates packets, and ends each that is given to `EngineSession::write`. JSON never has it.
constexpr char kPacketEnd = '\x1e';

/// Loop thread only; held by shared_ptr.
class EngineSession final : public net::Stream, public std::enable_shared_from_this<EngineSession> {
 public:
  struct Options {
    size_t queue;  ///< bytes that may wait for a poll
  };
  /// Begins what hears events, once the client has connected to the namespace; or says why not.
  using Open = std::function<std::optional<net::Response>(const net::Request&,
                                                          std::shared_ptr<net::Stream>)>;
  using Answer = std::function<void(net::Response)>;

  /// `request`: the handshake. `ended`: called once, within whatever ends it.
  EngineSession(net::Loop& loop, net::Request request, std::string id, Options options, Open open,
                std::function<void()> ended);
  ~EngineSession() override;

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] net::Caller caller() const { return request_.caller; }
  [[nodiscard]] bool is_closed() const { return is_closed_; }
  /// Whether it has come as far as the namespace.
  [[nodiscard]] bool is_connected() const { return is_connected_; }
  /// Whether a WebSocket carries it; that is for good.
  [[nodiscard]] bool has_socket() const { return socket_ != nullptr; }

  // ---- what the client does
  /// A GET: answered when there is something.
  void poll(Answer answer);
  /// A POST: false where it is not understood; then it is over.
  [[nodiscard]] bool receive(std::string_view packets);
  /// A WebSocket: the first transport, or one that takes over, while there is none.
  enum class Attach { first, takes_over };
  void attach(std::shared_ptr<net::Stream> socket, Attach how);

  // ---- what the broadcaster sees
  bool write(std::string packets) override;
  void close() override;
  void on(Events events) override { events_ = std::move(events); }
  [[nodiscard]] SteadyTime last_heard() const override { return last_heard_; }
  /// The client has gone, or must.
  void end();

 private:
  [[nodiscard]] bool receive_packet(std::string_view packet);
  [[nodiscard]] bool receive_message(std::string_view packet);
  void connect(const Value& wish);
  [[nodiscard]] bool pass_on(std::string_view json, const std::string& ack);
  void hear_socket(const std::string& text);
  void hear_probe(const std::string& text);
  [[nodiscard]] bool put_into_queue(std::string_view packets);
  bool send_over_socket(std::string_view packets);
  void answer_poll();
  void tell_drained();

  net::Loop& loop_;
  const net::Request request_;
  const std::string id_;
  const Options options_;
  const Open open_;
  const std::function<void()> ended_;

  Events events_;
  SteadyTime last_heard_;
  std::shared_ptr<net::Stream> socket_;   // takes everything; null: polls do
  std::shared_ptr<net::Stream> probing_;  // may become that
  std::string queue_;                     // packets, each with its end
  std::string welcome_;                   // goes before the first that is written in the namespace
  Answer poll_;
  bool is_probe_answered_ = false;
  bool is_connected_ = false;
  bool is_closed_ = false;
  bool was_refused_ = false;
};

}  // namespace specd::realtime
