#include "net/wire.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <tuple>
#include <utility>

namespace specd::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// Awaited, gives a tuple with the error code first; throws nothing.
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

}  // namespace

struct Wire::Tls {
  // SSL_new takes part in owning the context.
  Tls(tcp::socket& socket, ssl_ctx_st* context) : stream(socket, SSL_new(context)) {}
  asio::ssl::stream<tcp::socket&> stream;
};

Wire::Wire(tcp::socket socket, const TlsIdentity* tls)
    : socket_(std::move(socket)), is_tls_(tls != nullptr), timer_(socket_.get_executor()) {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  if (is_tls_) tls_ = std::make_unique<Tls>(socket_, tls->context());
}

Wire::~Wire() = default;

asio::awaitable<Wire::Greeting> Wire::greet() {
  if (!is_tls_) co_return Greeting::done;
  auto [ec] = co_await tls_->stream.async_handshake(asio::ssl::stream_base::server, kAwait);
  if (!ec) co_return Greeting::done;
  const auto code = static_cast<unsigned long>(ec.value());
  if (ec.category() != asio::error::get_ssl_category() ||
      ERR_GET_REASON(code) != SSL_R_HTTP_REQUEST) {
    co_return Greeting::failed;
  }
  is_tls_ = false;
  co_return Greeting::plain;
}

asio::awaitable<bool> Wire::receive(std::string& to, size_t most) {
  if (is_late_) co_return false;
  const size_t before = to.size();
  to.resize(before + most);
  const auto buffer = asio::buffer(&to[before], most);
  error_code ec;
  size_t size = 0;
  if (is_tls_) {
    std::tie(ec, size) = co_await tls_->stream.async_read_some(buffer, kAwait);
  } else {
    std::tie(ec, size) = co_await socket_.async_read_some(buffer, kAwait);
  }
  to.resize(before + size);
  co_return !ec;
}

asio::awaitable<bool> Wire::receive_some_day(std::string& to, size_t most) {
  if (!is_tls_ && !is_late_) {
    const auto [ec] = co_await socket_.async_wait(tcp::socket::wait_read, kAwait);
    if (ec) co_return false;
  }
  co_return co_await receive(to, most);
}

asio::awaitable<bool> Wire::send(std::string_view bytes) {
  if (is_late_) co_return false;
  const auto buffer = asio::buffer(bytes.data(), bytes.size());
  error_code ec;
  if (is_tls_) {
    ec = std::get<0>(co_await asio::async_write(tls_->stream, buffer, kAwait));
  } else {
    ec = std::get<0>(co_await asio::async_write(socket_, buffer, kAwait));
  }
  co_return !ec;
}

void Wire::send(std::string_view bytes, std::function<void(bool)> done) {
  const auto buffer = asio::buffer(bytes.data(), bytes.size());
  auto written = [done = std::move(done)](error_code ec, size_t) { done(!ec); };
  if (is_tls_) {
    asio::async_write(tls_->stream, buffer, std::move(written));
  } else {
    asio::async_write(socket_, buffer, std::move(written));
  }
}

size_t Wire::send_now(std::string_view bytes) {
  if (is_tls_) return 0;
  const ssize_t sent =
      ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent < 0 ? 0 : static_cast<size_t>(sent);
}

asio::awaitable<void> Wire::end_sending() {
  if (is_tls_ && !is_late_) {
    // Our close_notify goes out, and the client's comes back, or something else, such as the rest
    // of a body: that is not for us any more, and goes past TLS.
    (void)co_await tls_->stream.async_shutdown(kAwait);
    is_tls_ = false;
  }
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void Wire::cancel() {
  error_code ignored;
  socket_.cancel(ignored);
}

void Wire::close() {
  error_code ignored;
  socket_.close(ignored);
}

void Wire::expires_after(std::chrono::milliseconds limit) {
  expires_at(system_clock().steady() + limit);
}

void Wire::expires_at(SteadyTime deadline) {
  is_late_ = false;
  deadline_ = deadline;
  if (deadline_ < armed_for_) arm();
}

void Wire::arm() {
  armed_for_ = deadline_;
  timer_.expires_at(armed_for_);
  timer_.async_wait([wire = weak_from_this()](error_code ec) {
    const auto self = ec ? nullptr : wire.lock();
    if (!self) return;
    self->armed_for_ = SteadyTime::max();
    if (self->deadline_ == SteadyTime::max()) return;
    if (system_clock().steady() < self->deadline_) return self->arm();
    self->is_late_ = true;
    self->cancel();
  });
}

}  // namespace specd::net
