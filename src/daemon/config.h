#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "sync/options.h"

namespace specd::daemon {

/// What a daemon is told: by its configuration file, over that by its environment, and over that by
/// its command line.
struct Config {
  std::vector<std::string> projects;  ///< folders, as written
  std::string db;                     ///< database file or state folder; empty: the default place
  std::string host = "127.0.0.1";
  uint16_t port = 4400;
  bool is_auth = true;             ///< whether requests need a token or a session
  std::vector<std::string> hosts;  ///< names by which clients may ask, besides addresses
  bool is_behind_proxy = false;
  std::string tls_certificate;  ///< PEM file; empty: plain HTTP
  std::string tls_key;
  bool always_poll = false;
  log::Level log_level = log::Level::info;
  int64_t max_body_bytes = int64_t{16} << 20;  ///< of one request
  int64_t max_connections = 2'048;
  int64_t max_caller_connections = 512;  ///< of one caller
  int64_t max_listeners = 256;           ///< of events
  int64_t heartbeat_seconds = 15;        ///< between two signs of life to a listener
  std::string revalidation_secret;       ///< of POST /api/revalidate; empty: nobody may
  std::string openspec = "openspec";     ///< the CLI: its path, or a name to be found by PATH
  sync::Options sync{};

  /// Where each key was set: "line 3", "SPECD_LISTEN", "--listen". By key; not there: the default.
  std::map<std::string, std::string> sources;
  std::string file;  ///< that was read; empty: none
};

/// Where a key was set, for people: "/c/config.yaml: line 3: db", "SPECD_DB", "--db".
[[nodiscard]] std::string told_by(const Config& config, const std::string& key);

/// Something that can be set, `limits.file_mib` or such.
struct ConfigKey {
  std::string name;
  std::string what;  ///< for people
};
/// All of them, in the order in which people should read them.
[[nodiscard]] std::vector<ConfigKey> config_keys();

/// Reads a YAML file such as
///
///     listen: 127.0.0.1:4400
///     projects: [~/app]
///     limits: {file_mib: 16}
///
/// A key that is not known, or a value that does not fit, is an error with its line.
[[nodiscard]] Result<Config> read_config(const std::string& text);

/// Sets one key as its text says; of a list, its items joined by ':'. `invalid` says what it wants.
[[nodiscard]] Result<> set_config(Config& config, const std::string& key_name,
                                  const std::string& text, const std::string& source);
/// The variable that sets a key: SPECD_LIMITS_FILE_MIB. A key can have a second one, which other
/// programs know as well (REVALIDATION_SECRET); this one comes over it.
[[nodiscard]] std::string variable_of(const std::string& key);
/// Sets what the environment has; an empty variable counts as one that is not set. One that does
/// not fit is an error with its name.
[[nodiscard]] Result<> read_environment(Config& config);
/// A word for each variable of the environment that is named as ours are and that nothing reads:
/// "SPECD_LISTN: there is no such variable; perhaps SPECD_LISTEN".
[[nodiscard]] std::vector<std::string> unknown_variables();

/// Whether what is set goes together: who may be served at which address, and how. For a
/// configuration that is complete. `invalid` and `refused` say what to do.
[[nodiscard]] Result<> check_together(const Config& config);

/// The whole configuration as a file that says the same, with a comment where each value comes
/// from. A secret is shown as "(hidden)", which no file may have in its place.
[[nodiscard]] std::string to_yaml(const Config& config);
/// The same as JSON: {"listen": {"value": "127.0.0.1:4400", "source": "default"}, …}.
[[nodiscard]] std::string to_json(const Config& config);

}  // namespace specd::daemon
