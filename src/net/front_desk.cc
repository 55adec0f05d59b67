#include "net/front_desk.h"

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <utility>

#include "base/log.h"
#include "base/room.h"
#include "base/thread.h"
#include "net/connection.h"
#include "net/desk_counts.h"
#include "net/io_loop.h"
#include "net/objection.h"
#include "net/origin.h"
#include "net/request_parser.h"
#include "net/session.h"
#include "net/workers.h"

// Each connection is one coroutine, `serve`: read a request, have it answered, write, again. All of
// them run on one thread, so nothing here is locked but the mailbox, through which other threads
// put tasks onto the loop. Answers come back by number, never by pointer: a connection may be gone
// by then.
namespace specd::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Awaited, gives a tuple with the error code first; throws nothing.
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

constexpr size_t kReadSize = 4096;
constexpr size_t kBodyReadSize = 64 << 10;
constexpr size_t kMaxTurningAway = 64;
constexpr std::chrono::milliseconds kLinger{2'000};
constexpr std::chrono::milliseconds kShortLinger{100};  // when the desk stops
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

class FrontDesk::Impl {
 public:
  explicit Impl(const FrontDeskOptions& options)
      : options_(options), workers_(options.workers, options.max_connections + 64) {}

  Result<> listen();
  void start(Callbacks callbacks);
  void stop();
  void end_streams(Caller caller);

  [[nodiscard]] uint16_t port() const { return names_.port; }
  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] Workers& workers() { return workers_; }
  [[nodiscard]] FrontDeskStats stats() const;

 private:
  using Job = asio::awaitable<void>;

  void run();
  Job accept();
  void admit(tcp::socket socket);
  bool put_one_out();
  std::shared_ptr<const TlsIdentity> identity() const {
    return options_.renewed_tls ? options_.renewed_tls() : options_.tls;
  }
  Job turn_away(tcp::socket socket);
  Job serve(ConnectionPtr connection);
  asio::awaitable<std::optional<Request>> read(ConnectionPtr connection);
  asio::awaitable<bool> begins(ConnectionPtr connection);
  asio::awaitable<bool> read_on(ConnectionPtr connection, RequestParser& parser,
                                RequestParser::State state);
  std::optional<Response> judge(Connection& connection, RequestParser& parser);
  asio::awaitable<std::optional<std::string>> ask(ConnectionPtr connection, Request request);
  Job stream(ConnectionPtr connection, Request request, Streaming kind);
  Job say_last(Wire& to, const Response& response);
  Job part(Wire& from);
  void answered(uint64_t connection, uint64_t asked, std::string bytes);
  void begin_to_stop();
  void leave(uint64_t id);

  // constant once started
  const FrontDeskOptions options_;
  Callbacks callbacks_;
  OwnNames names_;

  // loop thread only; before io_, whose end unwinds the coroutines that refer to them
  HeldBytes bodies_{options_.workers * options_.body_limit};
  std::map<uint64_t, ConnectionPtr> connections_;
  std::map<uint64_t, std::shared_ptr<Session>> sessions_;
  CallerConnections callers_{options_.max_caller_connections};
  uint64_t last_id_ = 0;
  size_t turning_away_ = 0;
  bool is_stopping_ = false;

  asio::io_context io_{1};
  IoLoop loop_{io_};
  tcp::acceptor acceptor_{io_};
  asio::steady_timer stop_timer_{io_};

  std::atomic<size_t> connection_count_ = 0;
  std::atomic<size_t> stream_count_ = 0;
  std::atomic<uint64_t> request_count_ = 0;
  std::atomic<uint64_t> turned_away_count_ = 0;
  AnswerCounts answers_;

  Workers workers_;
  Thread thread_;
};

Result<> FrontDesk::Impl::listen() {
  const bool is_safe = options_.tls || options_.is_behind_proxy;
  const Reach allowed = is_safe ? Reach::anywhere : Reach::this_machine;
  auto address = bind_address(options_.host, allowed);
  if (!address) return fail_within("listen", address.error());
  const tcp::endpoint endpoint(asio::ip::make_address(*address), options_.port);
  error_code ec;
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) acceptor_.bind(endpoint, ec);
  if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) {
    return fail_os("listen on " + *address + " port " + std::to_string(options_.port), ec.value());
  }
  names_ = {.port = acceptor_.local_endpoint().port(),
            .reach = is_loopback(*address) ? Reach::this_machine : Reach::anywhere,
            .is_tls = options_.tls != nullptr,
            .is_behind_proxy = options_.is_behind_proxy,
            .hosts = options_.hosts};
  return {};
}

