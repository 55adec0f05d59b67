#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "net/loop.h"
#include "net/stream.h"
#include "proto/event.h"
#include "realtime/allowance.h"
#include "realtime/broadcaster.h"
#include "realtime/bulletin.h"
#include "realtime/dialect.h"
#include "realtime/subscription.h"

// For the files of the broadcaster.
namespace specd::realtime {

/// One client, and how far it has come.
struct Broadcaster::Session {
  Session(std::shared_ptr<net::Stream> s, const Dialect& d, Allowance heard, Allowance said)
      : stream(std::move(s)), dialect(d), to_hear(heard), to_say(said) {}

  uint64_t id = 0;
  std::string agent;
  WallTime since, last_sent;
  std::shared_ptr<net::Stream> stream;
  const Dialect& dialect;

  Interests interests;
  std::optional<proto::EventCursor>
      resume;  ///< where its first subscription goes on, if it says so
  std::chrono::milliseconds throttle{0};
  proto::EventCursor cursor;  ///< has had what was written until now, or did not want it
  Allowance to_hear, to_say;
  SteadyTime rests_until{};

  /// Behind, it reads the outbox for itself: when its queue is empty, or when its turn comes.
  enum class Pace { keeps_up, waits_for_client, waits_for_turn };
  Pace pace = Pace::keeps_up;
  Bulletin::Form form = Bulletin::Form::each;
  std::unique_ptr<net::Loop::Timer> turn;

  [[nodiscard]] Bulletin::Form usual_form() const {
    return throttle > std::chrono::milliseconds(0) ? Bulletin::Form::together
                                                   : Bulletin::Form::each;
  }
  [[nodiscard]] bool is_behind() const { return pace != Pace::keeps_up; }
  /// Where the client is to go on from, once it has asked for anything.
  [[nodiscard]] std::optional<proto::EventCursor> told_cursor() const {
    return interests.empty() ? std::nullopt : std::optional(cursor);
  }
  /// How long it must be left alone.
  [[nodiscard]] std::chrono::milliseconds rest(SteadyTime now) {
    using std::chrono::milliseconds;
    return std::max(
        {milliseconds(0), std::chrono::ceil<milliseconds>(rests_until - now), to_hear.wait(now)});
  }
};

}  // namespace specd::realtime
