#pragma once

#include <memory>
#include <string>

#include "base/fs.h"

namespace specd {

/// The real files below `root`, an absolute path. `root` need not be there yet: see Fs::attach.
/// Linux: openat2(2) with RESOLVE_BENEATH keeps every access below the root; leases are fcntl(2)
/// F_SETLEASE.
[[nodiscard]] std::unique_ptr<Fs> posix_fs(std::string root);

}  // namespace specd
