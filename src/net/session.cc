#include "net/session.h"

#include <utility>

#include "base/clock.h"
#include "base/room.h"
#include "net/wire.h"

namespace specd::net {

std::string Session::events_head() {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
         "X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\n"
         "Cross-Origin-Resource-Policy: same-origin\r\nConnection: close\r\n\r\n";
}

Session::Session(std::shared_ptr<Wire> wire, Options options, std::string head)
    : wire_(std::move(wire)),
      options_(options),
      pending_(std::move(head)),
      last_heard_(system_clock().steady()) {
  if (options_.kind == Streaming::websocket) reader_.emplace(options_.message_limit);
}

Session::~Session() = default;

bool Session::write(std::string bytes) {
  if (is_closing_) return false;
  if (!pending_.empty() && pending_.size() + bytes.size() > options_.queue) {
    was_refused_ = true;
    return false;
  }
  // Nearly always all of it goes at once, and nothing has to be remembered.
  const bool is_idle = is_started_ && sending_.empty() && pending_.empty() && wire_ != nullptr;
  const size_t sent = is_idle ? wire_->send_now(bytes) : 0;
  if (sent == bytes.size()) return true;
  pending_.append(bytes, sent);
  if (is_started_ && sending_.empty()) flush();
  return true;
}

void Session::close() {
  events_ = {};
  end();
}

void Session::on(Events events) {
  events_ = std::move(events);
}

void Session::start() {
  is_started_ = true;
  flush();
}

void Session::receive(std::string_view bytes) {
  last_heard_ = system_clock().steady();
  if (!reader_ || is_closing_) return;
  auto heard = reader_->take(bytes);
  const auto hear = events_.message;  // which may close this
  for (std::string& message : heard.messages) {
    if (hear && !is_closing_) hear(std::move(message));
  }
  // Who sends pings and reads no pongs does without them.
  if (!heard.answer.empty()) (void)write(std::move(heard.answer));
  if (heard.is_over) end();
}

void Session::finish() {
  if (is_closing_) return;
  // Whatever is queued, there is room for this.
  if (reader_) pending_ += websocket::close(websocket::CloseCode::going_away);
  end();
  if (is_started_ && sending_.empty()) flush();
}

void Session::end() {
  is_closing_ = true;
  if (is_started_ && sending_.empty() && pending_.empty()) hang_up();
}

void Session::ended() {
  const auto closed = std::move(events_.closed);
  let_go();
  if (closed) closed();
}

void Session::let_go() {
  is_closing_ = true;
  events_ = {};
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
  give_back(sending_);
  if (!is_written || wire_ == nullptr) return hang_up();
  if (!pending_.empty()) return flush();
  // A quiet stream may last as long as it likes.
  wire_->expires_never();
  if (is_closing_) return hang_up();
  const auto drained = events_.drained;  // which may close this
  if (std::exchange(was_refused_, false) && drained) drained();
}

void Session::hang_up() {
  is_over_ = true;
  if (wire_ != nullptr) wire_->cancel();
}

}  // namespace specd::net
