// specd conflicts, and one of them.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

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
  // Disk and database both change the file; in different lines.
  void make_conflict() {
    ASSERT_THAT(daemon_.start({root_}), HasSubstr("ready"));
    // Otherwise the edit would be on disk before the disk changes.
    ASSERT_EQ(daemon_.specd({"pause", "app"}).exit_code, 0);
    const test::Ran edited =
        daemon_.run({"sqlite3", "-cmd", ".timeout 2000", daemon_.state() + "/specd.db",
                     "UPDATE spec_files SET content = replace(content, '[ ] a', '[x] a')"});
    ASSERT_EQ(edited.exit_code, 0) << edited.err;
    put("- [ ] a\n- [ ] b\n- [ ] d\n");
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

}  // namespace
}  // namespace specd
