#include "net/front_desk.h"

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <map>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"
#include "base/thread.h"
#include "net/origin.h"
#include "net/workers.h"

// The only file that includes Asio and Beast: it costs 20 seconds to compile.
//
// Each connection is one coroutine, `serve`: read a request, have it answered, write, again. All of
// them run on one thread, so nothing here is locked but the mailbox, through which other threads
// put tasks onto the loop. Answers come back by number, never by pointer: a connection may be gone
// by then.
namespace specd::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using RequestParser = http::request_parser<http::string_body>;

/// Awaited, gives a tuple with the error code first; throws nothing.
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

constexpr size_t kReadSize = 4096;
constexpr size_t kMaxTurningAway = 64;
constexpr auto kLinger = std::chrono::seconds(2);
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr std::string_view kStreamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
    "X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\nConnection: close\r\n\r\n";
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// The way onto the loop for other threads, valid for ever: shut, it drops what is put in.
class Mailbox {
 public:
  explicit Mailbox(asio::io_context& io) : io_(&io) {}
  void post(std::function<void()> task) SPECD_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (io_ != nullptr) asio::post(*io_, std::move(task));
  }
  void shut() SPECD_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    io_ = nullptr;
  }

 private:
  Mutex mutex_;
  asio::io_context* io_ SPECD_GUARDED_BY(mutex_);
};

class LoopTimer final : public Loop::Timer {
 public:
  LoopTimer(asio::io_context& io, std::chrono::milliseconds delay, std::function<void()> task)
      : timer_(io, delay) {
    timer_.async_wait([task = std::move(task), alive = std::weak_ptr(alive_)](error_code ec) {
      if (!ec && !alive.expired()) task();
    });
  }

 private:
  asio::steady_timer timer_;
  const std::shared_ptr<char> alive_ = std::make_shared<char>();
};

class IoLoop final : public Loop {
 public:
  explicit IoLoop(asio::io_context& io) : io_(io), mailbox_(std::make_shared<Mailbox>(io)) {}
  void post(std::function<void()> task) override { mailbox_->post(std::move(task)); }
  std::unique_ptr<Timer> after(std::chrono::milliseconds delay,
                               std::function<void()> task) override {
    return std::make_unique<LoopTimer>(io_, delay, std::move(task));
  }
  [[nodiscard]] const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

 private:
  asio::io_context& io_;
  const std::shared_ptr<Mailbox> mailbox_;
};

struct Connection {
  Connection(uint64_t number, tcp::socket socket)
      : id(number), stream(std::move(socket)), answered(stream.get_executor()) {}

  const uint64_t id;
  Caller caller = Caller::nobody;  // of the latest request
  beast::tcp_stream stream;
  beast::flat_buffer buffer;  // what came after the present request, too
  bool is_idle = false;       // between two requests

  asio::steady_timer answered;  // never expires; cancelled when `answer` is there
  uint64_t asked = 0;           // requests given to workers
  std::optional<std::string> answer;
};
using ConnectionPtr = std::shared_ptr<Connection>;

/// The writing half of a connection that has become a stream; `serve` reads on, to hear of its end.
class Session final : public Stream, public std::enable_shared_from_this<Session> {
 public:
  Session(ConnectionPtr connection, const FrontDeskOptions& options)
      : connection_(std::move(connection)), options_(options), pending_(kStreamHead) {}

  bool write(std::string bytes) override {
    if (is_closing_) return false;
    if (!pending_.empty() && pending_.size() + bytes.size() > options_.stream_queue) {
      was_refused_ = true;
      return false;
    }
    pending_ += bytes;
    if (is_started_ && sending_.empty()) flush();
    return true;
  }
  void close() override {
    drained_ = nullptr;
    closed_ = nullptr;
    finish();
  }
  void on(std::function<void()> drained, std::function<void()> closed) override {
    drained_ = std::move(drained);
    closed_ = std::move(closed);
  }

  /// The session was accepted: the head goes out, and what was written until now.
  void start() {
    is_started_ = true;
    flush();
  }
  /// Sends what is queued, then ends the connection, upon which `serve` calls `ended`.
  void finish() {
    is_closing_ = true;
    if (is_started_ && sending_.empty()) hang_up();
  }
  void ended() {
    const auto closed = std::exchange(closed_, nullptr);
    let_go();
    if (closed) closed();
  }
  /// Whoever still holds this may keep it for as long as they like: it is closed.
  void let_go() {
    is_closing_ = true;
    drained_ = nullptr;
    closed_ = nullptr;
    connection_.reset();
  }

