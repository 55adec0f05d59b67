#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/tls.h"

// For the files of this folder that know Asio.
namespace specd::net {

/// The bytes of one accepted connection, plain or through TLS, and one deadline for whatever is
/// under way with them. Loop thread only; held by shared_ptr. One may read and one may write at a
/// time.
class Wire : public std::enable_shared_from_this<Wire> {
 public:
  /// `tls`: whom we are there; null: the connection stays plain. Need not outlive this.
  Wire(boost::asio::ip::tcp::socket socket, const TlsIdentity* tls);
  ~Wire();

  enum class Greeting { done, plain, failed };
  /// First of all: agrees with the client on TLS where there is any. `plain` where the client
  /// speaks HTTP without it; then so does this from now on.
  [[nodiscard]] boost::asio::awaitable<Greeting> greet();

  /// Waits until something comes, and appends at most `most` bytes of it. False once nothing will
  /// come any more: the client has ended, the deadline has passed, or `cancel`.
  [[nodiscard]] boost::asio::awaitable<bool> receive(std::string& to, size_t most);
  /// The same, for what may take hours: a plain connection needs no room meanwhile.
  [[nodiscard]] boost::asio::awaitable<bool> receive_some_day(std::string& to, size_t most);
  /// Sends all of it. False if that cannot be.
  [[nodiscard]] boost::asio::awaitable<bool> send(std::string_view bytes);
  /// The same for who is no coroutine. `bytes` and this must stay until `done`, which is not called
  /// from within.
  void send(std::string_view bytes, std::function<void(bool)> done);
  /// Sends what goes at once, while nothing else is on its way out; how much that was. A connection
  /// that is broken, or through TLS, takes nothing here: `send` says why.
  [[nodiscard]] size_t send_now(std::string_view bytes);
  /// Tells the client that this was all; with TLS, waits until it has understood, or the deadline.
  /// Nothing may be on its way out meanwhile, and nothing goes out afterwards.
  [[nodiscard]] boost::asio::awaitable<void> end_sending();
  /// Ends whatever waits.
  void cancel();
  /// Nothing goes or comes any more.
  void close();

  /// From now on; a new one takes the place of the one before. What waits when it passes ends, and
  /// what begins afterwards ends at once, until there is a new one.
  void expires_after(std::chrono::milliseconds limit);
  void expires_never() { expires_at(SteadyTime::max()); }
  /// Whether the deadline has passed.
  [[nodiscard]] bool is_late() const { return is_late_; }

 private:
  struct Tls;

  void expires_at(SteadyTime deadline);
  void arm();

  boost::asio::ip::tcp::socket socket_;
  bool is_tls_;  // whether bytes go through `tls_`
  // Null: never was. Stays to the end, since what waits refers to it.
  std::unique_ptr<Tls> tls_;
  boost::asio::steady_timer timer_;
  // Deadlines are set far more often than they pass: the timer is left as it is unless it would
  // come too late, and looks at the deadline when it comes.
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime armed_for_ = SteadyTime::max();
  bool is_late_ = false;
};

}  // namespace specd::net