void FrontDesk::Impl::start(Callbacks callbacks) {
  callbacks_ = std::move(callbacks);
  asio::co_spawn(io_, accept(), asio::detached);
  thread_ = Thread("front-desk", [this] { run(); });
}

void FrontDesk::Impl::run() {
  const auto guard = asio::make_work_guard(io_);
  io_.run();
  // What did not end in time. Nothing runs here afterwards, so the streams hear of it now.
  for (const auto& [id, connection] : connections_) connection->close();
  for (const auto& [id, session] : std::exchange(sessions_, {})) session->ended();
  connections_.clear();
  connection_count_ = stream_count_ = 0;
}

void FrontDesk::Impl::stop() {
  loop_.post([this] { begin_to_stop(); });
  thread_.join();
  loop_.mailbox()->shut();
  workers_.stop();
}

void FrontDesk::Impl::begin_to_stop() {
  is_stopping_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  for (const auto& [id, session] : sessions_) session->finish();
  for (const auto& [id, connection] : connections_) {
    if (connection->is_idle) connection->cancel();
  }
  if (connections_.empty()) return io_.stop();
  stop_timer_.expires_after(options_.stop_limit);
  stop_timer_.async_wait([this](error_code) { io_.stop(); });
}

void FrontDesk::Impl::end_streams(Caller caller) {
  loop_.post([this, caller] {
    for (const auto& [id, session] : sessions_) {
      if (connections_.at(id)->caller == caller) session->finish();
    }
  });
}

void FrontDesk::Impl::leave(uint64_t id) {
  if (const auto found = connections_.find(id); found != connections_.end()) {
    (void)callers_.move(found->second->caller, Caller::nobody);
    connections_.erase(found);
  }
  connection_count_ = connections_.size();
  if (is_stopping_ && connections_.empty()) io_.stop();
}

FrontDeskStats FrontDesk::Impl::stats() const {
  return {.connections = connection_count_,
          .streams = stream_count_,
          .requests = request_count_,
          .turned_away = turned_away_count_,
          .answers = answers_.all(),
          .waiting_jobs = workers_.waiting()};
}

FrontDesk::Impl::Job FrontDesk::Impl::accept() {
  asio::steady_timer pause(io_);
  while (!is_stopping_) {
    auto [ec, socket] = co_await acceptor_.async_accept(kAwait);
    if (is_stopping_) co_return;
    if (!ec) {
      admit(std::move(socket));
      continue;
    }
    // No descriptors left, most likely; some connection will end.
    log::warn("accept failed", {{"why", ec.message()}});
    pause.expires_after(kAcceptPause);
    co_await pause.async_wait(kAwait);
  }
}

void FrontDesk::Impl::admit(tcp::socket socket) {
  const bool is_full = connections_.size() >= options_.max_connections;
  if (is_full) ++turned_away_count_;  // this one, or another
  if (is_full && !put_one_out()) {
    if (turning_away_ < kMaxTurningAway) {
      asio::co_spawn(io_, turn_away(std::move(socket)), asio::detached);
    }
    return;
  }
  auto connection =
      std::make_shared<Connection>(++last_id_, std::move(socket), identity().get(), bodies_, io_);
  connections_[connection->id] = connection;
  connection_count_ = connections_.size();
  asio::co_spawn(io_, serve(connection),
                 [this, id = connection->id](const std::exception_ptr& thrown) {
                   if (thrown) log::error("connection failed", {{"id", id}});
                   leave(id);
                 });
}

/// Whoever can connect could take every place and keep it, and so shut out those who may come in.
/// So the oldest of nobody's connections goes, of those that wait between two requests if there is
/// one. What is being served stays. False if nobody can go.
bool FrontDesk::Impl::put_one_out() {
  Connection* oldest = nullptr;
  for (const auto& [id, connection] : connections_) {
    const bool stays = connection->caller != Caller::nobody || connection->is_served;
    if (stays || connection->is_put_out) continue;
    const bool has_had_its_turn = connection->is_idle && connection->asked > 0;
    if (oldest == nullptr || has_had_its_turn) oldest = connection.get();
    if (has_had_its_turn) break;
  }
  if (oldest == nullptr) return false;
  oldest->is_put_out = true;
  oldest->close();
  return true;
}

