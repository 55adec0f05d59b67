// Programs of others that listen, beside the real program: tests/system/listeners.

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/system/daemon_process.h"

namespace specd {
namespace {

const std::string kNode = SPECD_SOURCE_DIR "/tests/tools/node_modules/.bin/node";

/// The script starts the daemon itself, in an environment of its own.
void run_script(const std::string& name, const std::vector<std::string>& args = {}) {
  if (!std::filesystem::exists(kNode)) GTEST_SKIP() << "there is no Node: run scripts/setup";
  const test::DaemonProcess home;
  std::vector<std::string> command = {kNode, SPECD_SOURCE_DIR "/tests/system/listeners/" + name,
                                      SPECD_BINARY_DIR "/specd"};
  command.insert(command.end(), args.begin(), args.end());
  const test::Ran ran = home.run(command);
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
}

TEST(ListenersTest, TheOfficialClientOfSocketIoIsServed) {
  run_script("socket_io.mjs");
}

TEST(ListenersTest, WhoSleptUntilItWasGivenUpComesBackByItself) {
  run_script("asleep.mjs");
}

/// Which client of tests/system/listeners/listeners.mjs.
class ListenersOfEachKindTest : public testing::TestWithParam<const char*> {};

TEST_P(ListenersOfEachKindTest, F72WhoWasAwayHasTheViewOfTheApiAgain) {
  run_script("away.mjs", {GetParam()});
}

TEST_P(ListenersOfEachKindTest, F74WhoComesBackAfterAKillMissesNothingAndHearsNothingTwice) {
  run_script("restarts.mjs", {GetParam()});
}

INSTANTIATE_TEST_SUITE_P(Kinds, ListenersOfEachKindTest,
                         testing::Values("events", "websocket", "socket.io", "socket.io-polling"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::erase_if(name, [](char c) { return c == '.' || c == '-'; });
                           return name;
                         });

}  // namespace
}  // namespace specd
