// A page of the daemon's own that listens, in a real browser.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

TEST(OwnPageTest, ASignedInPageHearsOfASavedFileByAllThatABrowserHas) {
  const std::string modules = SPECD_SOURCE_DIR "/tests/tools/node_modules";
  ASSERT_TRUE(std::filesystem::exists(modules + "/playwright-core")) << "run scripts/setup";
  test::DaemonProcess daemon;
  const std::string root = daemon.folder() + "/app";
  const std::string file = root + "/openspec/changes/x/tasks.md";
  std::filesystem::create_directories(std::filesystem::path(file).parent_path());
  std::ofstream(file) << "- [ ] a\n";
  ASSERT_TRUE(daemon.start({root}).starts_with("ready "));
  const auto link = json::parse(daemon.specd({"open", "--json"}).out);
  ASSERT_TRUE(link && link->find("url") != nullptr);

  const test::Ran ran = daemon.run(
      {modules + "/.bin/node", SPECD_SOURCE_DIR "/tests/e2e/own_page.mjs", modules,
       "http://127.0.0.1:" + std::to_string(daemon.port()) + "/", link->find("url")->text, file});
  EXPECT_EQ(ran.exit_code, 0) << ran.err << daemon.log();
  EXPECT_EQ(ran.out,
            "event stream: spec.updated of x, ticked\n"
            "websocket: spec.updated of x, ticked\n"
            "socket.io: spec.updated of x, ticked\n")
      << ran.err;
}

}  // namespace
}  // namespace specd
