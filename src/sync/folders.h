#pragma once

#include <string>

#include "base/file_ops.h"
#include "base/result.h"

namespace specd::sync {

/// The folder, which is made, durably, where it is missing, with every one above it.
[[nodiscard]] Result<Handle> make_folders(FileOps& ops, const std::string& dir);

}  // namespace specd::sync
