// The power is cut before every call of a push, and what was not synced has survived in every way
// that a disk may choose. The next engine goes on with what is left: nothing that was promised may
// be missing.

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/crash/power_scenario.h"

namespace specd::crash {
namespace {

class PowerTest : public testing::TestWithParam<std::pair<Scenario, Order>> {};

TEST_P(PowerTest, F52NothingIsLostWhenThePowerIsCut) {
  const auto& [scenario, order] = GetParam();
  PowerRig rig;
  const Timeline line = play(rig, scenario);
  EXPECT_EQ(first_loss(rig, line, scenario, order), "");
}

std::vector<std::pair<Scenario, Order>> all() {
  std::vector<std::pair<Scenario, Order>> all;
  for (const Scenario& scenario : {an_edit(), a_new_file(), a_deletion(), several_files(),
                                   a_sql_edit("FULL"), a_sql_edit("NORMAL"), a_late_save()}) {
    for (const Order order : {Order::journalled, Order::calls, Order::sides})
      all.emplace_back(scenario, order);
  }
  return all;
}

std::string name_of(const testing::TestParamInfo<PowerTest::ParamType>& info) {
  const char* const orders[] = {"InOrder", "CallByCall", "SideBySide"};
  return info.param.first.name + orders[static_cast<size_t>(info.param.second)];
}

INSTANTIATE_TEST_SUITE_P(Of, PowerTest, testing::ValuesIn(all()), name_of);

}  // namespace
}  // namespace specd::crash
