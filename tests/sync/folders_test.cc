// Folders that come with the files in them, and go with the last one.

#include "sync/folders.h"

#include <fcntl.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "base/fd.h"
#include "tests/fake/hook_ops.h"
#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using Call = HookOps::Call;

const std::string kDir = "openspec/changes/x";
const std::string kTasks = kDir + "/tasks.md";
const std::string kDelta = kDir + "/specs/cap/deep/spec.md";

class FoldersTest : public EngineTest {
 protected:
  FoldersTest() {
    put(kTasks, "one");
    put(kDelta, "delta");
    settle(kDelta);
    add();
  }
  Result<std::unique_ptr<FileOps>> open_ops(const std::string& root) override {
    auto ops = std::make_unique<HookOps>(must(posix_file_ops(root)));
    ops_ = ops.get();
    if (is_all_beside_) {
      ops_->before([](Call call) -> std::optional<Error> {
        if (call != Call::is_one_mount && call != Call::open_staging) return std::nullopt;
        return Error{Code::io, "another mount", EXDEV};
      });
    }
    return ops;
  }
  FileEnd remove_files(const std::vector<std::string>& paths) {
    FileEnd end = FileEnd::superseded;
    EditRequest request;
    for (const std::string& path : paths)
      request.files.push_back({path, std::nullopt, {Expected::What::anything, {}}});
    engine_->edit(project_, request, clock_.steady(),
                  [&](const auto& answer) { end = must(answer).files.front().end; });
    rounds();
    return end;
  }
  bool is_there(const std::string& path) const { return std::filesystem::exists(at(path)); }
  /// Somebody acts just before each folder is to go.
  void when_a_folder_goes(std::function<void()> act) {
    ops_->before([act = std::move(act)](Call call) -> std::optional<Error> {
      if (call == Call::remove_folder) act();
      return std::nullopt;
    });
  }
  [[nodiscard]] std::string staged() const {
    const std::string folder =
        dir_.path() + "/state/staging/" + must(store_->tables.projects.list()).front().uuid;
    return std::filesystem::directory_iterator(folder)->path();
  }

  HookOps* ops_ = nullptr;
  bool is_all_beside_ = false;
};

TEST_F(FoldersTest, ADeletionTakesTheFoldersAlongThatItEmpties) {
  EXPECT_EQ(remove_files({kDelta}), FileEnd::written);
  EXPECT_FALSE(is_there(kDir + "/specs"));
  EXPECT_TRUE(is_there(kTasks));
  expect_in_step();
  EXPECT_EQ(status().pending_pushes, 0u);
  batch();
  expect_in_step();
}

TEST_F(FoldersTest, TheFoldersOfTwoFilesOfOneEditGo) {
  put(kDir + "/specs/cap/other.md", "other");
  saved(kDir + "/specs/cap/other.md");
  batch();
  EXPECT_EQ(remove_files({kDelta, kDir + "/specs/cap/other.md"}), FileEnd::written);
  EXPECT_FALSE(is_there(kDir + "/specs"));
  expect_in_step();
}

TEST_F(FoldersTest, TheFolderOfTheSpecStays) {
  EXPECT_EQ(remove_files({kDelta, kTasks}), FileEnd::written);
  EXPECT_TRUE(is_there(kDir));
  EXPECT_TRUE(std::filesystem::is_empty(at(kDir)));
}

TEST_F(FoldersTest, WhatIsNotEmptyStaysWithAllThatIsAroundIt) {
  put(kDir + "/specs/cap/.gitkeep", "");
  EXPECT_EQ(remove_files({kDelta}), FileEnd::written);
  EXPECT_FALSE(is_there(kDir + "/specs/cap/deep"));
  EXPECT_TRUE(is_there(kDir + "/specs/cap/.gitkeep"));
}

