#pragma once

#include <string>

#include "base/result.h"

namespace specd::daemon {

/// Where a daemon keeps its things, and where others find it (XDG Base Directory Specification).
struct Places {
  std::string state;  ///< folder of the database: $XDG_STATE_HOME/specd, or ~/.local/state/specd
  std::string
      runtime;  ///< folder of what lives as long as a daemon: $XDG_RUNTIME_DIR/specd, or `state`
};

/// `refused` if the environment names no home at all.
[[nodiscard]] Result<Places> default_places();

/// Whose process this is.
struct UserHomes {
  std::string name;
  std::string home;    ///< $HOME, or what the system knows
  std::string config;  ///< $XDG_CONFIG_HOME, or ~/.config
  std::string data;    ///< $XDG_DATA_HOME, or ~/.local/share
};

/// `refused` if nobody knows of a home.
[[nodiscard]] Result<UserHomes> user_homes();
/// What a daemon reads if nobody names another: `specd/config.yaml` below the config home. Empty if
/// it is not there.
[[nodiscard]] std::string default_config();

/// What a running daemon leaves for other programs, as `daemon.json` in the runtime folder,
/// readable by its user only.
struct Address {
  std::string url;  ///< "http://127.0.0.1:4400/"
  long pid = 0;
  std::string token_file;  ///< empty: it wants no token
  std::string state;       ///< as in its Places; empty: not told
  /// Of one that speaks TLS: the address to connect to, since the name in the URL is the one in its
  /// certificate and need not lead here; and that certificate, the only one to be trusted.
  std::string connect_to{};
  std::string certificate{};
};

/// `busy` if another daemon has left its own, and is alive.
[[nodiscard]] Result<> write_address(const Places& places, const Address& address);
/// Takes it back, if it is still that of this process.
void remove_address(const Places& places, long pid);
/// `not_found` if no daemon has left one; `refused` for one that somebody else can have left.
[[nodiscard]] Result<Address> read_address(const Places& places);

/// Whether the daemon that has left it still runs, as far as the system tells.
[[nodiscard]] bool is_alive(const Address& address);

/// Files of a daemon's own, beside its database.
[[nodiscard]] std::string token_path(const Places& places);
[[nodiscard]] std::string sessions_path(const Places& places);

/// Makes a folder and its parents where they are missing, this one with mode 0700.
[[nodiscard]] Result<> make_private_folder(const std::string& folder);

/// Makes the runtime folder. `refused` if others can put files there, which would be taken for
/// ours.
[[nodiscard]] Result<> make_runtime_folder(const Places& places);

/// Writes a whole file, readable by its user only: complete, or not at all, also through a power
/// cut.
[[nodiscard]] Result<> write_text_file(const std::string& path, const std::string& text);

/// All of a small file that holds secrets. `refused` if it is not ours, or others can read or write
/// it; `not_found` if it is not there.
[[nodiscard]] Result<std::string> read_secret_file(const std::string& path);

/// Whether a file that somebody has put somewhere can hold a secret. `refused` unless it belongs to
/// this user and nobody else can read or write it; or to root, whose files a group may read, as
/// it does the keys of services.
[[nodiscard]] Result<> check_is_secret(const std::string& path);

/// All of a small text file that is not a spec: a configuration, a line of /proc. At most a
/// mebibyte of it.
[[nodiscard]] Result<std::string> read_text_file(const std::string& path);

}  // namespace specd::daemon
