#pragma once

#include <string>
#include <vector>

#include "daemon/admin/doctor_facts.h"
#include "daemon/admin/processes.h"

namespace specd::admin {

/// What is the same for every project.
struct Surroundings {
  std::string proc;
  std::string state_folder;  ///< empty: it is not there
  std::string locks;         ///< /proc/locks
  std::string mounts;        ///< /proc/self/mountinfo
  std::vector<Process> processes;
  long daemon_pid = 0;  ///< ours; 0: none
};

/// Looks at one project's root. Of `project`, what the database knows is set already.
void look_at(ProjectFacts& project, const Surroundings& around);

}  // namespace specd::admin
