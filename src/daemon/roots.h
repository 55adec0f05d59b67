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

/// Whether a project can be kept there: `invalid` if the database would lie among its specs, where
/// it would be read as one of them and its log would wake us at every commit.
[[nodiscard]] Result<> check_apart(const std::string& root, const Places& places);

/// Both.
[[nodiscard]] Result<std::string> settle_root(const std::string& folder, const Places& places);

/// Whether nothing is there at all, as where a disk is not mounted.
[[nodiscard]] bool is_absent(const std::string& folder);
/// The root that a folder had when it was there, as far as its name tells: absolute, without the
/// links on the part of the way that is left.
[[nodiscard]] std::string absent_root(const std::string& folder);

}  // namespace specd::daemon
