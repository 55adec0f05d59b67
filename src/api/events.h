#pragma once

#include <memory>
#include <optional>

#include "api/readers.h"
#include "net/message.h"
#include "net/stream.h"
#include "realtime/broadcaster.h"
#include "realtime/feed.h"

/// GET /api/v1/events and /api/v1/ws, which stay on the front desk's loop. Loop thread only.
namespace specd::api {

/// Whether a request asks for events, by its address or one of the aliases, or for a WebSocket.
[[nodiscard]] net::Streaming streaming(const net::Request& request);

/// Opens a session, or says why not.
[[nodiscard]] std::optional<net::Response> open_stream(realtime::Broadcaster& broadcaster,
                                                       net::Request request,
                                                       std::shared_ptr<net::Stream> stream);

/// The outbox through one reader of its own, opened when it is first needed. An error closes it:
/// the next read opens it anew.
[[nodiscard]] realtime::Feed event_feed(Readers::Open open_reader);

}  // namespace specd::api
