#pragma once

#include <optional>

#include "net/message.h"
#include "net/origin.h"

namespace specd::net {

/// Why a request must not be served, as far as its head tells: a name that is not ours, a page of
/// another origin, or what no handler understands. Nothing if it may be.
[[nodiscard]] std::optional<Response> objection(const Request& head, const OwnNames& names);

}  // namespace specd::net
