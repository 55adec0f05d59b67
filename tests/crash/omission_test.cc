// With any single sync left out of a push, some cut of the power loses something: each of them is
// needed, and power_test would tell if it were missing. Each is left out in the kindest order of
// names that still shows it.

#include <gmock/gmock.h>

#include <functional>
#include <string>

#include "tests/crash/power_scenario.h"

namespace specd::crash {
namespace {

using testing::HasSubstr;

/// Whether a step is the sync in question.
using IsIt = std::function<bool(PowerRig&, const Step&)>;

bool is_sync_of(const Step& step, uint64_t inode) {
  const auto* change = std::get_if<DiskChange>(&step);
  return change != nullptr && change->what == DiskChange::What::synced && change->inode == inode;
}
/// Of a file or a folder of the project.
IsIt sync_of(const std::string& path) {
  return [=](PowerRig& rig, const Step& step) { return is_sync_of(step, rig.inode_of(path)); };
}
IsIt sync_of_state(const std::string& path) {
  return
      [=](PowerRig& rig, const Step& step) { return is_sync_of(step, rig.state_inode_of(path)); };
}
bool is_sync_of_staging(PowerRig& rig, const Step& step) {
  return is_sync_of(step, rig.staging_folder());
}
// A journal takes along what was done in one of them when the other is synced.
bool is_sync_of_either(PowerRig& rig, const Step& step) {
  return is_sync_of_staging(rig, step) || is_sync_of(step, rig.inode_of(kDir));
}
// Whether SQLite syncs it at the commit is up to `synchronous`.
bool is_sync_of_log(PowerRig&, const Step& step) {
  const auto* change = std::get_if<DatabaseChange>(&step);
  return change != nullptr && change->what == DatabaseChange::What::synced;
}

struct Omission {
  std::string name;
  Scenario scenario;
  Order order;
  IsIt is_it;
  std::string loss;                                   ///< what is to be said of it
  enum class From { push, start } from = From::push;  ///< of the engine
};

class OmissionTest : public testing::TestWithParam<Omission> {};

TEST_P(OmissionTest, LosesSomethingWhenThePowerIsCut) {
  const Omission& omission = GetParam();
  PowerRig rig;
  Timeline line = play(rig, omission.scenario);
  const size_t from = omission.from == Omission::From::push ? line.first : 0;
  const auto is_it = [&](const Step& step) { return omission.is_it(rig, step); };
  ASSERT_GT(line.leave_out(from, is_it), 0u) << "there is no such sync";
  EXPECT_THAT(first_loss(rig, line, omission.scenario, omission.order), HasSubstr(omission.loss));
}

std::vector<Omission> all() {
  using enum Order;
  const auto start = Omission::From::start;
  const std::string edit = "although the edit was acknowledged", torn = "nobody else wrote",
                    save = "what another program has saved is lost";
  return {
      {"OfTheNewFile", an_edit(), journalled, sync_of(kTasks), torn},
      {"OfTheTargetsFolder", an_edit(), sides, sync_of(kDir), edit},
      {"OfTheTargetsFolderAfterSql", a_sql_edit("FULL"), sides, sync_of(kDir), edit},
      {"OfANewFilesFolder", a_new_file(), sides, sync_of(kNewFolder), edit},
      {"OfADeletedFilesFolder", a_deletion(), sides, sync_of(kDir), edit},
      {"OfBothFolders", an_edit(), journalled, is_sync_of_either, edit},
      {"OfTheFolderOfAFolderThatIsMade", a_new_file(), calls, sync_of(kDir), edit},
      {"OfTheFolderOfOneBelow", a_new_file(), calls, sync_of(kDir + "/specs"), edit},
      {"OfTheStagingFolder", a_late_save(), sides, is_sync_of_staging, save},
      {"OfTheStagingFoldersFolder", a_late_save(), calls, sync_of_state("staging"), save, start},
      {"OfTheStateFolder", a_late_save(), calls, sync_of_state(""), save, start},
      {"OfTheLog", an_edit(), journalled, is_sync_of_log, edit},
      {"OfTheLogByAClient", a_sql_edit("FULL"), journalled, is_sync_of_log, edit},
  };
}

INSTANTIATE_TEST_SUITE_P(Each, OmissionTest, testing::ValuesIn(all()),
                         [](const auto& omission) { return omission.param.name; });

}  // namespace
}  // namespace specd::crash
