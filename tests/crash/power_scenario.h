#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/crash/power_rig.h"

namespace specd::crash {

inline const std::string kDir = "openspec/changes/x";
inline const std::string kTasks = kDir + "/tasks.md", kDesign = kDir + "/design.md",
                         kNewFolder = kDir + "/specs/auth/login";

/// Something that happens to some files while the power may be cut.
struct Scenario {
  std::string name;
  std::function<void(PowerRig&)> act;
  std::vector<Outcome> files;
};

[[nodiscard]] Scenario an_edit();
[[nodiscard]] Scenario a_new_file();
[[nodiscard]] Scenario a_deletion();
/// One edit of all three kinds.
[[nodiscard]] Scenario several_files();
/// Of a client that has this `PRAGMA synchronous`: FULL, and its commit is a promise; or NORMAL.
[[nodiscard]] Scenario a_sql_edit(const std::string& synchronous);
/// An edit, after which a program saves into the file that was displaced.
[[nodiscard]] Scenario a_late_save();

/// Plays it once, with time for all that comes after it.
[[nodiscard]] Timeline play(PowerRig& rig, const Scenario& scenario);
/// Judges every cut, with every end of it that differs from those before. What is wrong with the
/// first that is not as it should be; empty: nothing is.
[[nodiscard]] std::string first_loss(PowerRig& rig, const Timeline& line, const Scenario& scenario,
                                     Order order);

}  // namespace specd::crash
