#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/stream.h"
#include "net/websocket.h"

namespace specd::net {

class Wire;

/// A connection that has become a stream. Loop thread only. Whoever reads from the wire gives it
/// what comes, and says when that has ended.
class Session final : public Stream, public std::enable_shared_from_this<Session> {
 public:
  struct Options {
    Streaming kind;
    size_t queue;                           ///< bytes that may wait for a slow client
    size_t message_limit;                   ///< bytes of a client's message
    std::chrono::milliseconds write_limit;  ///< for what was queued at a time
  };
  /// `head`: of the answer, which goes out first.
  Session(std::shared_ptr<Wire> wire, Options options, std::string head);
  ~Session() override;

  bool write(std::string bytes) override;
  void close() override;
  void on(Events events) override;
  [[nodiscard]] SteadyTime last_heard() const override { return last_heard_; }

  /// The head of an answer that is an event stream.
  [[nodiscard]] static std::string events_head();
  /// The session was accepted: the head goes out, and what was written until now.
  void start();
  /// The client has sent this.
  void receive(std::string_view bytes);
  /// Sends what is queued, and a farewell; then it is over.
  void finish();
  /// Whether its reader is to read no more, but to call `ended`. What is being read when it comes
  /// to that is cancelled, where nothing has come yet.
  [[nodiscard]] bool is_over() const { return is_over_; }
  /// Whether something is on its way to the client.
  [[nodiscard]] bool is_sending() const { return !sending_.empty(); }
  /// There is no connection any more.
  void ended();
  /// Whoever still holds this may keep it for as long as they like: it is closed.
  void let_go();

 private:
  void flush();
  void written(bool is_written);
  void end();
  void hang_up();

  std::shared_ptr<Wire> wire_;  // null once it has ended
  const Options options_;
  std::string pending_;  // waits until `sending_` has gone
  std::string sending_;
  std::optional<websocket::Reader> reader_;
  SteadyTime last_heard_;
  Events events_;
  bool is_started_ = false;
  bool is_closing_ = false;
  bool is_over_ = false;
  bool was_refused_ = false;
};

}  // namespace specd::net
