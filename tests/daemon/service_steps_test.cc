// What a service manager is told; tests/system/service_test.cc tells it to a real systemd.

#include <gtest/gtest.h>

#include "daemon/admin/service.h"

namespace specd::admin {
namespace {

const ServiceUser kUser{.program = "/opt/my tools/100% $pecd & co/specd",
                        .home = "/home/ann",
                        .config_home = "/home/ann/.config",
                        .uid = 501};

template <class Step>
const Step& step(const std::vector<ServiceStep>& steps, size_t at) {
  return std::get<Step>(steps.at(at));
}

TEST(ServiceStepsTest, TheUnitNamesTheProgramAsSystemdReadsIt) {
  const auto steps = systemd_steps(ServiceVerb::install, kUser, {});
  const auto& file = step<WriteFile>(steps, 0);
  EXPECT_EQ(file.path, "/home/ann/.config/systemd/user/specd.service");
  EXPECT_NE(
      file.text.find("\nExecStart=\"/opt/my tools/100%% $$pecd & co/specd\" run --registered\n"),
      std::string::npos)
      << file.text;
  EXPECT_EQ(file.text.find("=/usr/bin/specd"), std::string::npos);
}

TEST(ServiceStepsTest, LingeringIsExplainedWhereItIsOff) {
  ServiceUser user = kUser;
  const auto said = [&] {
    return std::get<Say>(systemd_steps(ServiceVerb::install, user, {}).back()).text;
  };
  EXPECT_NE(said().find("loginctl enable-linger"), std::string::npos);
  user.lingers = true;
  EXPECT_EQ(said().find("loginctl"), std::string::npos);
}

TEST(ServiceStepsTest, UninstallingStopsFirstAlsoWhatIsNotThere) {
  const auto steps = systemd_steps(ServiceVerb::uninstall, kUser, {});
  EXPECT_TRUE(step<RunProgram>(steps, 0).may_fail);
  EXPECT_EQ(step<RemoveFile>(steps, 1).path, "/home/ann/.config/systemd/user/specd.service");
}

TEST(ServiceStepsTest, LogsAreFollowedWhenAsked) {
  const auto command = [](const LogOptions& logs) {
    return step<RunProgram>(systemd_steps(ServiceVerb::logs, kUser, logs), 0).command;
  };
  EXPECT_EQ(command({.follow = true, .lines = 7}),
            (std::vector<std::string>{"journalctl", "--user-unit", "specd.service", "--lines", "7",
                                      "--follow"}));
  EXPECT_EQ(command({}).back(), "--no-pager");
}

TEST(ServiceStepsTest, TheLaunchAgentNamesProgramAndLogAsXml) {
  const auto steps = launchd_steps(ServiceVerb::install, kUser, {});
  const auto& file = step<WriteFile>(steps, 0);
  EXPECT_EQ(file.path, "/home/ann/Library/LaunchAgents/dev.specd.plist");
  EXPECT_NE(file.text.find("<string>/opt/my tools/100% $pecd &amp; co/specd</string>"),
            std::string::npos)
      << file.text;
  EXPECT_NE(file.text.find("<string>/home/ann/Library/Logs/specd.log</string>"), std::string::npos);
  EXPECT_TRUE(step<RunProgram>(steps, 1).may_fail) << "there may be none to replace";
  EXPECT_EQ(step<RunProgram>(steps, 2).command,
            (std::vector<std::string>{"launchctl", "bootstrap", "gui/501",
                                      "/home/ann/Library/LaunchAgents/dev.specd.plist"}));
}

TEST(ServiceStepsTest, EveryVerbOfLaunchdKnowsItsTarget) {
  for (ServiceVerb verb : {ServiceVerb::uninstall, ServiceVerb::stop, ServiceVerb::status}) {
    EXPECT_EQ(step<RunProgram>(launchd_steps(verb, kUser, {}), 0).command.back(),
              "gui/501/dev.specd");
  }
  EXPECT_EQ(step<RunProgram>(launchd_steps(ServiceVerb::start, kUser, {}), 1).command.back(),
            "gui/501/dev.specd");
}

}  // namespace
}  // namespace specd::admin
