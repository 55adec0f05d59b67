// specd conflicts, and one of them.

#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class ConflictsCommandTest : public testing::Test {
 protected:
  ConflictsCommandTest() {
    std::filesystem::create_directories(root_ + "/openspec/changes/x");
    put("- [ ] a\n- [ ] b\n- [ ] c\n");
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }
  void put(const std::string& text) const {
    std::ofstream(root_ + "/openspec/changes/x/tasks.md") << text;
  }
  [[nodiscard]] std::string on_disk() const {
    std::ifstream file(root_ + "/openspec/changes/x/tasks.md", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Nobody waits, so what is done is on disk, and in the database.
  void expect_in_step() const {
    EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
    EXPECT_EQ(daemon_.specd({"conflicts", "--json"}).out, "{\"conflicts\":[],\"before\":null}\n");
  }
  // Disk and database both change the file; in different lines, unless the disk does otherwise.
  void make_conflict(const std::string& save = "- [ ] a\n- [ ] b\n- [ ] d\n") {
    if (!daemon_.is_running()) {
      ASSERT_THAT(daemon_.start({root_}), HasSubstr("ready"));
    }
    // Otherwise the edit would be on disk before the disk changes.
    ASSERT_EQ(daemon_.specd({"pause", "app"}).exit_code, 0);
    const test::Ran edited =
        daemon_.run({"sqlite3", "-cmd", ".timeout 2000", daemon_.state() + "/specd.db",
                     "UPDATE spec_files SET content = replace(content, '[ ] a', '[x] a')"});
    ASSERT_EQ(edited.exit_code, 0) << edited.err;
    put(save);
    ASSERT_EQ(daemon_.specd({"resume", "app"}).exit_code, 0);
    daemon_.specd({"sync", "--wait"});
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
};

TEST_F(ConflictsCommandTest, AConflictIsListedAndShownWithItsMerge) {
  make_conflict();
  const std::string listed = daemon_.specd({"conflicts"}).out;
  EXPECT_THAT(listed, ContainsRegex("\n1 +[0-9TZ:.-]+ +app +both_changed +open +openspec/.*md\n"));
  EXPECT_THAT(daemon_.specd({"conflicts", "-p", "app", "--all", "--json"}).out,
              HasSubstr("\"conflicts\":[{\"id\":1,"));
  const test::Ran shown = daemon_.specd({"conflicts", "show", "1"});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out,
              ContainsRegex("file saved +20.*\ndatabase edited +20.*\nlast in step +20"));
  EXPECT_THAT(
      shown.out,
      HasSubstr("The disk changed:\n@@ line 1 @@\n - [ ] a\n - [ ] b\n-- [ ] c\n+- [ ] d\n"));
  EXPECT_THAT(shown.out,
              HasSubstr("The edit changed:\n@@ line 1 @@\n-- [ ] a\n+- [x] a\n - [ ] b\n"));
  EXPECT_THAT(shown.out, ContainsRegex("A merge would change on disk.*:\n@@ line 1 @@\n"));
  EXPECT_THAT(daemon_.specd({"conflicts", "show", "1", "--json"}).out, HasSubstr("\"merge\":{"));
}

TEST_F(ConflictsCommandTest, OneThatIsNotThereIsSaid) {
  ASSERT_THAT(daemon_.start({root_}), HasSubstr("ready"));
  EXPECT_THAT(daemon_.specd({"conflicts"}).out, Not(HasSubstr("tasks.md")));
  const test::Ran shown = daemon_.specd({"conflicts", "show", "9"});
  EXPECT_EQ(shown.exit_code, 2);
  EXPECT_THAT(shown.err, HasSubstr("there is no conflict 9"));
  EXPECT_THAT(daemon_.specd({"conflicts", "shwo"}).err, HasSubstr("there is no command \"shwo\""));
}

TEST_F(ConflictsCommandTest, TheMergeIsWritten) {
  make_conflict();
  const test::Ran merged = daemon_.specd({"conflicts", "merge", "1"});
  EXPECT_EQ(merged.exit_code, 0) << merged.err;
  EXPECT_THAT(merged.out, ContainsRegex("merged into openspec/changes/x/tasks.md; what was there "
                                        "is its version [0-9a-f]{12}\n"));
  EXPECT_EQ(on_disk(), "- [x] a\n- [ ] b\n- [ ] d\n");
  expect_in_step();
  const test::Ran again = daemon_.specd({"conflicts", "dismiss", "1"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("conflict 1 was merged at 20"));
  EXPECT_THAT(daemon_.specd({"versions", "x", "tasks.md"}).out,
              ContainsRegex("\n20[^ ]+ +superseded +disk +- +24 +[0-9a-f]{12}\n"))
      << "what was replaced is a version";
}

TEST_F(ConflictsCommandTest, WhatTheDiskOverruledIsRestored) {
  make_conflict();
  EXPECT_EQ(daemon_.specd({"conflicts", "restore", "1"}).exit_code, 0);
  EXPECT_EQ(on_disk(), "- [x] a\n- [ ] b\n- [ ] c\n");
  expect_in_step();
}

TEST_F(ConflictsCommandTest, WhatIsDismissedLeavesTheDiskAsItIs) {
  make_conflict();
  const test::Ran dismissed = daemon_.specd({"conflicts", "dismiss", "1"});
  EXPECT_EQ(dismissed.exit_code, 0) << dismissed.err;
  EXPECT_EQ(on_disk(), "- [ ] a\n- [ ] b\n- [ ] d\n");
  expect_in_step();
  EXPECT_THAT(daemon_.specd({"versions", "x"}).out, HasSubstr("displaced, dismissed"));
  EXPECT_EQ(daemon_.specd({"remove", "app"}).exit_code, 0) << "nothing is kept for anybody";
}

TEST_F(ConflictsCommandTest, WhereThereIsToChooseAPersonDoes) {
  make_conflict("- [ ] mine\n- [ ] b\n- [ ] c\n");
  const test::Ran unclean = daemon_.specd({"conflicts", "merge", "1"});
  EXPECT_EQ(unclean.exit_code, 2);
  EXPECT_THAT(unclean.err, HasSubstr("both sides changed the same in 1 place: `specd conflicts "
                                     "show 1 --merged >FILE`"));
  const test::Ran shown = daemon_.specd({"conflicts", "show", "1", "--merged"});
  EXPECT_EQ(shown.out,
            "<<<<<<< what is on disk\n- [ ] mine\n=======\n- [x] a\n>>>>>>> the edit\n- [ ] b\n"
            "- [ ] c\n");
  const size_t at = shown.err.find("--seen ");
  ASSERT_NE(at, std::string::npos) << shown.err;
  const std::string seen = shown.err.substr(at + 7, 12);
  const std::string file = daemon_.folder() + "/chosen";
  std::ofstream(file) << shown.out;
  const test::Ran marked = daemon_.specd({"conflicts", "merge", "1", "--file", file});
  EXPECT_EQ(marked.exit_code, 2);
  EXPECT_THAT(marked.err, HasSubstr("take the markers away"));

  std::ofstream(file) << "- [x] mine\n- [ ] b\n- [ ] c\n";
  put("saved meanwhile\n");
  const test::Ran stale =
      daemon_.specd({"conflicts", "merge", "1", "--file", file, "--seen", seen});
  EXPECT_EQ(stale.exit_code, 2);
  EXPECT_THAT(stale.err, HasSubstr("the file was saved since"));
  EXPECT_EQ(on_disk(), "saved meanwhile\n");
  EXPECT_EQ(daemon_.specd({"conflicts", "merge", "1", "--file", file}).exit_code, 0);
  EXPECT_EQ(on_disk(), "- [x] mine\n- [ ] b\n- [ ] c\n");
  expect_in_step();
}

TEST_F(ConflictsCommandTest, WhatIsResolvedStaysSoOverAKill) {
  make_conflict();
  ASSERT_EQ(daemon_.specd({"conflicts", "merge", "1"}).exit_code, 0);
  daemon_.stop(SIGKILL);
  ASSERT_THAT(daemon_.start({root_}), HasSubstr("ready"));
  EXPECT_EQ(on_disk(), "- [x] a\n- [ ] b\n- [ ] d\n");
  expect_in_step();
}

}  // namespace
}  // namespace specd
