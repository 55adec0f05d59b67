#pragma once

#include <vector>

#include "daemon/admin/doctor_facts.h"
#include "daemon/admin/finding.h"

/// The parts of `judge`.
namespace specd::admin {

/// SQLite, and the limits of the kernel.
void judge_machine(const Facts& facts, std::vector<Finding>& findings);
/// One project, its disk, and who else is there. `daemon`: whom to ask for more.
void judge_project(const ProjectFacts& project, const DaemonFacts& daemon,
                   std::vector<Finding>& findings);

}  // namespace specd::admin
