#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "net/loop.h"
#include "net/message.h"
#include "net/stream.h"
#include "proto/event.h"
#include "realtime/feed.h"
#include "realtime/subscription.h"

namespace specd::realtime {

struct BroadcasterOptions {
  size_t max_sessions = 256;
  std::chrono::milliseconds heartbeat{15'000};
  int64_t page = 256;  ///< events read at once
};

/// Sends committed events to everyone who listens. Each session has its own cursor into the outbox:
/// whoever keeps up shares one read and one encoding, whoever does not is left alone until its
/// queue is empty, and then reads on from where it was. So nothing is lost, nothing comes twice,
/// nobody is waited for, and no queue grows.
///
/// Loop thread only, but for `notify` and `sessions`. Outlives the loop's last task. With no
/// session it does nothing: no read, no timer.
class Broadcaster {
 public:
  Broadcaster(net::Loop& loop, Feed feed, BroadcasterOptions options);
  ~Broadcaster();
  Broadcaster(const Broadcaster&) = delete;
  Broadcaster& operator=(const Broadcaster&) = delete;

  /// Any thread: something was committed. Costs one post to the loop, however often it is called
  /// before that runs, and nothing while nobody listens.
  void notify();
  /// Any thread.
  [[nodiscard]] size_t sessions() const { return session_count_.load(); }

  /// Begins a session for a request: filters from its query, and where to go on from its
  /// Last-Event-ID, or `since=` in the query, which the header outranks. Without either it begins
  /// now. An answer instead where it cannot be.
  [[nodiscard]] std::optional<net::Response> open(const net::Request& request,
                                                  std::shared_ptr<net::Stream> stream);

 private:
  struct Session;
  using SessionPtr = std::shared_ptr<Session>;
  /// One page of the outbox, each event worded once for everybody.
  struct Encoded {
    bool resync = false;
    bool is_last = true;  ///< nothing was left behind it
    std::vector<std::pair<proto::Event, std::string>> events;
    proto::EventId latest;
  };

  void pump();
  [[nodiscard]] Result<Encoded> read(proto::EventId after) const;
  void deliver(Session& session, const Encoded& page) const;
  void catch_up(const SessionPtr& session);
  void remove(const Session* session);
  void arm_heartbeat();

  net::Loop& loop_;
  const Feed feed_;
  const BroadcasterOptions options_;

  std::atomic<size_t> session_count_ = 0;
  std::atomic<bool> is_notified_ = false;

  // loop thread only
  std::vector<SessionPtr> sessions_;
  proto::EventId head_;  ///< sessions that keep up have had everything up to here
  std::unique_ptr<net::Loop::Timer> heartbeat_;
};

}  // namespace specd::realtime
