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
#include "base/thread.h"
#include "net/connection.h"
#include "net/desk_counts.h"
#include "net/desk_streams.h"
#include "net/intake.h"
#include "net/io_loop.h"
#include "net/origin.h"
#include "net/parting.h"
#include "net/workers.h"

// Each connection is one coroutine, `serve`: take a request in, have it answered, write, again; or
// it becomes a stream. All of
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

constexpr size_t kMaxTurningAway = 64;
constexpr std::chrono::milliseconds kGreetingLimit{2'000};  // of who is turned away
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

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
  asio::awaitable<std::optional<std::string>> ask(ConnectionPtr connection, Request request);
  void answered(uint64_t connection, uint64_t asked, std::string bytes);
  void begin_to_stop();
  void leave(uint64_t id);

  // constant once started
  const FrontDeskOptions options_;
  Callbacks callbacks_;
  OwnNames names_;

  AnswerCounts answers_;

  // loop thread only; before io_, whose end unwinds the coroutines that refer to them
  HeldBytes bodies_{options_.workers * options_.body_limit};
  std::map<uint64_t, ConnectionPtr> connections_;
  Parting parting_{answers_};
  Intake intake_{options_, parting_};
  DeskStreams streams_{options_, loop_, parting_, answers_};
  uint64_t last_id_ = 0;
  size_t turning_away_ = 0;
  bool is_stopping_ = false;

  asio::io_context io_{1};
  IoLoop loop_{io_};
  tcp::acceptor acceptor_{io_};
  asio::steady_timer stop_timer_{io_};

  std::atomic<size_t> connection_count_ = 0;
  std::atomic<uint64_t> request_count_ = 0;
  std::atomic<uint64_t> turned_away_count_ = 0;

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
  intake_.begin(names_, callbacks_.admit);
  streams_.opened_by(callbacks_.open_stream);
  asio::co_spawn(io_, accept(), asio::detached);
  thread_ = Thread("front-desk", [this] { run(); });
}

void FrontDesk::Impl::run() {
  const auto guard = asio::make_work_guard(io_);
  io_.run();
  // What did not end in time. Nothing runs here afterwards, so the streams hear of it now.
  for (const auto& [id, connection] : connections_) connection->close();
  streams_.abandon();
  connections_.clear();
  connection_count_ = 0;
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
  parting_.hurry();
  streams_.begin_to_stop();
  for (const auto& [id, connection] : connections_) {
    if (connection->is_idle) connection->cancel();
  }
  if (connections_.empty()) return io_.stop();
  stop_timer_.expires_after(options_.stop_limit);
  stop_timer_.async_wait([this](error_code) { io_.stop(); });
}

void FrontDesk::Impl::end_streams(Caller caller) {
  loop_.post([this, caller] { streams_.end(caller); });
}

void FrontDesk::Impl::leave(uint64_t id) {
  if (const auto found = connections_.find(id); found != connections_.end()) {
    intake_.forget(*found->second);
    connections_.erase(found);
  }
  connection_count_ = connections_.size();
  if (is_stopping_ && connections_.empty()) io_.stop();
}

FrontDeskStats FrontDesk::Impl::stats() const {
  return {.connections = connection_count_,
          .streams = streams_.count(),
          .requests = request_count_,
          .turned_away = turned_away_count_ + intake_.turned_away(),
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
  wire->expires_after(kGreetingLimit);
  if (co_await wire->greet() != Wire::Greeting::failed) {
    co_await parting_.refuse(
        *wire, problem(503, "too_many_connections", "too many connections are open already"));
  }
  --turning_away_;
}

FrontDesk::Impl::Job FrontDesk::Impl::serve(ConnectionPtr connection) {
  connection->expires_after(options_.read_limit);
  const auto greeting = co_await connection->greet();
  if (greeting == Wire::Greeting::plain) {
    co_await parting_.refuse(*connection,
                             problem(400, "tls_only", "this port speaks TLS: ask https://"));
  }
  bool goes_on = greeting == Wire::Greeting::done;
  while (goes_on && !is_stopping_) {
    auto request = co_await intake_.next(connection);
    if (!request) co_return;
    ++request_count_;
    if (const auto kind = callbacks_.streaming(*request); kind != Streaming::no) {
      co_await streams_.serve(connection, std::move(*request), kind);
      co_return;
    }
    goes_on = request->keep_alive;
    connection->is_served = true;
    const auto bytes = co_await ask(connection, std::move(*request));
    connection->is_served = false;
    connection->body.give_back();
    if (!bytes) {
      co_await parting_.refuse(*connection,
                               problem(503, "busy", "too much to do; try again later"));
      co_return;
    }
    answers_.count(*bytes);
    connection->expires_after(options_.write_limit);
    if (!co_await connection->send(*bytes)) co_return;
  }
  if (greeting == Wire::Greeting::done) co_await parting_.from(*connection);
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
