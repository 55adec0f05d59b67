#pragma once

#include <string>

#include "daemon/admin/doctor_facts.h"

namespace specd::admin {

/// Tries in a folder what its file system can do, with two empty files of our own, which are gone
/// again afterwards. Their names are among those that specd ignores. Nothing is tried where nothing
/// may be written.
[[nodiscard]] Abilities probe_folder(const std::string& folder);

}  // namespace specd::admin
