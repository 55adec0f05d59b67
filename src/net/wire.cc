#include "net/wire.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace specd::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// Awaited, gives a tuple with the error code first; throws nothing.
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

}  // namespace

Wire::Wire(tcp::socket socket) : socket_(std::move(socket)), timer_(socket_.get_executor()) {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
}

asio::awaitable<bool> Wire::receive(std::string& to, size_t most) {
  if (is_late_) co_return false;
  const size_t before = to.size();
  to.resize(before + most);
  auto [ec, size] = co_await socket_.async_read_some(asio::buffer(&to[before], most), kAwait);
  to.resize(before + size);
  co_return !ec;
}

asio::awaitable<bool> Wire::send(std::string_view bytes) {
  if (is_late_) co_return false;
  const auto buffer = asio::buffer(bytes.data(), bytes.size());
  auto [ec, size] = co_await asio::async_write(socket_, buffer, kAwait);
  co_return !ec;
}

void Wire::send(std::string_view bytes, std::function<void(bool)> done) {
  const auto buffer = asio::buffer(bytes.data(), bytes.size());
  asio::async_write(socket_, buffer,
                    [done = std::move(done)](error_code ec, size_t) { done(!ec); });
}

void Wire::end_sending() {
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
