#pragma once

#include <cstdint>

#include "daemon/config.h"
#include "net/front_desk.h"

namespace specd::daemon {

/// How many files this process must be able to have open for all that is configured.
[[nodiscard]] int64_t descriptors_for(const Config& config);

/// What a configuration means for the front desk. Raises this process's limit of descriptors; where
/// that is not allowed to be high enough, fewer connections are admitted, and the log says so.
[[nodiscard]] net::FrontDeskOptions desk_options(const Config& config);

}  // namespace specd::daemon
