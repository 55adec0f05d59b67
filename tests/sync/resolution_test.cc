// Conflicts that people end: by the merge, by what was overruled, or by letting it go.

#include "sync/resolution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using End = ResolutionAnswer::End;
using How = store::Resolution;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using What = Expected::What;

const std::string kDir = "openspec/changes/x";
const std::string kFile = kDir + "/tasks.md";
const std::string kBase = "- [ ] a\n- [ ] b\n- [ ] c\n";
const std::string kEdit = "- [x] a\n- [ ] b\n- [ ] c\n";
const std::string kSave = "- [ ] a\n- [ ] b\n- [ ] d\n";
const std::string kMerge = "- [x] a\n- [ ] b\n- [ ] d\n";

class ResolutionTest : public EngineTest {
 protected:
  ResolutionTest() {
    put(kFile, kBase);
    put(kDir + "/proposal.md", "stays\n");
    add();
  }
  void edit_by_sql(const std::string& set) {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.script("UPDATE spec_files SET " + set + " WHERE path = '" + kFile + "'"));
  }
  // The database has one edit, and the disk another one.
  store::ConflictId conflict_of(const std::string& row, const std::string& disk) {
    edit_by_sql("content = '" + row + "'");
    put(kFile, disk);
    saved(kFile);
    return conflicts().at(0).id;
  }
  static Expected seen(const std::string& text) { return {What::content, sha256(text)}; }
  static Expected nothing() { return {What::nothing, {}}; }

  Result<ResolutionAnswer> resolve(store::ConflictId id, How how, const Expected& expected,
                                   std::optional<std::string> content = {}) {
    std::optional<Result<ResolutionAnswer>> answer;
    engine_->resolve(
        project_,
        {.end = {id, how}, .content = std::move(content), .expected = expected, .actor = "ann"},
        clock_.steady(), [&](auto told) { answer = std::move(told); });
    rounds();
    EXPECT_TRUE(answer);
    return answer ? *answer : fail(Code::busy, "no answer");
  }
  Error refusal(store::ConflictId id, How how, const Expected& expected,
                std::optional<std::string> content = {}) {
    const auto answer = resolve(id, how, expected, std::move(content));
    EXPECT_FALSE(answer);
    return answer ? Error{} : answer.error();
  }
  FileEnd end_of(const Result<ResolutionAnswer>& answer) {
    const auto good = must(answer);
    EXPECT_EQ(good.end, End::resolved);
    return good.edit.files.at(0).end;
  }
  store::Conflict conflict(store::ConflictId id) { return *must(tables().conflicts.get(id)); }
  void expect_kept(const std::string& text) {
    EXPECT_TRUE(must(tables().versions.has(project_, kFile, sha256(text)))) << text;
  }
};

TEST_F(ResolutionTest, TheMergeOfBothIsWritten) {
  const auto id = conflict_of(kEdit, kSave);
  EXPECT_EQ(end_of(resolve(id, How::merged, seen(kSave))), FileEnd::written);
  EXPECT_EQ(disk().at(kFile), kMerge);
  expect_in_step();
  expect_kept(kEdit);
  expect_kept(kSave);
  EXPECT_TRUE(conflicts().empty());
  EXPECT_EQ(conflict(id).resolution, How::merged);
  EXPECT_EQ(conflict(id).resolved_by, "ann");
}

TEST_F(ResolutionTest, IsToldInHistoryAndAsAnEvent) {
  const auto id = conflict_of(kEdit, kSave);
  const size_t told = events().size(), entries = history().size();
  (void)resolve(id, How::merged, seen(kSave));
  ASSERT_EQ(events().size(), told + 3) << "the edit, the resolution, and that it is on disk";
  EXPECT_EQ(events()[told], "spec.updated");
  EXPECT_EQ(events()[told + 1], "conflict.resolved");
  ASSERT_EQ(history().size(), entries + 2);
  const store::HistoryEntry entry = history()[1];
  EXPECT_EQ(entry.direction, store::Direction::db_to_fs);
  EXPECT_EQ(entry.trigger, store::Trigger::user_edit);
  EXPECT_EQ(entry.actor, "ann");
  EXPECT_THAT(entry.files_changed, ElementsAre(kFile));
}