FrontDesk::Impl::Job FrontDesk::Impl::turn_away(tcp::socket socket) {
  ++turning_away_;
  const auto wire = std::make_shared<Wire>(std::move(socket), identity().get());
  wire->expires_after(kLinger);
  if (co_await wire->greet() != Wire::Greeting::failed) {
    co_await say_last(
        *wire, problem(503, "too_many_connections", "too many connections are open already"));
  }
  --turning_away_;
}

/// Answers, and reads on for a while before the connection is closed: closing with bytes unread
/// would reset it, and the client might lose the answer.
FrontDesk::Impl::Job FrontDesk::Impl::say_last(Wire& to, const Response& response) {
  const std::string bytes = last_words(response);
  answers_.count(bytes);
  to.expires_after(kLinger);
  bool goes_on = co_await to.send(bytes);
  if (goes_on) co_await to.end_sending();
  for (std::string scrap; goes_on && !is_stopping_; scrap.clear()) {
    goes_on = co_await to.receive(scrap, kReadSize);
  }
}

FrontDesk::Impl::Job FrontDesk::Impl::serve(ConnectionPtr connection) {
  connection->expires_after(options_.read_limit);
  const auto greeting = co_await connection->greet();
  if (greeting == Wire::Greeting::plain) {
    co_await say_last(*connection, problem(400, "tls_only", "this port speaks TLS: ask https://"));
  }
  bool goes_on = greeting == Wire::Greeting::done;
  while (goes_on && !is_stopping_) {
    auto request = co_await read(connection);
    if (!request) co_return;
    ++request_count_;
    if (const auto kind = callbacks_.streaming(*request); kind != Streaming::no) {
      co_await stream(connection, std::move(*request), kind);
      co_return;
    }
    goes_on = request->keep_alive;
    connection->is_served = true;
    const auto bytes = co_await ask(connection, std::move(*request));
    connection->is_served = false;
    connection->body.give_back();
    if (!bytes) {
      co_await say_last(*connection, problem(503, "busy", "too much to do; try again later"));
      co_return;
    }
    answers_.count(*bytes);
    connection->expires_after(options_.write_limit);
    if (!co_await connection->send(*bytes)) co_return;
  }
  if (greeting == Wire::Greeting::done) co_await part(*connection);
}

/// The end of a connection on which all was said.
FrontDesk::Impl::Job FrontDesk::Impl::part(Wire& from) {
  if (from.is_late()) co_return;
  from.expires_after(is_stopping_ ? kShortLinger : kLinger);
  co_await from.end_sending();
}

/// The next whole request; none if there is no further one, or none that may be served, which the
/// client has then been told.
asio::awaitable<std::optional<Request>> FrontDesk::Impl::read(ConnectionPtr connection) {
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
  if (refusal) co_await say_last(*connection, *refusal);
  if (refusal || !goes_on) co_return std::nullopt;
  connection->expires_never();
  Request request = parser.release();
  request.caller = connection->caller;
  co_return request;
}

