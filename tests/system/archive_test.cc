// specd archive and validate, with the real openspec CLI.

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "tests/system/daemon_process.h"
#include "tests/system/openspec_cli.h"

namespace specd {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string kTool = SPECD_SOURCE_DIR "/tests/tools/node_modules/.bin/openspec";

class ArchiveCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto installed = test::OpenSpecCli::is_installed(); !installed)
      GTEST_SKIP() << installed.error().message;
    for (const std::string& root : {root_, by_hand_}) {
      put(root, "changes/add/.openspec.yaml", "schema: spec-driven\ncreated: 2026-11-21\n");
      put(root, "changes/add/tasks.md", "- [x] 1.1 one\n");
      put(root, "changes/add/specs/login/spec.md",
          "## ADDED Requirements\n\n### Requirement: Login\nIt SHALL be there.\n\n"
          "#### Scenario: Good\n- **WHEN** a\n- **THEN** b\n");
      put(root, "changes/bad/specs/login/spec.md",
          "## ADDED Requirements\n\n### Requirement: Bare\nIt SHALL be there.\n");
      std::filesystem::create_directories(root + "/openspec/specs");
    }
    std::filesystem::create_directories(daemon_.folder() + "/cli");
    daemon_.add_to_environment("SPECD_OPENSPEC_COMMAND=" + kTool);
    const std::string path = std::getenv("PATH");
    daemon_.add_to_environment("PATH=" SPECD_SOURCE_DIR "/tests/tools/node_modules/.bin:" + path);
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }
  static void put(const std::string& root, const std::string& path, const std::string& text) {
    const std::filesystem::path full = root + "/openspec/" + path;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full, std::ios::binary) << text;
  }
  static std::map<std::string, std::string> files(const std::string& root) {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      found[std::filesystem::relative(entry.path(), root)] = {std::istreambuf_iterator<char>(in),
                                                              {}};
    }
    return found;
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
  const std::string by_hand_ = daemon_.folder() + "/hand";
};

TEST_F(ArchiveCommandTest, AnArchiveThroughUsIsTheOneThatIsMadeByHand) {
  const auto theirs =
      test::OpenSpecCli(daemon_.folder() + "/cli").json(by_hand_, "archive add --yes --json");
  ASSERT_TRUE(theirs) << theirs.error().message;
  daemon_.start({root_});
  const test::Ran ran = daemon_.specd({"archive", "add"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("add is archived as 20"));
  EXPECT_THAT(daemon_.specd({"show", "add"}).out, HasSubstr("archived"))
      << "the database has it when it is answered";
  EXPECT_EQ(files(root_), files(by_hand_));
  EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
}

TEST_F(ArchiveCommandTest, WhatIsNotValidIsToldAndNotArchived) {
  daemon_.start({root_});
  EXPECT_EQ(daemon_.specd({"validate", "add"}).out, "add is valid\n");
  const test::Ran bad = daemon_.specd({"validate", "bad"});
  EXPECT_EQ(bad.exit_code, 1) << bad.err;
  EXPECT_THAT(bad.out, HasSubstr("must include at least one scenario"));
  const test::Ran refused = daemon_.specd({"archive", "bad"});
  EXPECT_EQ(refused.exit_code, 2) << refused.out;
  EXPECT_THAT(refused.err, HasSubstr("openspec: "));
  EXPECT_TRUE(std::filesystem::exists(root_ + "/openspec/changes/bad"));
}

TEST_F(ArchiveCommandTest, AllOfAProjectIsValidatedWithALineForEachSpec) {
  daemon_.start({root_});
  const test::Ran all = daemon_.specd({"validate", "--project", "app"});
  EXPECT_EQ(all.exit_code, 1) << all.err;
  EXPECT_THAT(all.out, HasSubstr("change add is valid\n"));
  EXPECT_THAT(all.out, HasSubstr("change bad is not valid\n  ERROR "));
  const test::Ran json = daemon_.run({SPECD_BINARY_DIR "/specd", "validate", "--json"}, root_);
  EXPECT_EQ(json.exit_code, 1) << json.err;
  EXPECT_THAT(json.out, HasSubstr("\"exit_code\":1"));
  std::filesystem::remove_all(root_ + "/openspec/changes/bad");
  EXPECT_EQ(daemon_.specd({"validate", "--project", "app"}).exit_code, 0);
}

TEST_F(ArchiveCommandTest, WithoutTheCliItIsSaidWhatToInstall) {
  daemon_.add_to_environment("SPECD_OPENSPEC_COMMAND=/no/openspec");
  daemon_.start({root_});
  const test::Ran ran = daemon_.specd({"archive", "add"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("npm install -g @fission-ai/openspec"));
  EXPECT_THAT(ran.err, HasSubstr("openspec.command"));
}

}  // namespace
}  // namespace specd
