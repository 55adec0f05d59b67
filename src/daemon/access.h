#pragma once

#include <string>
#include <vector>

#include "api/auth.h"
#include "base/digest.h"
#include "base/result.h"
#include "base/rng.h"

/// What a daemon keeps of who may come in: two files beside its database, readable by its user
/// only.
namespace specd::daemon {

/// The token that stands in this file; a new one, which then stands there, if there is no such
/// file. `refused` for a file that others can read, `invalid` for a token that is too short to be a
/// secret.
[[nodiscard]] Result<std::string> read_or_make_token(const std::string& path, Random& random);

/// Fails where that would refuse what it finds; makes nothing.
[[nodiscard]] Result<> check_token_file(const std::string& path);

/// The sessions that `write_sessions` has left for this token. None if there is no such file, or
/// one for another token: a new token signs everybody out. `invalid` for a damaged file.
[[nodiscard]] Result<std::vector<api::Session>> read_sessions(const std::string& path,
                                                              const Digest& token);
[[nodiscard]] Result<> write_sessions(const std::string& path, const Digest& token,
                                      const std::vector<api::Session>& sessions);

}  // namespace specd::daemon