TEST_F(ResolutionTest, AMergeIsMadeWithWhatIsOnDiskByNow) {
  const auto id = conflict_of(kEdit, kSave);
  const std::string later = "- [ ] a\n- [ ] b\n- [ ] e\n";
  put(kFile, later);
  EXPECT_EQ(refusal(id, How::merged, seen(kSave)).code, Code::conflict)
      << "nobody has told of the save yet";
  EXPECT_EQ(disk().at(kFile), later);
  EXPECT_EQ(conflict(id).resolution, How::open);
  EXPECT_EQ(end_of(resolve(id, How::merged, seen(later))), FileEnd::written);
  EXPECT_EQ(disk().at(kFile), "- [x] a\n- [ ] b\n- [ ] e\n");
}

TEST_F(ResolutionTest, WherePlacesAreToBeChosenNothingIsWrittenUnlessSomebodyChose) {
  const auto id = conflict_of("ours\n", "theirs\n");
  const auto unclean = must(resolve(id, How::merged, seen("theirs\n")));
  EXPECT_EQ(unclean.end, End::unclean);
  EXPECT_EQ(unclean.places, 1u);
  EXPECT_EQ(conflict(id).resolution, How::open);
  EXPECT_EQ(refusal(id, How::merged, seen("long ago\n")).code, Code::conflict)
      << "of places in a text that nobody has seen, nobody is told";
  const std::string half = "<<<<<<< disk\ntheirs\n=======\nours\n>>>>>>> edit\n";
  const Error refused = refusal(id, How::merged, seen("theirs\n"), half);
  EXPECT_EQ(refused.code, Code::invalid);
  EXPECT_THAT(refused.message, HasSubstr("take the markers away"));
  EXPECT_EQ(conflict(id).resolution, How::open);
  EXPECT_EQ(end_of(resolve(id, How::merged, seen("theirs\n"), "both\n")), FileEnd::written);
  EXPECT_EQ(disk().at(kFile), "both\n");
  expect_in_step();
}

TEST_F(ResolutionTest, WhatWasOverruledIsRestored) {
  const auto id = conflict_of(kEdit, kSave);
  EXPECT_EQ(end_of(resolve(id, How::restored, seen(kSave))), FileEnd::written);
  EXPECT_EQ(disk().at(kFile), kEdit);
  expect_in_step();
  expect_kept(kSave);
  EXPECT_EQ(conflict(id).resolution, How::restored);
}

TEST_F(ResolutionTest, AFileThatTheDiskHadDeletedIsMadeAgain) {
  edit_by_sql("content = 'edited'");
  remove(kFile);
  saved(kFile);
  grace();
  grace();
  const auto id = conflicts().at(0).id;
  EXPECT_EQ(conflict(id).kind, store::ConflictKind::deleted_on_disk);
  const Error no_merge = refusal(id, How::merged, nothing());
  EXPECT_EQ(no_merge.code, Code::not_found);
  EXPECT_THAT(no_merge.message, HasSubstr("restore what the edit made"));
  EXPECT_EQ(refusal(id, How::restored, seen("edited")).code, Code::conflict);
  EXPECT_EQ(end_of(resolve(id, How::restored, nothing())), FileEnd::written);
  EXPECT_EQ(disk().at(kFile), "edited");
  expect_in_step();
}

TEST_F(ResolutionTest, ADeletionThatWasOverruledDeletesTheFile) {
  edit_by_sql("deleted_at = 1");
  put(kFile, kSave);
  saved(kFile);
  const auto id = conflicts().at(0).id;
  EXPECT_EQ(conflict(id).kind, store::ConflictKind::deleted_in_db);
  EXPECT_EQ(refusal(id, How::merged, seen(kSave)).code, Code::not_found);
  EXPECT_EQ(end_of(resolve(id, How::restored, seen(kSave))), FileEnd::written);
  EXPECT_FALSE(disk().contains(kFile));
  expect_in_step();
  expect_kept(kSave);
}

TEST_F(ResolutionTest, AFileThatIsAsWantedAlreadyIsNotTouched) {
  const auto id = conflict_of(kEdit, kSave);
  put(kFile, kEdit);
  saved(kFile);
  const size_t told = events().size();
  EXPECT_EQ(end_of(resolve(id, How::merged, seen(kEdit))), FileEnd::unchanged);
  EXPECT_EQ(conflict(id).resolution, How::merged);
  ASSERT_EQ(events().size(), told + 1);
  EXPECT_EQ(events().back(), "conflict.resolved");
}

