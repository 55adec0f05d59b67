#include "realtime/socket_io.h"

#include <utility>
#include <vector>

#include "base/json.h"

namespace specd::realtime {
namespace {

constexpr size_t kIdBytes = 16;
/// Until a client has connected to the namespace, and after it was last heard of.
constexpr int kSilentHeartbeats = 3;

/// What Engine.IO's clients understand.
net::Response refuse(int code, const std::string& message) {
  return {.status = 400,
          .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          .body = R"({"code":)" + std::to_string(code) + R"(,"message":")" + message + "\"}"};
}

}  // namespace

SocketIo::SocketIo(net::Loop& loop, EngineSession::Open open, Random& random,
                   SocketIoOptions options)
    : loop_(loop), open_(std::move(open)), random_(random), options_(options) {}

SocketIo::~SocketIo() = default;

std::optional<net::Response> SocketIo::refusal_of(const net::Request& request) const {
  if (is_stopping_) return net::problem(503, "busy", "the daemon is stopping; try again later");
  if (request.query.get("EIO") != "4") return refuse(5, "Unsupported protocol version");
  if (request.query.count("sid") != 0) {
    return find(request) == nullptr ? std::optional(refuse(1, "Session ID unknown")) : std::nullopt;
  }
  if (request.method != "GET") return refuse(2, "Bad handshake method");
  if (sessions_.size() >= options_.max_sessions) {
    return net::problem(503, "too_many_subscribers", "too many event streams are open already");
  }
  return std::nullopt;
}

/// Whoever else knows the id of a session gets nothing of it.
SocketIo::SessionPtr SocketIo::find(const net::Request& request) const {
  const auto found = sessions_.find(std::string(request.query.get("sid")));
  if (found == sessions_.end() || found->second->is_closed()) return nullptr;
  return found->second->caller() == request.caller ? found->second : nullptr;
}

SocketIo::SessionPtr SocketIo::begin(const net::Request& request) {
  net::Request handshake{.query = request.query, .caller = request.caller};
  handshake.headers.add("user-agent", std::string(request.headers.get("user-agent")));
  const std::string id = random_hex(random_, kIdBytes);
  auto session = std::make_shared<EngineSession>(
      loop_, std::move(handshake), id, EngineSession::Options{options_.queue}, open_,
      [this, id] { loop_.post([this, id] { sessions_.erase(id); }); });
  sessions_[id] = session;
  if (sweeper_ == nullptr) sweep();
  return session;
}

std::string SocketIo::opening(const EngineSession& session, bool may_upgrade) const {
  const auto ms = [](std::chrono::milliseconds time) { return std::to_string(time.count()); };
  return R"(0{"sid":")" + session.id() + R"(","upgrades":[)" +
         (may_upgrade ? R"("websocket")" : "") + R"(],"pingInterval":)" + ms(options_.heartbeat) +
         R"(,"pingTimeout":)" + ms(2 * options_.heartbeat) + R"(,"maxPayload":)" +
         std::to_string(options_.max_payload) + "}" + kPacketEnd;
}

void SocketIo::serve(const net::Request& request, EngineSession::Answer answer) {
  if (request.query.get("transport") != "polling") return answer(refuse(0, "Transport unknown"));
  if (auto refusal = refusal_of(request)) return answer(std::move(*refusal));
  if (request.query.count("sid") == 0) {
    const SessionPtr session = begin(request);
    (void)session->write(opening(*session, true));
    return session->poll(std::move(answer));
  }
  const SessionPtr session = find(request);
  if (request.method == "GET") return session->poll(std::move(answer));
  const bool is_understood =
      request.body.size() <= options_.max_payload && session->receive(request.body);
  if (!is_understood) session->end();
  answer(is_understood ? net::Response{.headers = {{"Content-Type", "text/plain"},
                                                   {"Cache-Control", "no-store"}},
                                       .body = "ok"}
                       : refuse(3, "Bad request"));
}

std::optional<net::Response> SocketIo::open(const net::Request& request,
                                            std::shared_ptr<net::Stream> socket) {
  if (request.query.get("transport") != "websocket") return refuse(0, "Transport unknown");
  if (auto refusal = refusal_of(request)) return refusal;
  if (request.query.count("sid") != 0) {
    const SessionPtr session = find(request);
    if (session->has_socket()) return refuse(3, "Bad request");
    session->attach(std::move(socket), EngineSession::Attach::takes_over);
    return std::nullopt;
  }
  const SessionPtr session = begin(request);
  session->attach(std::move(socket), EngineSession::Attach::first);
  (void)session->write(opening(*session, false));
  return std::nullopt;
}

void SocketIo::end(net::Caller caller) {
  for (const auto& [id, session] : std::map(sessions_)) {
    if (session->caller() == caller) session->end();
  }
}

void SocketIo::stop() {
  is_stopping_ = true;
  for (const auto& [id, session] : std::map(sessions_)) session->end();
  sweeper_.reset();
}

/// The broadcaster gives up whoever is silent, once it knows them.
void SocketIo::sweep() {
  for (const auto& [id, session] : std::map(sessions_)) {
    const auto silence = loop_.now() - session->last_heard();
    if (!session->is_connected() && silence > kSilentHeartbeats * options_.heartbeat) {
      session->end();
    }
  }
  sweeper_.reset();
  if (!sessions_.empty()) sweeper_ = loop_.after(options_.heartbeat, [this] { sweep(); });
}

}  // namespace specd::realtime
