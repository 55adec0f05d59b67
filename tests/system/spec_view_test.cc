// The client library of ui/, beside the real program.

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using testing::HasSubstr;

/// What the client is told to connect with.
class SpecViewTest : public testing::TestWithParam<const char*> {};

TEST_P(SpecViewTest, AViewIsWhatTheApiSaysWhateverHappensToFilesAndConnections) {
  const std::string node = SPECD_SOURCE_DIR "/tests/tools/node_modules/.bin/node";
  if (!std::filesystem::exists(node)) GTEST_SKIP() << "there is no Node: run scripts/setup";
  test::DaemonProcess daemon;
  const std::string root = daemon.folder() + "/app";
  std::filesystem::create_directories(root + "/openspec/changes/E1-0");
  ASSERT_THAT(daemon.start({root}), HasSubstr("ready "));
  const test::Ran ran = daemon.run({node, SPECD_SOURCE_DIR "/ui/test/daemon/follow.ts",
                                    "http://127.0.0.1:" + std::to_string(daemon.port()) + "/",
                                    daemon.token(), root, GetParam()});
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err << daemon.log();
}

INSTANTIATE_TEST_SUITE_P(Transports, SpecViewTest, testing::Values("events", "websocket", "any"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace specd
