// specd version, with a daemon and without one.

#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>

#include "base/json.h"
#include "net/front_desk.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(VersionTest, ItTellsOfTheProgramItsLibrariesAndTheDaemon) {
  test::DaemonProcess daemon;
  const test::Ran alone = daemon.specd({"version"});
  EXPECT_EQ(alone.exit_code, 0);
  EXPECT_THAT(alone.out, testing::StartsWith("specd " SPECD_VERSION));
  EXPECT_THAT(alone.out, HasSubstr("\nsqlite    3."));
  EXPECT_THAT(alone.out, HasSubstr("\ndaemon    none answers\n"));
  EXPECT_EQ(alone.err, "");
  std::filesystem::create_directories(daemon.folder() + "/app/openspec/specs");
  ASSERT_THAT(daemon.start({daemon.folder() + "/app"}), HasSubstr("ready"));
  EXPECT_THAT(daemon.specd({"version"}).out, HasSubstr("\ndaemon    " SPECD_VERSION "\n"));
  EXPECT_THAT(daemon.specd({"version"}).out, Not(HasSubstr("restart")));
  const auto told = json::parse(daemon.specd({"version", "--json"}).out);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->find("version")->text, SPECD_VERSION);
  EXPECT_EQ(told->find("daemon")->text, SPECD_VERSION);
  EXPECT_NE(told->find("commit"), nullptr);
  EXPECT_NE(told->find("libraries")->find("sqlite")->find("running")->text, "");
  // By hand, packagers are used to it.
  EXPECT_EQ(daemon.specd({"--version"}).out, "specd " SPECD_VERSION "\n");
}

TEST(VersionTest, ADaemonOfAnotherVersionIsToBeRestarted) {
  auto desk = net::FrontDesk::open({.workers = 1});
  ASSERT_TRUE(desk);
  (*desk)->start({.serve =
                      [](net::Request, net::FrontDesk::Reply reply) {
                        reply(net::last_words({.status = 200,
                                               .headers = {{"Content-Type", "application/json"}},
                                               .body = R"({"status":"ok","version":"0.0.9"})"}));
                      },
                  .streaming = [](const net::Request&) { return net::Streaming::no; },
                  .open_stream = {}});
  test::DaemonProcess nobody;
  const std::string url = "http://127.0.0.1:" + std::to_string((*desk)->port()) + "/";
  EXPECT_THAT(nobody.specd({"version", "--url", url}).out,
              testing::AllOf(HasSubstr("\ndaemon    0.0.9\n"), HasSubstr("restart it")));
  (*desk)->stop();
}

}  // namespace
}  // namespace specd
