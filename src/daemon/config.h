#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "sync/options.h"

namespace specd::daemon {

/// What a daemon is told, by its configuration file and over that by its command line.
struct Config {
  std::vector<std::string> projects;  ///< folders, as written
  std::string db;                     ///< database file or state folder; empty: the default place
  std::string host = "127.0.0.1";
  uint16_t port = 4400;
  bool always_poll = false;
  sync::Options sync{};
};

/// Reads a YAML file such as
///
///     listen: 127.0.0.1:4400
///     db: /home/me/specs.db
///     projects: [/home/me/app]
///     batch_seconds: 30
///     poll: false
///     limits: {file_mib: 16, spec_mib: 64, spec_files: 2000}
///
/// A key that is not known, or a value that does not fit, is an error with its line.
[[nodiscard]] Result<Config> read_config(const std::string& text);

/// Splits "HOST:PORT", with [brackets] around an IPv6 address.
[[nodiscard]] Result<> parse_listen(const std::string& text, Config& config);

}  // namespace specd::daemon