 private:
  void flush() {
    sending_.swap(pending_);
    connection_->stream.expires_after(options_.write_limit);
    asio::async_write(connection_->stream, asio::buffer(sending_),
                      [self = shared_from_this(), alive = connection_](error_code ec, size_t) {
                        self->written(ec);
                      });
  }
  void written(error_code ec) {
    sending_.clear();
    if (ec || connection_ == nullptr) return hang_up();
    if (!pending_.empty()) return flush();
    if (is_closing_) return hang_up();
    if (std::exchange(was_refused_, false) && drained_) drained_();
  }
  void hang_up() {
    if (connection_ == nullptr) return;
    error_code ignored;
    connection_->stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
    connection_->stream.cancel();
  }

  ConnectionPtr connection_;  // null once it has ended
  const FrontDeskOptions& options_;
  std::string pending_;  // waits until `sending_` has gone
  std::string sending_;
  std::function<void()> drained_;
  std::function<void()> closed_;
  bool is_started_ = false;
  bool is_closing_ = false;
  bool was_refused_ = false;
};

/// Why a request is not even given to a handler, as far as its header tells.
std::optional<Response> objection(const RequestParser& parser, uint16_t port) {
  const auto& head = parser.get();
  const std::string_view host = head[http::field::host];
  if (head.count(http::field::host) != 1) {
    return problem(400, "bad_host", "a request needs exactly one Host");
  }
  if (!is_own_host(host, port)) {
    return problem(421, "host_not_served", "this server answers to names of loopback only");
  }
  if (head.count(http::field::origin) > 1 ||
      (head.count(http::field::origin) == 1 && !is_same_origin(head[http::field::origin], host))) {
    return problem(403, "foreign_origin", "pages of other origins are not served");
  }
  if (head.count("Sec-Fetch-Site") > 1 ||
      is_foreign_fetch(head["Sec-Fetch-Site"], head["Sec-Fetch-Mode"], head.method_string())) {
    return problem(403, "foreign_origin", "pages of other origins are not served");
  }
  if (!head.target().starts_with('/')) {
    return problem(400, "bad_target", "the address is not well-formed");
  }
  if (head.count(http::field::content_encoding) != 0) {
    return problem(415, "encoded_body", "bodies are taken without Content-Encoding only");
  }
  const std::string_view transfer = head[http::field::transfer_encoding];
  if (!transfer.empty() && !beast::iequals(transfer, "chunked")) {
    return problem(501, "transfer_encoding", "of transfer encodings, only chunked is understood");
  }
  if (head.method() == http::verb::unknown) {
    return problem(501, "unknown_method", "there is no such method");
  }
  return std::nullopt;
}

/// What to say to a client whose request could not be read; nothing if it would not hear it.
std::optional<Response> objection(error_code ec) {
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) {
    return problem(431, "header_too_large", "the header is too large");
  }
  if (ec == http::error::body_limit) {
    return problem(413, "body_too_large", "the body is too large");
  }
  if (ec == http::error::end_of_stream || ec == http::error::partial_message) return std::nullopt;
  if (ec.category() != make_error_code(http::error::bad_method).category()) return std::nullopt;
  return problem(400, "bad_request", "this is no HTTP request: " + ec.message());
}

/// All but the body.
Request head_of(const http::request<http::string_body>& message) {
  Request request{.method = message.method_string(),
                  .target = message.target(),
                  .query = {},
                  .params = {},
                  .headers = {},
                  .body = {},
                  .keep_alive = message.keep_alive()};
  for (const auto& field : message) {
    std::string name = field.name_string();
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    request.headers.add(std::move(name), std::string(field.value()));
  }
  return request;
}

}  // namespace

class FrontDesk::Impl {
 public:
  explicit Impl(const FrontDeskOptions& options)
      : options_(options), workers_(options.workers, options.max_connections + 64) {}

  Result<> listen();
  void start(Callbacks callbacks);
  void stop();
  void end_streams(Caller caller);

