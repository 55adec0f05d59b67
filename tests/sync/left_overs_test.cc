#include "sync/left_overs.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/fd.h"
#include "tests/fake/hook_ops.h"
#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using testing::SizeIs;
using Call = HookOps::Call;

const std::string kDir = "openspec/changes/x";
const std::string kTasks = kDir + "/tasks.md";

/// What lies in the staging folder, after a push and after a crash.
class LeftOversTest : public EngineTest {
 protected:
  LeftOversTest() {
    put(kTasks, "base");
    settle(kTasks);
    add();
  }

  Result<std::unique_ptr<FileOps>> open_ops(const std::string& root) override {
    auto ops = std::make_unique<HookOps>(must(posix_file_ops(root)));
    ops_ = ops.get();
    if (!can_exchange_) refuse_exchanges();
    return ops;
  }
  void refuse_exchanges() {
    ops_->before([](Call call) -> std::optional<Error> {
      if (call != Call::exchange) return std::nullopt;
      return Error{Code::io, "exchange", EINVAL};
    });
  }
  void edit(std::optional<std::string> content) {
    engine_->edit(project_,
                  {.files = {{kTasks, std::move(content), {Expected::What::anything, {}}}}},
                  clock_.steady(), [](const auto& answer) { EXPECT_TRUE(answer); });
    rounds();
  }
  [[nodiscard]] std::string staging() const {
    return dir_.path() + "/state/staging/" + must(store_->tables.projects.list()).front().uuid;
  }
  [[nodiscard]] std::vector<std::string> staged() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(staging()))
      names.push_back(entry.path());
    return names;
  }
  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary | std::ios::in | std::ios::out | std::ios::trunc) << text;
  }
  /// A staged file, as a crash may have left it. `made`: with which content we made it.
  void plant(const std::string& text, const std::optional<std::string>& made = std::nullopt,
             const std::string& of = kTasks) {
    const std::string name =
        StagingArea::name_for(StagingPlace::state_folder, of, StagingArea::nonce(random_),
                              made ? std::optional(sha256(*made)) : std::nullopt);
    std::ofstream(staging() + "/" + name, std::ios::binary) << text;
  }
  [[nodiscard]] bool is_kept(const std::string& text) {
    return must(tables().versions.content(sha256(text))) == text;
  }

  HookOps* ops_ = nullptr;
  bool can_exchange_ = true;
};

TEST_F(LeftOversTest, WhatWasDisplacedGoesAfterASecond) {
  edit("ours");
  ASSERT_THAT(staged(), SizeIs(1));
  wait(std::chrono::milliseconds(900));
  EXPECT_THAT(staged(), SizeIs(1)) << "somebody may still be saving into it";
  wait(std::chrono::milliseconds(101));
  EXPECT_THAT(staged(), SizeIs(0));
  EXPECT_TRUE(conflicts().empty());
  EXPECT_TRUE(is_kept("base"));
}

