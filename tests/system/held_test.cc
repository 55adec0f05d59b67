// A SQL client deletes nearly everything, and a person says what is to become of that.

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>

#include "tests/store/foreign_client.h"
#include "tests/system/daemon_process.h"
#include "tests/system/project_tree.h"

namespace specd {
namespace {

using testing::HasSubstr;
namespace stdfs = std::filesystem;

class HeldSystemTest : public testing::Test {
 protected:
  HeldSystemTest() {
    for (int i = 0; i < kChanges; ++i) test::write_file(tasks(i), "- [ ] " + std::to_string(i));
    EXPECT_THAT(daemon_.start({root_}), HasSubstr("ready"));
  }
  [[nodiscard]] std::string tasks(int i) const {
    return root_ + "/openspec/changes/c" + std::to_string(i) + "/tasks.md";
  }
  void delete_all_but_one() {
    const auto ran = run_foreign(store::Client::shell, daemon_.state() + "/specd.db",
                                 "UPDATE spec_files SET deleted_at = 1 "
                                 "WHERE path <> 'openspec/changes/c0/tasks.md';");
    EXPECT_TRUE(ran.ok) << ran.output;
    EXPECT_TRUE(test::comes_true([&] {
      return daemon_.specd({"status"}).out.find("held") != std::string::npos;
    })) << daemon_.log();
  }
  [[nodiscard]] int files() const {
    int found = 0;
    for (int i = 0; i < kChanges; ++i) found += stdfs::exists(tasks(i)) ? 1 : 0;
    return found;
  }

  static constexpr int kChanges = 40;
  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
};

TEST_F(HeldSystemTest, WhatIsHeldIsToldAndTakenBack) {
  EXPECT_THAT(daemon_.specd({"confirm", "app"}).err, HasSubstr("nothing is held in app"));
  EXPECT_THAT(daemon_.specd({"confirm", "app", "--list"}).out, HasSubstr("nothing is held"));
  delete_all_but_one();
  EXPECT_EQ(files(), kChanges);
  const auto listed = daemon_.specd({"confirm", "app", "--list"});
  EXPECT_THAT(listed.out, HasSubstr("files of 39 of 40 specs were deleted"));
  EXPECT_THAT(listed.out, HasSubstr("openspec/changes/c7/tasks.md"));
  const auto reverted = daemon_.specd({"confirm", "app", "--revert"});
  EXPECT_EQ(reverted.exit_code, 0) << reverted.err;
  EXPECT_THAT(reverted.out, HasSubstr("39 edits of the database and 0 specs"));
  EXPECT_EQ(files(), kChanges);
  EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
  EXPECT_EQ(daemon_.specd({"status"}).exit_code, 0);
}

TEST_F(HeldSystemTest, WhatIsHeldStaysSoOverARestartAndGoesWhenAPersonSaysSo) {
  delete_all_but_one();
  daemon_.stop(SIGKILL);
  EXPECT_THAT(daemon_.start({root_}), HasSubstr("ready"));
  EXPECT_EQ(files(), kChanges);
  EXPECT_EQ(daemon_.specd({"status"}).exit_code, 1);
  EXPECT_EQ(daemon_.specd({"confirm", "app"}).exit_code, 0);
  EXPECT_TRUE(test::comes_true([&] { return files() == 1; })) << daemon_.log();
  EXPECT_TRUE(test::comes_true([&] { return daemon_.specd({"status"}).exit_code == 0; }))
      << daemon_.specd({"status"}).out;
  EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
}

}  // namespace
}  // namespace specd
