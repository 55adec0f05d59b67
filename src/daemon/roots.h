#pragma once

#include <string>

#include "base/result.h"
#include "daemon/places.h"

namespace specd::daemon {

/// The root of the project that a folder belongs to: absolute, without links. As the openspec CLI
/// (1.13.2) finds it: the nearest folder, from this one upwards, with an `openspec/` that has
/// `specs/`, `changes/` or a configuration; where a configuration alone names a store (`store:
/// ID`), the folder that this store is registered with on this machine. LeanSpec projects are where
/// their
/// `.lean-spec/config.json` is. A folder that belongs to none is its own root.
///
/// `not_found` or `invalid` if there is no such folder, or no such store.
[[nodiscard]] Result<std::string> find_root(const std::string& folder);

/// The same, for a project that is to be kept: `invalid` if the database would lie among its specs,
/// where it would be read as one of them and its log would wake us at every commit.
[[nodiscard]] Result<std::string> settle_root(const std::string& folder, const Places& places);

}  // namespace specd::daemon