  [[nodiscard]] uint16_t port() const { return port_; }
  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] Workers& workers() { return workers_; }
  [[nodiscard]] FrontDeskStats stats() const;

 private:
  using Job = asio::awaitable<void>;

  void run();
  Job accept();
  void admit(tcp::socket socket);
  Job turn_away(tcp::socket socket);
  Job serve(ConnectionPtr connection);
  asio::awaitable<std::optional<Request>> read(ConnectionPtr connection);
  asio::awaitable<error_code> read_header(ConnectionPtr connection, RequestParser& parser);
  asio::awaitable<std::string> ask(ConnectionPtr connection, Request request);
  Job stream(ConnectionPtr connection, Request request);
  Job say_last(beast::tcp_stream& to, const Response& response);
  void answered(uint64_t connection, uint64_t asked, std::string bytes);
  void begin_to_stop();
  void leave(uint64_t connection);
  void count_answer(std::string_view bytes);

  // constant once started
  const FrontDeskOptions options_;
  Callbacks callbacks_;
  uint16_t port_ = 0;

  // loop thread only; before io_, whose end unwinds the coroutines that refer to them
  std::map<uint64_t, ConnectionPtr> connections_;
  std::map<uint64_t, std::shared_ptr<Session>> sessions_;
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
  std::array<std::atomic<uint64_t>, 5> answer_counts_{};

  Workers workers_;
  Thread thread_;
};

