// Everybody at once: git, editors, the openspec CLI, a SQLite client and the API, on one project of
// the real daemon; and the same while the daemon is killed again and again.

#include <gmock/gmock.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>

#include "tests/system/daemon_process.h"
#include "tests/system/neighbours.h"
#include "tests/system/openspec_cli.h"

namespace specd {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kEdits = 60;
constexpr int kKills = 8, kEditsOfALife = 400;

/// The long form (scripts/prove).
int asked_kills() {
  const char* asked = std::getenv("SPECD_KILLS");  // NOLINT(concurrency-mt-unsafe)
  return asked == nullptr ? kKills : std::atoi(asked);
}

class RealLifeTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto installed = test::OpenSpecCli::is_installed(); !installed)
      GTEST_SKIP() << installed.error().message;
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }
  void expect_nothing_lost(test::Neighbours& neighbours) {
    neighbours.rest();
    std::cout << neighbours.to_string() << "\n";
    const auto is_in_step = [&] {
      return daemon_.specd({"sync", "--wait"}).exit_code == 0 &&
             daemon_.specd({"verify"}).exit_code == 0;
    };
    EXPECT_TRUE(test::comes_true(is_in_step)) << daemon_.specd({"verify"}).out;
    // What was displaced is judged when nobody can have it open any more.
    const auto is_clean = [&] {
      for (const auto& entry :
           std::filesystem::recursive_directory_iterator(daemon_.state() + "/staging"))
        if (entry.is_regular_file()) return false;
      return true;
    };
    EXPECT_TRUE(test::comes_true(is_clean));
    EXPECT_THAT(neighbours.losses(), IsEmpty());
    EXPECT_TRUE(neighbours.has_all_done());
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
};

TEST_F(RealLifeTest, F68EverybodyAtOnceLosesNothing) {
  test::Neighbours neighbours(daemon_, root_);
  ASSERT_THAT(daemon_.start({root_}), HasSubstr("ready"));
  neighbours.begin();
  neighbours.edit_by_api(kEdits);
  expect_nothing_lost(neighbours);
}

TEST_F(RealLifeTest, F51NothingIsLostWhereverTheDaemonIsKilledUnderLoad) {
  const unsigned seed = 20'261'122;
  std::mt19937 random(seed);
  test::Neighbours neighbours(daemon_, root_);
  ASSERT_THAT(daemon_.start({root_}), HasSubstr("ready"));
  neighbours.begin();
  for (int life = 0; life < asked_kills(); ++life) {
    std::thread killer([&, after = std::chrono::milliseconds(random() % 400)] {
      std::this_thread::sleep_for(after);
      daemon_.send(SIGKILL);
    });
    neighbours.edit_by_api(kEditsOfALife);
    killer.join();
    daemon_.stop(SIGKILL);
    ASSERT_THAT(daemon_.start({root_}), HasSubstr("ready"));
  }
  neighbours.edit_by_api(1);
  expect_nothing_lost(neighbours);
}

}  // namespace
}  // namespace specd
