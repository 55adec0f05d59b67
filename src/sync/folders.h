#pragma once

#include <string>
#include <string_view>

#include "base/file_ops.h"
#include "base/result.h"

/// Folders that come with the files in them, and go with the last one.
namespace specd::sync {

/// The folder, which is made, durably, where it is missing, with every one above it.
[[nodiscard]] Result<Handle> make_folders(FileOps& ops, const std::string& dir);
/// The same below an open one; `below` names at least one folder.
[[nodiscard]] Result<Handle> make_folders(FileOps& ops, const Handle& from, std::string_view below);

/// Takes away the folder `below` another one, and those between the two, from the innermost
/// outwards, as long as nothing is in them; which the kernel decides, so that nobody's file goes
/// along. Durable: an error means that what was taken away may come back. Once more is no harm.
[[nodiscard]] Result<> remove_empty_folders(FileOps& ops, const Handle& from,
                                            std::string_view below);

}  // namespace specd::sync
