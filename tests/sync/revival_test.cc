// Deleted specs that somebody brings back.

#include "sync/revival.h"

#include <fcntl.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "base/fd.h"
#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using spec::Kind;
using testing::HasSubstr;

const std::string kDir = "openspec/changes/x";
const std::string kTasks = kDir + "/tasks.md";
const std::string kDelta = kDir + "/specs/cap/spec.md";

class RevivalTest : public EngineTest {
 protected:
  RevivalTest() {
    put(kTasks, "- [x] 1.1 one\n");
    put(kDir + "/proposal.md", "# The title\n");
    put(kDelta, "delta");
    put(kDir + "/data.bin", std::string("\0\xff", 2));
    before_ = disk();
    add();
    key_ = live(Kind::change, "x")->key;
  }
  void lose() {
    remove(kDir);
    hint(Hint::What::subtree, kDir);
    grace();
    ASSERT_FALSE(live(Kind::change, "x"));
  }
  Result<NewSpecAnswer> restore(std::chrono::milliseconds patience = {}) {
    std::optional<Result<NewSpecAnswer>> told;
    engine_->restore(project_, {.spec = key_, .actor = "tester"}, clock_.steady() + patience,
                     [&](auto answer) { told = std::move(answer); });
    rounds();
    return told ? std::move(*told) : fail(Code::io, "no answer");
  }

  std::map<std::string, std::string> before_;
  SpecKey key_;
};

TEST_F(RevivalTest, ADeletedSpecComesBackWithItsKeyItsFilesAndItsHistory) {
  const size_t entries = history().size();
  lose();
  const auto back = must(restore());
  EXPECT_EQ(back.spec.key, key_);
  EXPECT_FALSE(back.spec.deleted_at);
  EXPECT_EQ(back.spec.dir, kDir);
  EXPECT_EQ(back.edit.files.size(), 4u);
  for (const FileAnswer& file : back.edit.files) EXPECT_EQ(file.end, FileEnd::written) << file.path;
  EXPECT_EQ(disk(), before_);
  expect_in_step();
  const auto spec = live(Kind::change, "x");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->key, key_);
  EXPECT_EQ(spec->title, "The title");
  EXPECT_EQ(spec->tasks_done, 1);
  EXPECT_EQ(history().front().actor, "tester");
  EXPECT_EQ(history().front().direction, store::Direction::db_to_fs);
  EXPECT_GE(history().size(), entries + 2);
  EXPECT_EQ(status().pending_pushes, 0u);
  EXPECT_TRUE(must(tables().specs.contents_of_deleted(key_)).empty());
}

TEST_F(RevivalTest, ItStaysWhenItIsLookedAtAgain) {
  lose();
  must(restore());
  const size_t told = events().size();
  hint(Hint::What::subtree, kDir);
  grace();
  batch();
  reopen();
  EXPECT_EQ(disk(), before_);
  expect_in_step();
  EXPECT_EQ(key(Kind::change, "x"), key_.value.text);
  EXPECT_EQ(events().size(), told) << "nobody hears of our own writing";
}

TEST_F(RevivalTest, ItMayBeDeletedAndComeBackOnceMore) {
  for (int i = 0; i < 2; ++i) {
    lose();
    must(restore());
    EXPECT_EQ(disk(), before_);
  }
  expect_in_step();
}

TEST_F(RevivalTest, AFileThatWasDeletedBeforeStaysAway) {
  remove(kDelta);
  hint(Hint::What::subtree, kDir);
  grace();
  before_.erase(kDelta);
  lose();
  must(restore());
  EXPECT_EQ(disk(), before_);
}

TEST_F(RevivalTest, WhatIsThereByNowIsNotWrittenOver) {
  lose();
  put(kDir + "/other.md", "somebody's");
  const auto refused = restore();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr(kDir));
  EXPECT_EQ(disk(), (std::map<std::string, std::string>{{kDir + "/other.md", "somebody's"}}));
}

TEST_F(RevivalTest, ASpecThatHasItsPlaceByNowIsNamed) {
  lose();
  put(kTasks, "another one");
  hint(Hint::What::subtree, kDir);
  grace();
  batch();
  ASSERT_TRUE(live(Kind::change, "x"));
  ASSERT_NE(live(Kind::change, "x")->key, key_);
  const auto refused = restore();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("another spec has its place"));
}

TEST_F(RevivalTest, TextsWhosePathsAnotherSpecHadMeanwhileComeBack) {
  lose();
  put(kTasks, "another one");
  hint(Hint::What::subtree, kDir);
  grace();
  batch();
  ASSERT_NE(live(Kind::change, "x")->key, key_);
  lose();
  must(restore());
  EXPECT_EQ(disk(), before_);
  EXPECT_EQ(key(Kind::change, "x"), key_.value.text);
  batch();
  expect_in_step();
}

TEST_F(RevivalTest, ASpecThatIsThereIsNotBroughtBack) {
  const auto refused = restore();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  key_ = SpecKey{Ulid{"nobody"}};
  EXPECT_EQ(restore().error().code, Code::not_found);
}

TEST_F(RevivalTest, NothingIsMadeWhereNothingMayBeWritten) {
  lose();
  must(engine_->set_writing(project_, Engine::Writing::forbidden));
  EXPECT_EQ(restore().error().code, Code::refused);
  EXPECT_FALSE(std::filesystem::exists(at(kDir)));
}

TEST_F(RevivalTest, NothingIsLeftBehindWhenTheDatabaseIsLocked) {
  lose();
  {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    auto held = must(other.begin());
    EXPECT_FALSE(restore());
    EXPECT_FALSE(std::filesystem::exists(at(kDir)));
    held.rollback();
  }
  must(restore());
  EXPECT_EQ(disk(), before_);
}

}  // namespace
}  // namespace specd::sync
