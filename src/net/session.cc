#include "net/session.h"

#include <utility>

#include "net/wire.h"

namespace specd::net {

std::string_view Session::head() {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
         "X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\n"
         "Cross-Origin-Resource-Policy: same-origin\r\nConnection: close\r\n\r\n";
}

Session::Session(std::shared_ptr<Wire> wire, Options options)
    : wire_(std::move(wire)), options_(options), pending_(head()) {}

Session::~Session() = default;

bool Session::write(std::string bytes) {
  if (is_closing_) return false;
  if (!pending_.empty() && pending_.size() + bytes.size() > options_.queue) {
    was_refused_ = true;
    return false;
  }
  pending_ += bytes;
  if (is_started_ && sending_.empty()) flush();
  return true;
}

void Session::close() {
  drained_ = nullptr;
  closed_ = nullptr;
  finish();
}

void Session::on(std::function<void()> drained, std::function<void()> closed) {
  drained_ = std::move(drained);
  closed_ = std::move(closed);
}

void Session::start() {
  is_started_ = true;
  flush();
}

void Session::finish() {
  is_closing_ = true;
  if (is_started_ && sending_.empty()) hang_up();
}

void Session::ended() {
  const auto closed = std::exchange(closed_, nullptr);
  let_go();
  if (closed) closed();
}

void Session::let_go() {
  is_closing_ = true;
  drained_ = nullptr;
  closed_ = nullptr;
  wire_.reset();
}

void Session::flush() {
  sending_.swap(pending_);
  wire_->expires_after(options_.write_limit);
  wire_->send(sending_, [self = shared_from_this(), alive = wire_](bool is_written) {
    self->written(is_written);
  });
}

void Session::written(bool is_written) {
  sending_.clear();
  if (!is_written || wire_ == nullptr) return hang_up();
  if (!pending_.empty()) return flush();
  // A quiet stream may last as long as it likes.
  wire_->expires_never();
  if (is_closing_) return hang_up();
  if (std::exchange(was_refused_, false) && drained_) drained_();
}

void Session::hang_up() {
  is_over_ = true;
  if (wire_ != nullptr) wire_->cancel();
}

}  // namespace specd::net
