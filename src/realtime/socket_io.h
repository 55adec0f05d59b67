#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/rng.h"
#include "net/loop.h"
#include "net/message.h"
#include "net/stream.h"
#include "realtime/engine_session.h"

namespace specd::realtime {

struct SocketIoOptions {
  std::chrono::milliseconds heartbeat{15'000};  ///< the broadcaster's, by which clients are pinged
  size_t max_sessions = 512;                    ///< those included that have not connected yet
  size_t queue = 256 << 10;                     ///< bytes that may wait for one client's poll
  size_t max_payload = 64 << 10;                ///< bytes of one POST
};

/// Clients of Socket.IO, by the ids of their sessions, whatever connection they come over. Loop
/// thread only; outlives the loop's last task.
class SocketIo {
 public:
  SocketIo(net::Loop& loop, EngineSession::Open open, Random& random, SocketIoOptions options);
  ~SocketIo();

  /// A GET or POST of a client without a WebSocket; `answer` may be called later.
  void serve(const net::Request& request, EngineSession::Answer answer);
  /// A WebSocket: a new session, or one that goes on. An answer instead where it cannot be.
  [[nodiscard]] std::optional<net::Response> open(const net::Request& request,
                                                  std::shared_ptr<net::Stream> socket);
  /// Ends the sessions of a caller who may no longer come in.
  void end(net::Caller caller);
  /// Ends all of them, and lets nobody in any more: before the loop stops, since timers of sessions
  /// must not outlive it, and nobody waits for a poll then.
  void stop();
  [[nodiscard]] size_t sessions() const { return sessions_.size(); }

 private:
  using SessionPtr = std::shared_ptr<EngineSession>;

  [[nodiscard]] std::optional<net::Response> refusal_of(const net::Request& request) const;
  [[nodiscard]] SessionPtr find(const net::Request& request) const;
  [[nodiscard]] SessionPtr begin(const net::Request& request);
  [[nodiscard]] std::string opening(const EngineSession& session, bool may_upgrade) const;
  void sweep();

  net::Loop& loop_;
  const EngineSession::Open open_;
  Random& random_;
  const SocketIoOptions options_;
  std::map<std::string, SessionPtr> sessions_;
  std::unique_ptr<net::Loop::Timer> sweeper_;
  bool is_stopping_ = false;
};

}  // namespace specd::realtime
