#include "net/intake.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/room.h"
#include "net/objection.h"

namespace specd::net {
namespace {

constexpr size_t kReadSize = 4096;
constexpr size_t kBodyReadSize = 64 << 10;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

void Intake::begin(OwnNames names, Admit admit) {
  names_ = std::move(names);
  admit_ = std::move(admit);
}

void Intake::forget(const Connection& connection) {
  (void)callers_.move(connection.caller, Caller::nobody);
}

boost::asio::awaitable<std::optional<Request>> Intake::next(ConnectionPtr connection) {
  using enum RequestParser::State;
  if (!co_await begins(connection)) co_return std::nullopt;
  connection->expires_after(options_.read_limit);
  RequestParser parser({.head_bytes = options_.header_limit, .body_bytes = options_.body_limit});
  std::optional<Response> refusal;
  bool goes_on = co_await read_on(connection, parser, head);
  if (goes_on && parser.state() != refused) refusal = judge(*connection, parser);
  if (goes_on && !refusal && parser.state() == body) {
    if (parser.expects_continue()) goes_on = co_await connection->send(kContinue);
    if (goes_on) goes_on = co_await read_on(connection, parser, body);
    // Who may come in can have changed meanwhile.
    if (goes_on && parser.state() == complete) refusal = judge(*connection, parser);
  }
  if (parser.state() == refused) refusal = parser.refusal();
  if (!goes_on && connection->is_late()) {
    refusal = problem(408, "request_too_slow", "the whole request did not come in time");
  }
  if (!connection->has_room) {
    refusal = problem(503, "too_many_bodies", "too much is being sent already; try again later");
  }
  if (refusal) co_await parting_.refuse(*connection, *refusal);
  if (refusal || !goes_on) co_return std::nullopt;
  connection->expires_never();
  Request request = parser.release();
  request.caller = connection->caller;
  co_return request;
}

/// Whether something of a next request comes.
boost::asio::awaitable<bool> Intake::begins(ConnectionPtr connection) {
  std::string& received = connection->received;
  if (!received.empty()) co_return true;
  if (received.capacity() > 2 * kReadSize) give_back(received);  // a body went through it
  connection->is_idle = true;
  connection->expires_after(options_.idle_limit);
  const bool has_come = co_await connection->receive(received, kReadSize);
  connection->is_idle = false;
  co_return has_come;
}

/// Until the parser leaves `state`; false if what it needs for that does not come.
boost::asio::awaitable<bool> Intake::read_on(ConnectionPtr connection, RequestParser& parser,
                                             RequestParser::State state) {
  const size_t most = state == RequestParser::State::head ? kReadSize : kBodyReadSize;
  std::string& received = connection->received;
  for (;;) {
    const size_t taken = received.empty() ? 0 : parser.take(received);
    received.erase(0, taken);
    if (state == RequestParser::State::body && connection->is_body_shared) {
      connection->has_room = connection->body.take(taken);
      if (!connection->has_room) co_return false;
    }
    if (parser.state() != state) co_return true;
    if (!co_await connection->receive(received, most)) co_return false;
  }
}

/// Whether the sender of this may have it served, as far as its head tells; if not, why. Limits the
/// body to what he may send.
std::optional<Response> Intake::judge(Connection& connection, RequestParser& parser) {
  const Request& head = parser.head();
  if (auto refusal = objection(head, names_)) return refusal;
  if (!admit_) return std::nullopt;
  Admission admission = admit_(head);
  if (admission.refusal) return std::move(admission.refusal);
  if (admission.body_limit < options_.body_limit) parser.limit_body(admission.body_limit);
  connection.holds_for = admission.holds_for;
  // Who may send little only is bounded by that, and must not take the room of others.
  connection.is_body_shared = admission.body_limit >= options_.body_limit;
  const Caller before = std::exchange(connection.caller, admission.caller);
  if (callers_.move(before, admission.caller)) return std::nullopt;
  connection.caller = Caller::nobody;
  ++turned_away_;
  return problem(503, "too_many_connections", "this caller has too many connections already");
}

}  // namespace specd::net