TEST_F(LeftOversTest, ASaveIntoADisplacedFileComesBackAndOursIsKept) {
  edit("ours");
  write(staged().front(), "saved late");
  wait(std::chrono::milliseconds(1'001));
  EXPECT_EQ(disk().at(kTasks), "saved late");
  expect_in_step();
  ASSERT_EQ(conflicts().size(), 1u);
  EXPECT_EQ(conflicts().front().kind, store::ConflictKind::overwritten);
  EXPECT_EQ(conflicts().front().row, sha256("ours"));
  EXPECT_EQ(conflicts().front().disk, sha256("saved late"));
  EXPECT_TRUE(is_kept("ours"));
  wait(std::chrono::milliseconds(1'001));
  EXPECT_THAT(staged(), SizeIs(0));
  EXPECT_EQ(disk().at(kTasks), "saved late");
}

// Syncing the folder and telling of the conflict take as long as the disk does.
TEST_F(LeftOversTest, NoSaveWaitsWhileWhatComesBackIsMadeDurable) {
  edit("ours");
  write(staged().front(), "saved late");
  bool is_free = false;
  ops_->before([&](Call call) -> std::optional<Error> {
    if (call != Call::sync) return std::nullopt;
    is_free = static_cast<bool>(Fd(::open(at(kTasks).c_str(), O_WRONLY | O_NONBLOCK)));
    return std::nullopt;
  });
  wait(std::chrono::milliseconds(1'001));
  ops_->undisturbed();
  EXPECT_EQ(disk().at(kTasks), "saved late");
  EXPECT_TRUE(is_free) << "its lease was still held";
}

TEST_F(LeftOversTest, WhatIsLeftOfASpecThatWasRenamedIsJudgedByTheNextRun) {
  edit("ours");
  write(staged().front(), "saved late");
  rename(kDir, "openspec/changes/y");
  hint(Hint::What::moved, "openspec/changes/y", kDir);
  reopen();
  for (int i = 0; i < 3; ++i) wait(std::chrono::milliseconds(1'001));
  EXPECT_THAT(staged(), SizeIs(0));
  EXPECT_TRUE(is_kept("saved late"));
  EXPECT_TRUE(is_kept("base"));
  EXPECT_EQ(conflicts().size(), 1u);
}

TEST_F(LeftOversTest, WhatIsLeftInTheProjectIsJudgedAlsoByARunThatStagesElsewhere) {
  std::filesystem::create_directory(at(".specd"));
  const std::string left = at(".specd/") + StagingArea::name_for(StagingPlace::project, kTasks,
                                                                 StagingArea::nonce(random_));
  std::ofstream(left) << "what somebody saved";
  reopen();
  for (int i = 0; i < 3; ++i) wait(std::chrono::milliseconds(1'001));
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_TRUE(is_kept("what somebody saved"));
}

TEST_F(LeftOversTest, ASaveIntoADisplacedFileComesBackToWhereItsSpecIsNow) {
  edit("ours");
  write(staged().front(), "saved late");
  rename(kDir, "openspec/changes/y");
  hint(Hint::What::moved, "openspec/changes/y", kDir);
  wait(std::chrono::milliseconds(1'001));
  EXPECT_EQ(disk().at("openspec/changes/y/tasks.md"), "saved late");
  expect_in_step();
  EXPECT_TRUE(is_kept("ours"));
}

TEST_F(LeftOversTest, ASaveIntoADisplacedFileIsKeptWhereTheFileHasMovedOn) {
  edit("ours");
  put(kTasks, "theirs");
  write(staged().front(), "saved late");
  saved(kTasks);
  wait(std::chrono::milliseconds(1'001));
  EXPECT_EQ(disk().at(kTasks), "theirs");
  ASSERT_EQ(conflicts().size(), 1u);
  EXPECT_EQ(conflicts().front().row, sha256("saved late"));
  EXPECT_TRUE(is_kept("saved late"));
  EXPECT_THAT(staged(), SizeIs(0));
}

TEST_F(LeftOversTest, ASaveIntoADeletedFileBringsItBack) {
  edit(std::nullopt);
  ASSERT_FALSE(disk().contains(kTasks));
  write(staged().front(), "saved late");
  wait(std::chrono::milliseconds(1'001));
  EXPECT_EQ(disk().at(kTasks), "saved late");
  expect_in_step();
  EXPECT_EQ(conflicts().size(), 1u);
}

TEST_F(LeftOversTest, IsLeftAloneWhileSomebodyWritesToIt) {
  edit("ours");
  std::optional<Fd> writer(::open(staged().front().c_str(), O_WRONLY));
  wait(std::chrono::milliseconds(1'001));
  ASSERT_THAT(staged(), SizeIs(1));
  ASSERT_EQ(::write(writer->get(), "late", 4), 4);
  writer.reset();
  wait(std::chrono::milliseconds(501));
  EXPECT_EQ(disk().at(kTasks), "late");
  expect_in_step();
}

TEST_F(LeftOversTest, F51WhatTheDatabaseHasIsRemovedAfterACrash) {
  edit("ours");
  plant("base");
  plant("ours");
  reopen();
  EXPECT_THAT(staged(), SizeIs(0));
  EXPECT_TRUE(conflicts().empty());
  EXPECT_EQ(disk().at(kTasks), "ours");
  expect_in_step();
}

TEST_F(LeftOversTest, F51WhatNobodyKnowsIsKeptAfterACrash) {
  edit("ours");
  plant("somebody's");
  reopen();
  EXPECT_THAT(staged(), SizeIs(0));
  EXPECT_EQ(disk().at(kTasks), "ours");
  ASSERT_EQ(conflicts().size(), 1u);
  EXPECT_EQ(conflicts().front().row, sha256("somebody's"));
  EXPECT_TRUE(is_kept("somebody's"));
}

// The kill came after the exchange, before the new base: a save that came out with it is the later
// one.
// The file is made while the edit is committed, and may be ready first.
TEST_F(LeftOversTest, F51WhatWasMadeForAnEditThatWasNotCommittedIsNoConflict) {
  plant("ours", "ours");
  plant("new", "new", kDir + "/design.md");
  reopen();
  EXPECT_THAT(staged(), SizeIs(0));
  EXPECT_THAT(conflicts(), SizeIs(0));
  EXPECT_EQ(disk().at(kTasks), "base");
}

TEST_F(LeftOversTest, F51WhatSomebodyWroteIntoAFileThatWeMadeIsKeptAfterACrash) {
  plant("theirs", "ours");
  plant("theirs, too", "new", kDir + "/design.md");
  reopen();
  EXPECT_THAT(staged(), SizeIs(1)) << "nobody knows of what";
  EXPECT_THAT(conflicts(), SizeIs(1));
  EXPECT_TRUE(is_kept("theirs"));
}

TEST_F(LeftOversTest, F51ASaveThatWasDisplacedByACrashComesBack) {
  must(engine_->set_writing(project_, Engine::Writing::forbidden));
  {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.run("UPDATE spec_files SET content = 'ours' WHERE path = ?", kTasks));
  }
  must(engine_->set_writing(project_, Engine::Writing::allowed));
  engine_.reset();
  put(kTasks, "ours");
  plant("theirs");
  store_.reset();
  open();
  rounds();
  EXPECT_EQ(disk().at(kTasks), "theirs");
  expect_in_step();
  ASSERT_EQ(conflicts().size(), 1u);
  EXPECT_EQ(conflicts().front().kind, store::ConflictKind::both_changed);
  EXPECT_TRUE(is_kept("ours"));
  wait(std::chrono::milliseconds(1'001));
  EXPECT_THAT(staged(), SizeIs(0));
}

TEST_F(LeftOversTest, F51AFileThatWasMovedAsideGoesBack) {
  const std::string aside =
      at(kDir) + "/" + StagingArea::name_for(StagingPlace::aside, kTasks, "0123456789abcdef");
  engine_.reset();
  std::filesystem::rename(at(kTasks), aside);
  store_.reset();
  options_.is_after_crash = true;
  open();
  engine_->set_sound();
  rounds();
  EXPECT_EQ(disk(), (std::map<std::string, std::string>{{kTasks, "base"}}));
  expect_in_step();
}

TEST_F(LeftOversTest, WorksWhereFilesCannotBeExchanged) {
  can_exchange_ = false;
  refuse_exchanges();
  edit("ours");
  EXPECT_EQ(disk().at(kTasks), "ours");
  wait(std::chrono::milliseconds(1'001));
  EXPECT_EQ(disk(), (std::map<std::string, std::string>{{kTasks, "ours"}}));
  expect_in_step();
  EXPECT_THAT(staged(), SizeIs(0));
}

TEST_F(LeftOversTest, WhatCannotBeJudgedIsKeptAndNotTriedAllTheTime) {
  edit("ours");
  write(staged().front(), std::string(size_t{17} << 20, 'x'));
  wait(std::chrono::milliseconds(1'001));
  EXPECT_THAT(staged(), SizeIs(1));
  const auto next = engine_->project(project_)->next();
  ASSERT_TRUE(next);
  EXPECT_GT(*next, clock_.steady() + std::chrono::seconds(20));
}

TEST_F(LeftOversTest, AStrangersFileIsNotTouched) {
  std::ofstream(staging() + "/0123456789abcdef0123456789abcdef.0123456789abcdef") << "whose?";
  std::ofstream(staging() + "/notes.txt") << "mine";
  reopen();
  wait(std::chrono::milliseconds(1'001));
  EXPECT_THAT(staged(), SizeIs(2));
}

}  // namespace
}  // namespace specd::sync
