#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "proto/event.h"
#include "realtime/subscription.h"

namespace specd::realtime {

/// What a client says over a connection that has two directions:
///
///     {"event":"subscribe","ref":1,"data":{"id":"board","projects":["shop"],"types":["spec.*"]}}
///
/// `ref` is whatever the client knows the answer by.
struct Message {
  std::string event;
  Value ref;
  Value data;
};
[[nodiscard]] Result<Message> parse_message(std::string_view text);

/// What that asks for. All of it may be missing.
struct Command {
  enum class Kind { subscribe, unsubscribe, subscriptions };
  Kind kind{};
  std::optional<std::string> id;  ///< of the subscription
  Subscription subscription;
  std::optional<std::chrono::milliseconds> throttle;
  std::optional<proto::EventCursor> since;
};

/// `data` of a subscription: `id`, `projects`, `specs`, `types` (lists, or one text), `children`
/// (or `includeChildren`), `throttle_ms`, `since`. `invalid`, with words for people, for what there
/// is not and what cannot be read. A `since` that we never gave out lies in no epoch of ours.
[[nodiscard]] Result<Command> parse_command(std::string_view event, const Value& data);

/// A list of what a connection is subscribed to, as its client and others are told it:
/// [{"id":"board","projects":["shop"],"specs":[],"types":["spec.*"],"children":false}]
[[nodiscard]] std::string subscriptions_json(const Interests& interests);

}  // namespace specd::realtime
