#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/stream.h"

namespace specd::net {

class Wire;

/// The writing half of a connection that has become a stream. Loop thread only. Whoever reads from
/// the wire says when it has ended.
class Session final : public Stream, public std::enable_shared_from_this<Session> {
 public:
  struct Options {
    size_t queue;                           ///< bytes that may wait for a slow client
    std::chrono::milliseconds write_limit;  ///< for what was queued at a time
  };
  Session(std::shared_ptr<Wire> wire, Options options);
  ~Session() override;

  bool write(std::string bytes) override;
  void close() override;
  void on(std::function<void()> drained, std::function<void()> closed) override;

  /// The head of the answer, which goes out first.
  [[nodiscard]] static std::string_view head();
  /// The session was accepted: the head goes out, and what was written until now.
  void start();
  /// Sends what is queued; then it is over.
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
  void hang_up();

  std::shared_ptr<Wire> wire_;  // null once it has ended
  const Options options_;
  std::string pending_;  // waits until `sending_` has gone
  std::string sending_;
  std::function<void()> drained_;
  std::function<void()> closed_;
  bool is_started_ = false;
  bool is_closing_ = false;
  bool is_over_ = false;
  bool was_refused_ = false;
};

}  // namespace specd::net
