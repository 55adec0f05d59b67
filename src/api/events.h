#pragma once

#include <memory>
#include <optional>

#include "api/readers.h"
#include "net/message.h"
#include "net/stream.h"
#include "realtime/broadcaster.h"
#include "realtime/feed.h"
#include "realtime/socket_io.h"

/// GET /api/v1/events, /api/v1/ws and /socket.io/, which stay on the front desk's loop. Loop thread
/// only.
namespace specd::api {

/// Whether a request asks for events, by its address or one of the aliases, or for a WebSocket.
[[nodiscard]] net::Streaming streaming(const net::Request& request);

/// Opens a session, or says why not.
[[nodiscard]] std::optional<net::Response> open_stream(realtime::Broadcaster& broadcaster,
                                                       realtime::SocketIo& socket_io,
                                                       net::Request request,
                                                       std::shared_ptr<net::Stream> stream);

/// How clients of Socket.IO come to the broadcaster; which must outlive this.
[[nodiscard]] realtime::EngineSession::Open socket_io_opener(realtime::Broadcaster& broadcaster);

/// The outbox: its tail from memory, the rest through one reader of its own, opened when it is
/// first needed. An error closes it: the next read opens it anew. `recent` must outlive this.
[[nodiscard]] realtime::Feed event_feed(Readers::Open open_reader,
                                        const store::RecentEvents& recent);

}  // namespace specd::api
