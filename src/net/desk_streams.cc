#include "net/desk_streams.h"

#include <string>

#include "base/room.h"
#include "net/session.h"
#include "net/websocket.h"

namespace specd::net {
namespace {

constexpr size_t kReadSize = 4096;

}  // namespace

void DeskStreams::enter(const Connection& connection, std::shared_ptr<Session> session) {
  sessions_[connection.id] = {std::move(session), connection.caller};
  count_ = sessions_.size();
}

void DeskStreams::leave(const Connection& connection) {
  sessions_.erase(connection.id);
  count_ = sessions_.size();
}

boost::asio::awaitable<void> DeskStreams::serve(ConnectionPtr connection, Request request,
                                                Streaming kind) {
  auto head = kind == Streaming::websocket ? websocket::accept(request) : Session::events_head();
  if (!head) {
    co_await parting_.refuse(*connection, head.error());
    co_return;
  }
  const auto session =
      std::make_shared<Session>(connection,
                                Session::Options{.kind = kind,
                                                 .queue = options_.stream_queue,
                                                 .message_limit = options_.message_limit,
                                                 .write_limit = options_.write_limit},
                                *head);
  if (auto refusal = open_(request, session)) {
    session->let_go();
    co_await parting_.refuse(*connection, *refusal);
    co_return;
  }
  request = {};
  connection->body.give_back();
  connection->is_served = true;
  enter(*connection, session);
  answers_.count(*head);
  session->start();
  if (is_stopping_) session->finish();
  std::unique_ptr<Loop::Timer> end_of_right;
  if (connection->holds_for)
    end_of_right = loop_.after(*connection->holds_for, [session] { session->finish(); });
  session->receive(std::exchange(connection->received, {}));
  for (std::string some; !session->is_over(); give_back(some)) {
    if (!co_await connection->receive_some_day(some, kReadSize)) break;
    session->receive(some);
  }
  leave(*connection);
  const bool is_sending = session->is_sending();
  session->ended();
  if (!is_sending) co_await parting_.from(*connection);
  connection->close();
}

void DeskStreams::end(Caller caller) {
  for (const auto& [id, entry] : sessions_) {
    if (entry.caller == caller) entry.session->finish();
  }
}

void DeskStreams::begin_to_stop() {
  is_stopping_ = true;
  for (const auto& [id, entry] : sessions_) entry.session->finish();
}

void DeskStreams::abandon() {
  for (const auto& [id, entry] : std::exchange(sessions_, {})) entry.session->ended();
  count_ = 0;
}

}  // namespace specd::net
