#pragma once

#include <cstdint>
#include <string>

#include "daemon/config.h"
#include "daemon/places.h"
#include "net/front_desk.h"

namespace specd::daemon {

/// Whether the files that a configuration names for the front desk can be used, now. An error says
/// what is wrong with which of them, and where it was named.
[[nodiscard]] Result<> check_files(const Config& config);

/// How many files this process must be able to have open for all that is configured.
[[nodiscard]] int64_t descriptors_for(const Config& config);

/// What a configuration means for the front desk. Raises this process's limit of descriptors; where
/// that is not allowed to be high enough, fewer connections are admitted, and the log says so. An
/// error where the certificate or its key cannot be used; one that has expired is only logged, and
/// one that is renewed in its file is taken.
[[nodiscard]] Result<net::FrontDeskOptions> desk_options(const Config& config);

/// How programs on this machine reach the front desk that was opened with these options.
[[nodiscard]] Address address_of(const net::FrontDeskOptions& options, uint16_t port,
                                 const Config& config);

/// Whether browsers reach it by https only.
[[nodiscard]] bool is_reached_by_tls(const Config& config);
/// Where people find what this machine's programs find at `address`: behind a proxy, by its first
/// name.
[[nodiscard]] std::string public_url(const Address& address, const Config& config);

}  // namespace specd::daemon
