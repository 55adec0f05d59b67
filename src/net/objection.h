#pragma once

#include <cstdint>
#include <optional>

#include "net/message.h"

namespace specd::net {

/// Why a request must not be served, as far as its head tells: a name that is not ours (see
/// origin.h), a page of another origin, or what no handler understands. Nothing if it may be.
[[nodiscard]] std::optional<Response> objection(const Request& head, uint16_t port);

}  // namespace specd::net
