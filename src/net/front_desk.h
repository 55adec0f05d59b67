#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/loop.h"
#include "net/message.h"
#include "net/stream.h"
#include "net/tls.h"

namespace specd::net {

struct FrontDeskOptions {
  std::string host = "127.0.0.1";            ///< an address, or "localhost"
  uint16_t port = 0;                         ///< 0: any free one
  std::shared_ptr<const TlsIdentity> tls{};  ///< null: plain HTTP
  /// On the loop, for each client that comes: what `tls` has become. Without it, that stays.
  std::function<std::shared_ptr<const TlsIdentity>()> renewed_tls{};
  std::vector<std::string> hosts{};  ///< names by which clients may ask, see OwnNames
  bool is_behind_proxy = false;
  size_t header_limit = 16 << 10;
  /// Bytes of one; of all at once, as many such as there are workers.
  uint64_t body_limit = 16 << 20;
  std::chrono::milliseconds read_limit{20'000};   ///< for one whole request
  std::chrono::milliseconds idle_limit{60'000};   ///< between two requests
  std::chrono::milliseconds write_limit{60'000};  ///< for one answer, or what a stream has queued
  std::chrono::milliseconds stop_limit{800};      ///< for what is still under way at `stop`
  /// Beyond these, a new one takes the place of one of nobody's.
  size_t max_connections = 2'048;
  size_t max_caller_connections = 512;  ///< of one caller; nobody's are not counted
  size_t workers = 4;
  size_t stream_queue = 256 << 10;  ///< bytes that may wait for a slow stream
  size_t message_limit = 64 << 10;  ///< bytes of what a WebSocket's client says at once
};

struct FrontDeskStats {
  size_t connections = 0;    ///< open now
  size_t streams = 0;        ///< of these, streams
  uint64_t requests = 0;     ///< since the start
  uint64_t turned_away = 0;  ///< connections, for want of room; those that were put out, too
  /// Since the start, by the first digit of their status, from 1xx; what was refused before a
  /// handler could see it and streams that were opened are among them.
  std::array<uint64_t, 5> answers{};
  size_t waiting_jobs = 0;  ///< requests, and what was posted to workers, that no worker has yet
};

/// What is to become of a request, as far as its header tells.
struct Admission {
  Caller caller = Caller::nobody;
  std::optional<Response> refusal;   ///< there: it is not served, and this says why
  uint64_t body_limit = UINT64_MAX;  ///< bytes; counts where it is below that of all
  /// From now, if the caller may come in for a time only; what streams to him ends then, too.
  std::optional<std::chrono::milliseconds> holds_for{};
};

/// The only listening socket. One thread holds every connection and waits for none: it reads whole
/// requests, checks who sends them, hands them to a few workers, and writes the answers. So a slow
/// client costs a buffer, and an event stream costs no thread either.
///
/// Requests of one connection are answered in order, one at a time. What is wrong before a handler
/// could see it (limits, Host, Origin, encodings) is answered here, and the connection closed.
class FrontDesk {
 public:
  /// Takes the answer to one request as bytes; any thread, once.
  using Reply = std::function<void(std::string)>;

  struct Callbacks {
    /// On the loop, before the body is read and the query is parsed: who may come in. Asked again
    /// when the body is there, since that can take a while. Without it, everybody may.
    std::function<Admission(const Request&)> admit;
    /// On a worker: answers now or later, but answers.
    std::function<void(Request, Reply)> serve;
    /// On the loop: whether this request asks for a stream, and for which.
    std::function<Streaming(const Request&)> streaming;
    /// On the loop: opens a session on the stream, or says why not. The query is not parsed yet.
    std::function<std::optional<Response>(const Request&, std::shared_ptr<Stream>)> open_stream;
  };

  /// Binds and listens, but serves nobody yet. `refused` for an address that is not of loopback,
  /// unless it speaks TLS or a proxy stands before it.
  [[nodiscard]] static Result<std::unique_ptr<FrontDesk>> open(const FrontDeskOptions& options);
  /// Stops, and waits for handlers that are still at work.
  ~FrontDesk();

  void start(Callbacks callbacks);
  /// Any thread but the loop's. Tells streams, lets answers that are under way go out, and closes
  /// everything within `stop_limit`. Afterwards nothing runs on the loop. Later answers are
  /// dropped.
  void stop();

  /// Any thread. Ends the streams of a caller who may no longer come in; each of their requests
  /// is admitted anew anyway.
  void end_streams(Caller caller);

  [[nodiscard]] uint16_t port() const;
  /// Lives as long as this does.
  [[nodiscard]] Loop& loop();
  /// Any thread. Runs `job` on a worker; false when there is too much to do, or it is over.
  [[nodiscard]] bool post_to_worker(std::function<void()> job);
  [[nodiscard]] FrontDeskStats stats() const;

 private:
  class Impl;
  explicit FrontDesk(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace specd::net