/// Whether something of a next request comes.
asio::awaitable<bool> FrontDesk::Impl::begins(ConnectionPtr connection) {
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
asio::awaitable<bool> FrontDesk::Impl::read_on(ConnectionPtr connection, RequestParser& parser,
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
std::optional<Response> FrontDesk::Impl::judge(Connection& connection, RequestParser& parser) {
  const Request& head = parser.head();
  if (auto refusal = objection(head, names_)) return refusal;
  if (!callbacks_.admit) return std::nullopt;
  Admission admission = callbacks_.admit(head);
  if (admission.refusal) return std::move(admission.refusal);
  if (admission.body_limit < options_.body_limit) parser.limit_body(admission.body_limit);
  connection.holds_for = admission.holds_for;
  // Who may send little only is bounded by that, and must not take the room of others.
  connection.is_body_shared = admission.body_limit >= options_.body_limit;
  const Caller before = std::exchange(connection.caller, admission.caller);
  if (callers_.move(before, admission.caller)) return std::nullopt;
  connection.caller = Caller::nobody;
  ++turned_away_count_;
  return problem(503, "too_many_connections", "this caller has too many connections already");
}

/// Has a worker answer, and waits for it without holding anything but the connection. None if there
/// is too much to do.
asio::awaitable<std::optional<std::string>> FrontDesk::Impl::ask(ConnectionPtr connection,
                                                                 Request request) {
  connection->answer.reset();
  const uint64_t asked = ++connection->asked;
  Reply reply = [this, mailbox = loop_.mailbox(), id = connection->id, asked](std::string bytes) {
    // `this` is there as long as the mailbox runs what is put into it.
    mailbox->post([this, id, asked, bytes = std::move(bytes)]() mutable {
      answered(id, asked, std::move(bytes));
    });
  };
  const bool is_posted =
      workers_.post([this, request = std::move(request), reply = std::move(reply)]() mutable {
        callbacks_.serve(std::move(request), std::move(reply));
      });
  if (!is_posted) co_return std::nullopt;
  while (!connection->answer) {
    connection->answered.expires_at(asio::steady_timer::time_point::max());
    co_await connection->answered.async_wait(kAwait);
  }
  co_return std::move(*connection->answer);
}

void FrontDesk::Impl::answered(uint64_t connection, uint64_t asked, std::string bytes) {
  const auto found = connections_.find(connection);
  if (found == connections_.end() || found->second->asked != asked || found->second->answer) return;
  found->second->answer = std::move(bytes);
  found->second->answered.cancel();
}

FrontDesk::Impl::Job FrontDesk::Impl::stream(ConnectionPtr connection, Request request,
                                             Streaming kind) {
  auto head = kind == Streaming::websocket ? websocket::accept(request) : Session::events_head();
  if (!head) {
    co_await say_last(*connection, head.error());
    co_return;
  }
  const auto session =
      std::make_shared<Session>(connection,
                                Session::Options{.kind = kind,
                                                 .queue = options_.stream_queue,
                                                 .message_limit = options_.message_limit,
                                                 .write_limit = options_.write_limit},
                                *head);
  if (auto refusal = callbacks_.open_stream(request, session)) {
    session->let_go();
    co_await say_last(*connection, *refusal);
    co_return;
  }
  request = {};
  connection->body.give_back();
  connection->is_served = true;
  sessions_[connection->id] = session;
  stream_count_ = sessions_.size();
  answers_.count(*head);
  session->start();
  if (is_stopping_) session->finish();
  asio::steady_timer end_of_right(io_);
  if (connection->holds_for) {
    end_of_right.expires_after(*connection->holds_for);
    end_of_right.async_wait([session](error_code ec) {
      if (!ec) session->finish();
    });
  }
  session->receive(std::exchange(connection->received, {}));
  for (std::string some; !session->is_over(); give_back(some)) {
    if (!co_await connection->receive_some_day(some, kReadSize)) break;
    session->receive(some);
  }
  sessions_.erase(connection->id);
  stream_count_ = sessions_.size();
  const bool is_sending = session->is_sending();
  session->ended();
  if (!is_sending) co_await part(*connection);
  connection->close();
}

FrontDesk::FrontDesk(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

FrontDesk::~FrontDesk() {
  stop();
}

Result<std::unique_ptr<FrontDesk>> FrontDesk::open(const FrontDeskOptions& options) {
  auto impl = std::make_unique<Impl>(options);
  if (auto listening = impl->listen(); !listening) return tl::unexpected(listening.error());
  return std::unique_ptr<FrontDesk>(new FrontDesk(std::move(impl)));
}

void FrontDesk::start(Callbacks callbacks) {
  impl_->start(std::move(callbacks));
}

void FrontDesk::stop() {
  impl_->stop();
}

void FrontDesk::end_streams(Caller caller) {
  impl_->end_streams(caller);
}

uint16_t FrontDesk::port() const {
  return impl_->port();
}

Loop& FrontDesk::loop() {
  return impl_->loop();
}

bool FrontDesk::post_to_worker(std::function<void()> job) {
  return impl_->workers().post(std::move(job));
}

FrontDeskStats FrontDesk::stats() const {
  return impl_->stats();
}

}  // namespace specd::net