TEST_F(ResolutionTest, WhatIsDismissedMayGoAndNothingElse) {
  const auto id = conflict_of(kEdit, kSave);
  EXPECT_EQ(must(tables().versions.count_displaced(project_)), 1);
  const size_t entries = history().size();
  const auto answer = must(resolve(id, How::dismissed, {}));
  EXPECT_EQ(answer.end, End::resolved);
  EXPECT_TRUE(answer.edit.files.empty());
  EXPECT_EQ(must(tables().versions.count_displaced(project_)), 0);
  EXPECT_EQ(conflict(id).resolution, How::dismissed);
  EXPECT_EQ(disk().at(kFile), kSave);
  expect_in_step();
  EXPECT_EQ(events().back(), "conflict.resolved");
  EXPECT_EQ(history().size(), entries + 1);
}

TEST_F(ResolutionTest, WhatAnotherConflictRestsOnIsKeptWhenOneIsDismissed) {
  const auto first = conflict_of(kEdit, kSave);
  edit_by_sql("content = '" + kEdit + "'");
  put(kFile, "another save\n");
  saved(kFile);
  ASSERT_EQ(conflicts().size(), 2u);
  (void)resolve(first, How::dismissed, {});
  EXPECT_GT(must(tables().versions.count_displaced(project_)), 0);
  (void)resolve(conflicts().at(0).id, How::dismissed, {});
  EXPECT_EQ(must(tables().versions.count_displaced(project_)), 0);
}

TEST_F(ResolutionTest, NoneIsResolvedTwice) {
  const auto id = conflict_of(kEdit, kSave);
  (void)resolve(id, How::dismissed, {});
  for (const How how : {How::merged, How::restored, How::dismissed}) {
    const auto again = must(resolve(id, how, seen(kSave)));
    EXPECT_EQ(again.end, End::was);
    EXPECT_EQ(again.conflict.resolution, How::dismissed);
    EXPECT_EQ(again.conflict.resolved_by, "ann");
  }
  EXPECT_EQ(disk().at(kFile), kSave);
  EXPECT_EQ(refusal(store::ConflictId{99}, How::dismissed, {}).code, Code::not_found);
}

TEST_F(ResolutionTest, NothingIsWrittenForADeletedSpec) {
  const auto id = conflict_of(kEdit, kSave);
  remove(kDir);
  hint(Hint::What::subtree, kDir);
  grace();
  grace();
  ASSERT_FALSE(live(spec::Kind::change, "x"));
  const Error refused = refusal(id, How::restored, nothing());
  EXPECT_EQ(refused.code, Code::refused);
  EXPECT_THAT(refused.message, HasSubstr("put its folder back first"));
  EXPECT_EQ(must(resolve(id, How::dismissed, {})).end, End::resolved);
}

TEST_F(ResolutionTest, AnEditThatIsRefusedLeavesItOpen) {
  const auto id = conflict_of(kEdit, kSave);
  (void)must(engine_->set_writing(project_, Engine::Writing::forbidden));
  EXPECT_EQ(refusal(id, How::merged, seen(kSave)).code, Code::refused);
  EXPECT_EQ(conflict(id).resolution, How::open);
  EXPECT_EQ(must(resolve(id, How::dismissed, {})).end, End::resolved) << "the disk is not touched";
}

// What cannot be written of it takes all of it back, whichever statement it is.
TEST_F(ResolutionTest, EditAndResolutionAreOneTransaction) {
  const auto id = conflict_of(kEdit, kSave);
  const char* const failures[] = {
      "BEFORE UPDATE ON conflicts",
      "BEFORE INSERT ON events WHEN NEW.type = 'conflict.resolved'",
      "BEFORE INSERT ON sync_history",
      "BEFORE UPDATE ON spec_files",
  };
  for (const std::string failure : failures) {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(
        other.script("CREATE TRIGGER broken " + failure + " BEGIN SELECT RAISE(ABORT, 'no'); END"));
    EXPECT_FALSE(resolve(id, How::merged, seen(kSave))) << failure;
    must(other.run("DROP TRIGGER broken"));
    EXPECT_EQ(conflict(id).resolution, How::open) << failure;
    EXPECT_EQ(row(kFile), kSave) << failure;
    EXPECT_EQ(disk().at(kFile), kSave) << failure;
    EXPECT_THAT(events(), testing::Not(Contains("conflict.resolved")));
  }
  EXPECT_EQ(end_of(resolve(id, How::merged, seen(kSave))), FileEnd::written);
  reopen();
  EXPECT_EQ(conflict(id).resolution, How::merged);
  EXPECT_EQ(disk().at(kFile), kMerge);
  expect_in_step();
}

}  // namespace
}  // namespace specd::sync
