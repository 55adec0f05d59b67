#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/event.h"

/// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html):
///
///     id: 1800000000000000-42
///     event: spec.updated
///     data: {"type":"spec.updated","seq":42,"project":"alpha", …}
///
/// A browser remembers the last id, and says it as Last-Event-ID when it comes back.
namespace specd::realtime::sse {

/// What a stream begins with: how long to wait before coming back, and with which id, unless the
/// client has one.
[[nodiscard]] std::string greeting(const std::optional<proto::EventCursor>& cursor);
/// `json` is one line.
[[nodiscard]] std::string frame(const proto::EventCursor& cursor, std::string_view type,
                                std::string_view json);
/// Sets the id that the client will come back with, and nothing that it sees: at the beginning, and
/// as a heartbeat, which a dead connection cannot carry.
[[nodiscard]] std::string heartbeat(const proto::EventCursor& cursor);

}  // namespace specd::realtime::sse
