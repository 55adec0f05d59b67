#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "net/loop.h"
#include "net/message.h"
#include "net/stream.h"
#include "proto/event.h"
#include "realtime/bulletin.h"
#include "realtime/command.h"
#include "realtime/dialect.h"
#include "realtime/feed.h"
#include "realtime/listeners.h"

namespace specd::realtime {

struct BroadcasterOptions {
  size_t max_sessions = 256;
  /// A WebSocket whose client lets three of them pass without a sign is given up.
  std::chrono::milliseconds heartbeat{15'000};
  int64_t page = 256;  ///< events read at once
  /// More events at once are told as one batch.
  size_t max_single = 20;
  /// To one client, and so many at once before that; whoever gets more has them told as one.
  int messages_per_second = 100;
  int message_burst = 200;
  /// From one client, likewise; whoever says more is given up.
  int commands_per_second = 20;
  int command_burst = 100;
  const Clock* clock = &system_clock();
};

/// Sends committed events to everyone who listens. Each session has its own cursor into the outbox:
/// whoever keeps up shares one read and one encoding. Whoever does not, takes too much at a time,
/// or asked for a rest between two deliveries is left alone for that long, and then reads on from
/// where it was, each spec told once. So nothing is lost, nothing comes twice, nobody is waited
/// for, and no queue grows.
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
  /// now. Where clients speak, one whose query asks for nothing hears nothing until it has said
  /// what it wants. An answer instead where it cannot be.
  [[nodiscard]] std::optional<net::Response> open(const net::Request& request,
                                                  std::shared_ptr<net::Stream> stream,
                                                  const Dialect& dialect);

  [[nodiscard]] ListenerStats stats() const;

 private:
  struct Session;
  using SessionPtr = std::shared_ptr<Session>;

  std::optional<net::Response> refuse(net::Response answer);
  Result<> check_projects(const std::vector<std::string>& slugs) const;
  void begin(const SessionPtr& session, std::optional<proto::EventCursor> since);
  void hear(const SessionPtr& session, const std::string& text);
  Result<> obey(Session& session, const Command& command);
  [[nodiscard]] static std::string subscriptions_of(const Session& session);
  void give_up(const SessionPtr& session, Parting why);
  void remove(const Session* session);
  void arm_heartbeat();
  void beat(const SessionPtr& session);

  void pump();
  using BulletinPtr = std::shared_ptr<Bulletin>;
  [[nodiscard]] Result<BulletinPtr> read(const proto::EventCursor& after);
  void deliver(const SessionPtr& session, Bulletin& page);
  void deliver_urgent(Session& session, Bulletin& page);
  [[nodiscard]] bool send(Session& session, Bulletin& page);
  [[nodiscard]] bool write(Session& session, std::string bytes) const;
  void fall_behind(const SessionPtr& session);
  void catch_up(const SessionPtr& session);

  net::Loop& loop_;
  const Feed feed_;
  const BroadcasterOptions options_;

  std::atomic<size_t> session_count_ = 0;
  std::atomic<bool> is_notified_ = false;

  // loop thread only
  std::vector<SessionPtr> sessions_;
  /// Full pages that were read lately: who falls behind together reads the same. Until the next
  /// heartbeat.
  std::vector<BulletinPtr> pages_;
  proto::EventId head_;  ///< sessions that keep up have had everything up to here
  std::unique_ptr<net::Loop::Timer> heartbeat_;
  ListenerStats totals_;  ///< without who listens now
};

}  // namespace specd::realtime
