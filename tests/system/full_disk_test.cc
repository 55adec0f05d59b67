// F41, F61: the disk of the real daemon's database is full, or that of its project.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "tests/store/foreign_client.h"
#include "tests/system/daemon_process.h"
#include "tests/system/process_usage.h"
#include "tests/system/project_tree.h"
#include "tests/system/small_disk.h"

namespace specd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kFile = "openspec/changes/x/tasks.md";

class FullDiskTest : public testing::Test {
 protected:
  /// `at`: below the test's folder.
  explicit FullDiskTest(const std::string& at) : disk_(daemon_.folder() + at, 4) {}
  void SetUp() override {
    if (!disk_.obstacle().empty()) GTEST_SKIP() << disk_.obstacle();
    test::write_file(root_ + "/" + kFile, "- [ ] a\n");
    std::ofstream(daemon_.folder() + "/c.yaml") << "batch_seconds: 1\n";
    ASSERT_THAT(daemon_.start({root_, "--config", daemon_.folder() + "/c.yaml"}),
                HasSubstr("ready"));
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }

  [[nodiscard]] std::string on_disk(const std::string& path) const {
    return test::read_file(root_ + "/" + path);
  }
  [[nodiscard]] test::RawResponse put(const std::string& base, const std::string& text) const {
    auto client = daemon_.client();
    client.send_request("PUT", std::string("/api/v1/projects/app/files/") + kFile,
                        "If-Match: \"" + sha256(base).hex() + "\"\r\n", text);
    return client.read_response();
  }
  void expect_no_spin() const {
    const auto before = test::ProcessUsage::of(daemon_.pid()).cpu;
    (void)daemon_.run({"sleep", "2"});
    EXPECT_LT(test::ProcessUsage::of(daemon_.pid()).cpu - before, std::chrono::milliseconds(200));
  }
  [[nodiscard]] bool status_comes_to(int exit_code) const {
    return test::comes_true([&] { return daemon_.specd({"status"}).exit_code == exit_code; });
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
  const test::SmallDisk disk_;
};

class FullDatabaseDiskTest : public FullDiskTest {
 protected:
  FullDatabaseDiskTest() : FullDiskTest("/state") {}
};

TEST_F(FullDatabaseDiskTest, F61NothingIsWrittenThatCannotBeRecordedAndAllGoesOnWithRoom) {
  disk_.fill();
  const std::string design(300'000, 'd');
  test::write_file(root_ + "/openspec/changes/x/design.md", design);
  EXPECT_TRUE(status_comes_to(1));
  EXPECT_THAT(daemon_.specd({"status"}).out,
              HasSubstr("the database's disk is full; free some space there"));
  const auto refused = put("- [ ] a\n", std::string(300'000, 'x'));
  EXPECT_EQ(refused.status, 500);
  EXPECT_THAT(refused.body, HasSubstr("the database's disk is full"));
  EXPECT_EQ(on_disk(kFile), "- [ ] a\n");
  EXPECT_EQ(daemon_.client().get(std::string("/api/v1/projects/app/files/") + kFile).body,
            "- [ ] a\n");
  expect_no_spin();
  disk_.make_room();
  EXPECT_TRUE(status_comes_to(0));
  EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
  EXPECT_EQ(on_disk("openspec/changes/x/design.md"), design);
  EXPECT_EQ(put("- [ ] a\n", "- [x] a\n").status, 200);
  EXPECT_EQ(on_disk(kFile), "- [x] a\n");
}

class FullProjectDiskTest : public FullDiskTest {
 protected:
  FullProjectDiskTest() : FullDiskTest("/app") {}

  /// All files but what fills the disk.
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
      const std::string path = std::filesystem::relative(entry.path(), root_);
      if (entry.is_regular_file() && path != "filling" && path != ".specd/.gitignore")
        paths.push_back(path);
    }
    return paths;
  }
  void expect_kept_for_later(const std::string& text) const {
    EXPECT_TRUE(test::comes_true([&] {
      return daemon_.specd({"list"}).out.find("No space left on device") != std::string::npos;
    }));
    EXPECT_THAT(daemon_.specd({"history"}).out, HasSubstr("No space left on device"));
    EXPECT_THAT(daemon_.specd({"status"}).out, HasSubstr("1 edit waits in the database"));
    EXPECT_EQ(on_disk(kFile), "- [ ] a\n");
    EXPECT_THAT(files(), ElementsAre(kFile));
    expect_no_spin();
    disk_.make_room();
    // It would try again by itself, in half a minute.
    EXPECT_EQ(daemon_.specd({"sync", "--wait"}).exit_code, 0);
    EXPECT_TRUE(test::comes_true([&] { return on_disk(kFile) == text; }));
    EXPECT_TRUE(status_comes_to(0));
    EXPECT_THAT(daemon_.specd({"list"}).out, Not(HasSubstr("No space left")));
    EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
  }
  const std::string text_ = std::string(200'000, 'n');
};

TEST_F(FullProjectDiskTest, F61AnEditBySqlThatDoesNotFitIsWrittenOnceThereIsRoom) {
  disk_.fill();
  const auto ran =
      run_foreign(store::Client::shell, daemon_.state() + "/specd.db",
                  "PRAGMA busy_timeout = 2000; UPDATE spec_files SET content = '" + text_ + "';");
  EXPECT_TRUE(ran.ok) << ran.output;
  expect_kept_for_later(text_);
}

TEST_F(FullProjectDiskTest, F61AnEditOverHttpThatDoesNotFitIsPendingUntilThereIsRoom) {
  disk_.fill();
  const auto pending = put("- [ ] a\n", text_);
  EXPECT_EQ(pending.status, 202);
  EXPECT_THAT(pending.body, HasSubstr("No space left on device"));
  expect_kept_for_later(text_);
}

TEST_F(FullProjectDiskTest, F61WhatSpecdEditCannotWriteIsToldAndKept) {
  disk_.fill();
  std::ofstream(daemon_.folder() + "/text") << text_;
  const test::Ran ran = daemon_.run(
      {"env", "EDITOR=cp '" + daemon_.folder() + "/text'", SPECD_BINARY_DIR "/specd", "edit", "x"});
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("is kept and not on disk yet"));
  EXPECT_THAT(ran.err, HasSubstr("No space left on device"));
  expect_kept_for_later(text_);
}

}  // namespace
}  // namespace specd