Result<> FrontDesk::Impl::listen() {
  auto address = loopback_address(options_.host);
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
  port_ = acceptor_.local_endpoint().port();
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
  for (const auto& [id, connection] : connections_) connection->stream.close();
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
    if (connection->is_idle) connection->stream.cancel();
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

void FrontDesk::Impl::leave(uint64_t connection) {
  connections_.erase(connection);
  connection_count_ = connections_.size();
  if (is_stopping_ && connections_.empty()) io_.stop();
}

FrontDeskStats FrontDesk::Impl::stats() const {
  FrontDeskStats stats{.connections = connection_count_,
                       .streams = stream_count_,
                       .requests = request_count_,
                       .turned_away = turned_away_count_,
                       .waiting_jobs = workers_.waiting()};
  for (size_t i = 0; i < stats.answers.size(); ++i) stats.answers[i] = answer_counts_[i];
  return stats;
}

/// By its first line, "HTTP/1.1 200 OK".
void FrontDesk::Impl::count_answer(std::string_view bytes) {
  constexpr size_t kStatus = std::string_view("HTTP/1.1 ").size();
  if (bytes.size() <= kStatus) return;
  const size_t kind = static_cast<size_t>(bytes[kStatus] - '1');
  if (kind < answer_counts_.size()) ++answer_counts_[kind];
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
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  if (connections_.size() >= options_.max_connections) {
    ++turned_away_count_;
    if (turning_away_ < kMaxTurningAway) {
      asio::co_spawn(io_, turn_away(std::move(socket)), asio::detached);
    }
    return;
  }
  auto connection = std::make_shared<Connection>(++last_id_, std::move(socket));
  connections_[connection->id] = connection;
  connection_count_ = connections_.size();
  asio::co_spawn(io_, serve(connection),
                 [this, id = connection->id](const std::exception_ptr& thrown) {
                   if (thrown) log::error("connection failed", {{"id", id}});
                   leave(id);
                 });
}

FrontDesk::Impl::Job FrontDesk::Impl::turn_away(tcp::socket socket) {
  ++turning_away_;
  beast::tcp_stream stream(std::move(socket));
  co_await say_last(stream,
                    problem(503, "too_many_connections", "too many connections are open already"));
  --turning_away_;
}

/// Answers, and reads on for a while before the connection is closed: closing with bytes unread
/// would reset it, and the client might lose the answer.
FrontDesk::Impl::Job FrontDesk::Impl::say_last(beast::tcp_stream& to, const Response& response) {
  const std::string bytes = last_words(response);
  count_answer(bytes);
  to.expires_after(kLinger);
  auto [ec, written] = co_await asio::async_write(to, asio::buffer(bytes), kAwait);
  if (ec) co_return;
  to.socket().shutdown(tcp::socket::shutdown_send, ec);
  std::string scrap(kReadSize, '\0');
  while (!ec && !is_stopping_) {
    std::tie(ec, written) = co_await to.async_read_some(asio::buffer(scrap), kAwait);
  }
}

FrontDesk::Impl::Job FrontDesk::Impl::serve(ConnectionPtr connection) {
  bool goes_on = true;
  while (goes_on && !is_stopping_) {
    auto request = co_await read(connection);
    if (!request) co_return;
    ++request_count_;
    if (callbacks_.is_stream(*request)) {
      co_await stream(connection, std::move(*request));
      co_return;
    }
    goes_on = request->keep_alive;
    const std::string bytes = co_await ask(connection, std::move(*request));
    count_answer(bytes);
    connection->stream.expires_after(options_.write_limit);
    auto [ec, written] =
        co_await asio::async_write(connection->stream, asio::buffer(bytes), kAwait);
    if (ec) co_return;
  }
  error_code ignored;
  connection->stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

/// The next whole request; none if there is no further one, or none that may be served, which the
/// client has then been told.
asio::awaitable<std::optional<Request>> FrontDesk::Impl::read(ConnectionPtr connection) {
  beast::tcp_stream& from = connection->stream;
  beast::flat_buffer& buffer = connection->buffer;
  if (buffer.size() == 0) {
    buffer.shrink_to_fit();
    connection->is_idle = true;
    from.expires_after(options_.idle_limit);
    auto [ec, size] = co_await from.async_read_some(buffer.prepare(kReadSize), kAwait);
    connection->is_idle = false;
    if (ec) co_return std::nullopt;
    buffer.commit(size);
  }

  from.expires_after(options_.read_limit);
  RequestParser parser;
  parser.body_limit(options_.body_limit);
  error_code ec = co_await read_header(connection, parser);
  size_t size = 0;
  auto refusal = ec ? objection(ec) : objection(parser, port_);
  Request request;
  if (!ec && !refusal) {
    request = head_of(parser.get());
    Admission admission = callbacks_.admit ? callbacks_.admit(request) : Admission{};
    connection->caller = request.caller = admission.caller;
    refusal = std::move(admission.refusal);
  }
  if (!ec && !refusal && !parser.is_done()) {
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      std::tie(ec, size) = co_await asio::async_write(from, asio::buffer(kContinue), kAwait);
    }
    if (!ec) std::tie(ec, size) = co_await http::async_read(from, buffer, parser, kAwait);
    if (ec) refusal = objection(ec);
  }
  if (refusal) co_await say_last(from, *refusal);
  if (ec || refusal) co_return std::nullopt;
  from.expires_never();
  request.body = std::move(parser.get().body());
  co_return request;
}

/// Beast's own limit looks at what it is given at once, not at what it was given before: a header
/// that comes in pieces is never too large for it. So the bytes are counted here.
asio::awaitable<error_code> FrontDesk::Impl::read_header(ConnectionPtr connection,
                                                         RequestParser& parser) {
  beast::flat_buffer& buffer = connection->buffer;
  parser.header_limit(options_.header_limit);
  size_t parsed = 0;
  for (;;) {
    error_code ec;
    const size_t size = parser.put(buffer.data(), ec);
    buffer.consume(size);
    parsed += size;
    if (parsed > options_.header_limit) co_return http::error::header_limit;
    if (parser.is_header_done() || (ec && ec != http::error::need_more)) co_return ec;
    if (parsed + buffer.size() > options_.header_limit) co_return http::error::header_limit;
    auto [failure, received] =
        co_await connection->stream.async_read_some(buffer.prepare(kReadSize), kAwait);
    if (failure) co_return failure;
    buffer.commit(received);
  }
}

/// Has a worker answer, and waits for it without holding anything but the connection.
asio::awaitable<std::string> FrontDesk::Impl::ask(ConnectionPtr connection, Request request) {
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
  if (!is_posted) co_return last_words(problem(503, "busy", "too much to do; try again later"));
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

FrontDesk::Impl::Job FrontDesk::Impl::stream(ConnectionPtr connection, Request request) {
  const auto session = std::make_shared<Session>(connection, options_);
  if (auto refusal = callbacks_.open_stream(request, session)) {
    session->let_go();
    co_await say_last(connection->stream, *refusal);
    co_return;
  }
  sessions_[connection->id] = session;
  stream_count_ = sessions_.size();
  count_answer(kStreamHead);
  session->start();
  // While nothing is read, a limit on writing becomes one on reading too; and nothing will be read.
  connection->stream.expires_never();
  // Clients have nothing more to say: only the end of what they send matters.
  std::string scrap(kReadSize, '\0');
  for (error_code ec; !ec;) {
    size_t size = 0;
    std::tie(ec, size) = co_await connection->stream.async_read_some(asio::buffer(scrap), kAwait);
  }
  sessions_.erase(connection->id);
  stream_count_ = sessions_.size();
  connection->stream.close();
  session->ended();
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
