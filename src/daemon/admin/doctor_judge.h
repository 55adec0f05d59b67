#pragma once

#include <string>
#include <vector>

#include "daemon/admin/doctor_facts.h"
#include "daemon/admin/finding.h"

namespace specd::admin {

/// What the facts mean, in the order in which people should read it. Pure.
[[nodiscard]] std::vector<Finding> judge(const Facts& facts);

/// Whether this SQLite has the fault in WAL mode by which a checkpoint can damage the database
/// (sqlite.org/wal.html#walresetbug): 3.7.0 to 3.51.2, but 3.44.6 and 3.50.7 and what follows each
/// in its series. A distribution may have mended an older one without telling.
[[nodiscard]] bool has_wal_reset_fault(const std::string& version);

}  // namespace specd::admin