TEST_F(FoldersTest, AFileThatComesAtThatMomentStays) {
  when_a_folder_goes([this] { put(kDir + "/specs/cap/deep/new.md", "just now"); });
  EXPECT_EQ(remove_files({kDelta}), FileEnd::written);
  ops_->undisturbed();
  hint(Hint::What::subtree, kDir);
  EXPECT_EQ(disk().at(kDir + "/specs/cap/deep/new.md"), "just now");
  expect_in_step();
}

TEST_F(FoldersTest, ItIsNoMatterIfSomebodyElseTakesThemAway) {
  when_a_folder_goes([this] { remove(kDir + "/specs"); });
  EXPECT_EQ(remove_files({kDelta}), FileEnd::written);
  EXPECT_FALSE(is_there(kDir + "/specs"));
  expect_in_step();
}

TEST_F(FoldersTest, TheirNamesAreGoneDurablyBeforeThatIsWrittenDown) {
  std::vector<Call> calls;
  ops_->before([&](Call call) -> std::optional<Error> {
    if (call == Call::remove_folder || call == Call::sync) calls.push_back(call);
    return std::nullopt;
  });
  EXPECT_EQ(remove_files({kDelta}), FileEnd::written);
  ASSERT_EQ(std::ranges::count(calls, Call::remove_folder), 3);
  const auto after = std::find(calls.rbegin(), calls.rend(), Call::remove_folder).base();
  EXPECT_GE(std::count(after, calls.end(), Call::sync), 1) << "of what is left";
}

TEST_F(FoldersTest, AFailureToMakeThatDurableIsTriedAgain) {
  bool has_failed = false;
  ops_->before([&, is_next = false](Call call) mutable -> std::optional<Error> {
    is_next = is_next || call == Call::remove_folder;
    if (call != Call::sync || !is_next || has_failed) return std::nullopt;
    has_failed = true;
    return Error{Code::io, "sync", EIO};
  });
  (void)remove_files({kDelta});
  wait(std::chrono::seconds(6));
  EXPECT_TRUE(has_failed);
  EXPECT_FALSE(is_there(kDir + "/specs"));
  expect_in_step();
  EXPECT_EQ(status().failure, "");
  EXPECT_EQ(status().pending_pushes, 0u);
}

TEST_F(FoldersTest, ALateSaveIntoTheDeletedFileComesBackWithItsFolders) {
  EXPECT_EQ(remove_files({kDelta}), FileEnd::written);
  ASSERT_FALSE(is_there(kDir + "/specs"));
  std::ofstream(staged(), std::ios::binary) << "saved late";
  wait(std::chrono::milliseconds(1'001));
  grace();
  EXPECT_EQ(disk().at(kDelta), "saved late");
  expect_in_step();
  EXPECT_EQ(conflicts().size(), 1u);
}

TEST_F(FoldersTest, ALateSaveMakesNoFolderOfASpecThatIsGone) {
  EXPECT_EQ(remove_files({kDelta}), FileEnd::written);
  std::ofstream(staged(), std::ios::binary) << "saved late";
  remove(kDir);
  wait(std::chrono::milliseconds(1'001));
  EXPECT_FALSE(is_there(kDir));
  EXPECT_EQ(must(tables().versions.content(sha256("saved late"))), "saved late");
}

class BesideTest : public FoldersTest {
 protected:
  BesideTest() {
    is_all_beside_ = true;
    reopen();
  }
};

TEST_F(BesideTest, WhereTheDeletedFileLiesBesideItsPlaceTheFoldersGoWithIt) {
  EXPECT_EQ(remove_files({kDelta}), FileEnd::written);
  EXPECT_TRUE(is_there(kDir + "/specs/cap/deep")) << "what was deleted is still in it";
  wait(std::chrono::milliseconds(1'001));
  EXPECT_FALSE(is_there(kDir + "/specs"));
  EXPECT_TRUE(is_there(kTasks));
}

}  // namespace
}  // namespace specd::sync
