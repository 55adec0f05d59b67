#pragma once

#include <string>
#include <vector>

#include "daemon/admin/doctor_facts.h"
#include "daemon/admin/finding.h"
#include "daemon/places.h"

namespace specd::admin {

/// What a daemon would be told here: by configuration, environment and command line.
struct Setting {
  daemon::Places places;
  bool is_default_db = true;
  std::vector<std::string> folders;  ///< that are configured, as written
  bool always_poll = false;
  int64_t needed_descriptors = 0;
  std::string failure;         ///< why the configuration cannot be used; empty: it can
  std::string proc = "/proc";  ///< tests put another folder in its place
};

/// Looks at the machine, the database and every project; works with a daemon and without one.
/// Changes nothing: see probe_folder and store::inspect for the little that it leaves for moments.
[[nodiscard]] Facts gather(const Setting& asked);

/// What of it is well, and what to do about the rest.
[[nodiscard]] std::vector<Finding> examine(const Setting& setting);

}  // namespace specd::admin
