// specd new, and what the real openspec CLI says of what it made.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/system/daemon_process.h"
#include "tests/system/openspec_cli.h"

namespace specd {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::MatchesRegex;

class NewCommandTest : public testing::Test {
 protected:
  NewCommandTest() { std::filesystem::create_directories(root_ + "/openspec/changes"); }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }
  [[nodiscard]] std::string on_disk(const std::string& path) const {
    std::ifstream file(root_ + "/" + path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
};

TEST_F(NewCommandTest, AChangeIsTheOneThatTheRealCliWouldHaveMade) {
  if (const auto installed = test::OpenSpecCli::is_installed(); !installed)
    GTEST_SKIP() << installed.error().message;
  const test::OpenSpecCli cli(daemon_.folder() + "/cli");
  std::filesystem::create_directories(daemon_.folder() + "/cli");
  const auto theirs = cli.json(root_, "new change by-hand --json");
  ASSERT_TRUE(theirs) << theirs.error().message;
  daemon_.start({root_});
  const test::Ran ran = daemon_.specd({"new", "add-login", "-p", "app"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, MatchesRegex("add-login\n[0-9A-Z]{26}\nopenspec/changes/add-login\n"));
  EXPECT_EQ(on_disk("openspec/changes/add-login/.openspec.yaml"),
            on_disk("openspec/changes/by-hand/.openspec.yaml"));
  const auto names = [&](const std::string& change) {
    size_t count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(root_ + "/openspec/changes/" + change))
      count += entry.exists() ? 1 : 0;
    return count;
  };
  EXPECT_EQ(names("add-login"), names("by-hand"));
  const auto status = cli.json(root_, "status --change add-login --json");
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->find("schemaName")->text, "spec-driven");
  const auto listed = cli.json(root_, "list --json");
  ASSERT_TRUE(listed) << listed.error().message;
  EXPECT_EQ(listed->find("changes")->items.size(), 2u);
  EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
}

TEST_F(NewCommandTest, TheSpecThatHasTheNameIsTold) {
  daemon_.start({root_});
  EXPECT_EQ(daemon_.specd({"new", "x", "-p", "app", "--title", "A title"}).exit_code, 0);
  EXPECT_EQ(on_disk("openspec/changes/x/proposal.md"), "# A title\n\n## Why\n\n## What Changes\n");
  const test::Ran again = daemon_.specd({"new", "x", "-p", "app"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, ContainsRegex("openspec/changes/x .id x, key [0-9A-Z]+.\n"));
  EXPECT_THAT(daemon_.specd({"new", "Bad Name", "-p", "app"}).err, HasSubstr("single hyphens"));
  EXPECT_THAT(daemon_.specd({"history", "--spec", "x"}).out, HasSubstr("created"));
}

TEST_F(NewCommandTest, ALeanSpecSpecGetsTheNextNumber) {
  const std::string lean = daemon_.folder() + "/lean";
  std::filesystem::create_directories(lean + "/specs/archived/041-old");
  std::filesystem::create_directories(lean + "/.lean-spec");
  std::ofstream(lean + "/.lean-spec/config.json") << "{}";
  std::ofstream(lean + "/specs/archived/041-old/README.md")
      << "---\nstatus: archived\n---\n# Old\n";
  daemon_.start({lean});
  const test::Ran ran = daemon_.specd(
      {"new", "add-login", "-p", "lean", "--priority", "high", "--tags", "a,b", "--json"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("\"path\":\"specs/042-add-login\""));
  EXPECT_THAT(daemon_.specd({"show", "042", "-p", "lean"}).out,
              ContainsRegex("planned(.|\n)*priority +high(.|\n)*tags +a, b"));
  EXPECT_THAT(daemon_.specd({"new", "old", "-p", "lean"}).err, HasSubstr("--force"));
  EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
}

}  // namespace
}  // namespace specd
