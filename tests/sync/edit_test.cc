#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/fd.h"
#include "tests/fake/hook_ops.h"
#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Call = HookOps::Call;
using What = Expected::What;

const std::string kDir = "openspec/changes/x";
const std::string kTasks = kDir + "/tasks.md";
const std::string kProposal = kDir + "/proposal.md";

/// Edits through the engine, on the real disk, between whose calls a test may step.
class EditTest : public EngineTest {
 protected:
  EditTest() {
    put(kTasks, "- [ ] 1.1 one\n");
    put(kProposal, "# Before\n");
    settle(kTasks);
    settle(kProposal);
    add();
  }

  Result<std::unique_ptr<FileOps>> open_ops(const std::string& root) override {
    auto ops = std::make_unique<HookOps>(must(posix_file_ops(root)));
    ops_ = ops.get();
    return ops;
  }
  static FileEdit change(const std::string& path, std::optional<std::string> content,
                         const std::string& seen) {
    return {path, std::move(content), {What::content, sha256(seen)}};
  }
  /// The answer; none as long as there is none.
  std::optional<Result<EditAnswer>>& edit(std::vector<FileEdit> files,
                                          std::chrono::milliseconds wait = {}) {
    answer_.reset();
    engine_->edit(project_, {.files = std::move(files), .actor = "tester"}, clock_.steady() + wait,
                  [this](auto answer) { answer_ = std::move(answer); });
    rounds();
    return answer_;
  }
  FileEnd end_of(std::vector<FileEdit> files) {
    auto& answer = edit(std::move(files));
    EXPECT_TRUE(answer && *answer) << (answer ? answer->error().message : "no answer");
    return answer && *answer ? (*answer)->files.front().end : FileEnd::superseded;
  }
  Error refusal(std::vector<FileEdit> files) {
    auto& answer = edit(std::move(files));
    EXPECT_TRUE(answer && !*answer);
    return answer && !*answer ? answer->error() : Error{};
  }
  void when(Call call, std::function<void()> act) {
    ops_->before([this, call, act = std::move(act)](Call now) -> std::optional<Error> {
      if (now != call) return std::nullopt;
      const auto once = act;
      ops_->undisturbed();
      once();
      return std::nullopt;
    });
  }

  HookOps* ops_ = nullptr;
  std::optional<Result<EditAnswer>> answer_;
};

TEST_F(EditTest, F35IsOnDiskAndInTheDatabaseWhenItIsAnswered) {
  EXPECT_EQ(end_of({change(kTasks, "- [x] 1.1 one\n", "- [ ] 1.1 one\n")}), FileEnd::written);
  EXPECT_EQ(disk().at(kTasks), "- [x] 1.1 one\n");
  expect_in_step();
  EXPECT_EQ(live(spec::Kind::change, "x")->tasks_done, 1);
  EXPECT_EQ(status().pending_pushes, 0u);
  const store::HistoryEntry entry = history().front();
  EXPECT_EQ(entry.direction, store::Direction::db_to_fs);
  EXPECT_EQ(entry.trigger, store::Trigger::user_edit);
  EXPECT_EQ(entry.origin, "api");
  EXPECT_EQ(entry.actor, "tester");
  EXPECT_THAT(entry.files_changed, ElementsAre(kTasks));
  EXPECT_TRUE(must(tables().versions.has(project_, kTasks, sha256("- [ ] 1.1 one\n"))));
}

TEST_F(EditTest, F35OurOwnWriteIsNoChangeThatComesBack) {
  (void)edit({change(kTasks, "ours\n", "- [ ] 1.1 one\n")});
  const size_t entries = history().size();
  const size_t told = events().size();
  saved(kTasks);
  hint(Hint::What::subtree, kDir);
  batch();
  EXPECT_EQ(history().size(), entries);
  EXPECT_EQ(events().size(), told);
  EXPECT_EQ(status().missed_by_watcher, 0u);
}

TEST_F(EditTest, F50AnUnchangedTextTouchesNothing) {
  const auto before = std::filesystem::last_write_time(at(kTasks));
  const size_t told = events().size();
  EXPECT_EQ(end_of({change(kTasks, "- [ ] 1.1 one\n", "- [ ] 1.1 one\n")}), FileEnd::unchanged);
  EXPECT_EQ(std::filesystem::last_write_time(at(kTasks)), before);
  EXPECT_EQ(events().size(), told);
}

TEST_F(EditTest, IsRefusedWhereTheFileIsNotWhatTheClientSaw) {
  EXPECT_EQ(refusal({change(kTasks, "ours", "long ago")}).code, Code::conflict);
  // Saved, and nobody has told yet.
  put(kTasks, "theirs");
  EXPECT_EQ(refusal({change(kTasks, "ours", "- [ ] 1.1 one\n")}).code, Code::conflict);
  EXPECT_EQ(disk().at(kTasks), "theirs");
  EXPECT_EQ(row(kTasks), "theirs");
  EXPECT_EQ(refusal({{kTasks, "ours", {What::nothing, {}}}}).code, Code::conflict);
  EXPECT_EQ(refusal({change(kDir + "/new.md", "ours", "x")}).code, Code::conflict);
}

TEST_F(EditTest, F38ASaveBetweenTheCheckAndTheExchangeWins) {
  when(Call::exchange, [this] {
    put(kTasks + ".new", "theirs");
    rename(kTasks + ".new", kTasks);
  });
  auto& answer = edit({change(kTasks, "ours", "- [ ] 1.1 one\n")});
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->files.front().end, FileEnd::overruled);
  ASSERT_TRUE((*answer)->files.front().conflict);
  EXPECT_EQ(disk().at(kTasks), "theirs");
  expect_in_step();
  const auto conflict = must(tables().conflicts.get(*(*answer)->files.front().conflict));
  EXPECT_EQ(conflict->row, sha256("ours"));
  EXPECT_EQ(conflict->disk, sha256("theirs"));
  EXPECT_EQ(must(tables().versions.content(sha256("ours"))), "ours");
}

TEST_F(EditTest, F37TheSameSaveOfSomebodyElseIsNoConflict) {
  when(Call::exchange, [this] {
    put(kTasks + ".new", "ours");
    rename(kTasks + ".new", kTasks);
  });
  EXPECT_EQ(end_of({change(kTasks, "ours", "- [ ] 1.1 one\n")}), FileEnd::written);
  EXPECT_TRUE(conflicts().empty());
  expect_in_step();
}

TEST_F(EditTest, F39WaitsForAnEditorThatHasTheFileOpen) {
  std::optional<Fd> writer(::open(at(kTasks).c_str(), O_WRONLY));
  auto& answer = edit({change(kTasks, "ours", "- [ ] 1.1 one\n")}, std::chrono::seconds(2));
  EXPECT_FALSE(answer);
  EXPECT_EQ(row(kTasks), "ours") << "the edit is kept";
  EXPECT_EQ(status().pending_pushes, 1u);
  writer.reset();
  saved(kTasks);
  wait(std::chrono::milliseconds(100));
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->files.front().end, FileEnd::written);
  expect_in_step();
}

TEST_F(EditTest, F39IsAnsweredAsPendingAfterAWhileAndDoneLater) {
  std::optional<Fd> writer(::open(at(kTasks).c_str(), O_WRONLY));
  auto& answer = edit({change(kTasks, "ours", "- [ ] 1.1 one\n")}, std::chrono::seconds(2));
  wait(std::chrono::milliseconds(2'001));
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->files.front().end, FileEnd::pending);
  EXPECT_THAT((*answer)->files.front().why, HasSubstr("another program"));
  writer.reset();
  wait(std::chrono::milliseconds(1'100));
  EXPECT_EQ(disk().at(kTasks), "ours");
  expect_in_step();
}

TEST_F(EditTest, F45AFileThatIsDeletedMeanwhileStaysDeletedAndTheTextIsKept) {
  when(Call::exchange, [this] { remove(kTasks); });
  (void)edit({change(kTasks, "ours", "- [ ] 1.1 one\n")}, std::chrono::seconds(3));
  grace();
  rounds();
  ASSERT_TRUE(answer_ && *answer_);
  EXPECT_EQ((*answer_)->files.front().end, FileEnd::overruled);
  EXPECT_FALSE(disk().contains(kTasks));
  expect_in_step();
  ASSERT_EQ(conflicts().size(), 1u);
  EXPECT_EQ(conflicts().front().kind, store::ConflictKind::deleted_on_disk);
  EXPECT_EQ(must(tables().versions.content(sha256("ours"))), "ours");
}

TEST_F(EditTest, F46ADeletionDoesNotTakeAnEditAlong) {
  when(Call::rename, [this] {
    put(kTasks + ".new", "theirs");
    rename(kTasks + ".new", kTasks);
  });
  (void)edit({change(kTasks, std::nullopt, "- [ ] 1.1 one\n")}, std::chrono::seconds(1));
  wait(std::chrono::milliseconds(100));
  ASSERT_TRUE(answer_ && *answer_);
  EXPECT_EQ((*answer_)->files.front().end, FileEnd::overruled);
  EXPECT_EQ(disk().at(kTasks), "theirs");
  expect_in_step();
  ASSERT_EQ(conflicts().size(), 1u);
  EXPECT_EQ(conflicts().front().kind, store::ConflictKind::deleted_in_db);
}

TEST_F(EditTest, MakesAndDeletesFiles) {
  const std::string path = kDir + "/specs/deep/spec.md";
  EXPECT_EQ(end_of({{path, "## ADDED Requirements\n", {What::nothing, {}}}}), FileEnd::written);
  EXPECT_EQ(disk().at(path), "## ADDED Requirements\n");
  expect_in_step();
  EXPECT_EQ(must(tables().files.peek(project_, path))->role, spec::Role::delta);
  EXPECT_EQ(end_of({change(path, std::nullopt, "## ADDED Requirements\n")}), FileEnd::written);
  EXPECT_FALSE(disk().contains(path));
  expect_in_step();
  // And again, where a row of before is.
  EXPECT_EQ(end_of({{path, "again", {What::nothing, {}}}}), FileEnd::written);
  EXPECT_EQ(disk().at(path), "again");
  expect_in_step();
}

TEST_F(EditTest, F48SeveralFilesAreOneIntentAndOnlyWhatChangesIsWritten) {
  const auto before = std::filesystem::last_write_time(at(kProposal));
  auto& answer = edit({change(kTasks, "ours", "- [ ] 1.1 one\n"),
                       change(kProposal, "# Before\n", "# Before\n"),
                       {kDir + "/design.md", "new", {What::nothing, {}}}});
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->files[0].end, FileEnd::written);
  EXPECT_EQ((*answer)->files[1].end, FileEnd::unchanged);
  EXPECT_EQ((*answer)->files[2].end, FileEnd::written);
  EXPECT_EQ(std::filesystem::last_write_time(at(kProposal)), before);
  EXPECT_EQ(must(tables().files.peek(project_, kTasks))->edit, (*answer)->id);
  EXPECT_EQ(must(tables().files.peek(project_, kDir + "/design.md"))->edit, (*answer)->id);
  EXPECT_THAT(history().front().files_changed, ElementsAre(kTasks, kDir + "/design.md"));
  // None of them, where one is not as it was seen.
  EXPECT_EQ(refusal({change(kTasks, "more", "ours"), change(kProposal, "no", "?")}).code,
            Code::conflict);
  EXPECT_EQ(row(kTasks), "ours");
}

TEST_F(EditTest, WhatIsOverwrittenUnseenIsKeptUntilAPersonDismissesIt) {
  put(kTasks, "theirs");
  EXPECT_EQ(end_of({{kTasks, "ours", {What::anything, {}}}}), FileEnd::written);
  EXPECT_EQ(disk().at(kTasks), "ours");
  engine_->sync_now({}, clock_.steady(), [](auto) {});
  while (must(tables().rescued.count()) != 0) batch();
  const auto versions = must(tables().versions.list(project_, kTasks, 10));
  ASSERT_FALSE(versions.empty());
  EXPECT_EQ(versions.front().digest, sha256("theirs"));
  EXPECT_EQ(versions.front().reason, store::Reason::displaced);
}

TEST_F(EditTest, F42WhatCannotBeWrittenIsToldAndKept) {
  std::filesystem::permissions(at(kTasks), std::filesystem::perms(0444));
  auto& answer = edit({change(kTasks, "ours", "- [ ] 1.1 one\n")}, std::chrono::hours(1));
  ASSERT_TRUE(answer && *answer) << "nobody waits for what no time mends";
  EXPECT_EQ((*answer)->files.front().end, FileEnd::pending);
  EXPECT_THAT((*answer)->files.front().why, HasSubstr("write-protected"));
  EXPECT_THAT(live(spec::Kind::change, "x")->sync_error, HasSubstr("write-protected"));
  EXPECT_EQ(disk().at(kTasks), "- [ ] 1.1 one\n");
  const size_t entries = history().size();
  batch();
  EXPECT_EQ(history().size(), entries) << "the same error is told once";
  EXPECT_THAT(live(spec::Kind::change, "x")->sync_error, HasSubstr("write-protected"));
  std::filesystem::permissions(at(kTasks), std::filesystem::perms(0644));
  batch();
  batch();
  EXPECT_EQ(disk().at(kTasks), "ours");
  EXPECT_EQ(live(spec::Kind::change, "x")->sync_error, "");
  expect_in_step();
}

TEST_F(EditTest, F47FollowsASpecThatIsArchivedMeanwhile) {
  ops_->before([this](Call call) -> std::optional<Error> {
    if (call != Call::create_unnamed) return std::nullopt;
    ops_->undisturbed();
    rename(kDir, "openspec/changes/archive/2026-01-01-x");
    return std::nullopt;
  });
  (void)edit({change(kTasks, "ours", "- [ ] 1.1 one\n")}, std::chrono::seconds(1));
  hint(Hint::What::moved, "openspec/changes/archive/2026-01-01-x", kDir);
  batch();
  EXPECT_EQ(disk().at("openspec/changes/archive/2026-01-01-x/tasks.md"), "ours");
  EXPECT_FALSE(std::filesystem::exists(at(kDir)));
  expect_in_step();
}

TEST_F(EditTest, WaitsForTheArchiveToBeDoneWithWhatItReads) {
  const std::string delta = kDir + "/specs/cap/spec.md";
  (void)edit({{delta, "## ADDED Requirements\n", {What::nothing, {}}}});
  put("openspec/changes/archive/.openspec-archive.lock", "1");
  EXPECT_EQ(end_of({change(kTasks, "ours", "- [ ] 1.1 one\n")}), FileEnd::written);
  EXPECT_EQ(end_of({change(delta, "more", "## ADDED Requirements\n")}), FileEnd::pending);
  EXPECT_EQ(disk().at(delta), "## ADDED Requirements\n");
  remove("openspec/changes/archive/.openspec-archive.lock");
  wait(std::chrono::milliseconds(1'100));
  EXPECT_EQ(disk().at(delta), "more");
  expect_in_step();
}

TEST_F(EditTest, NothingIsDueOnceAnEditIsOverruled) {
  when(Call::exchange, [this] {
    put(kTasks + ".new", "theirs");
    rename(kTasks + ".new", kTasks);
  });
  (void)edit({change(kTasks, "ours", "- [ ] 1.1 one\n")});
  wait(std::chrono::seconds(2));
  EXPECT_EQ(engine_->project(project_)->next(), std::nullopt) << "or the daemon would spin";
}

// A client holds the write lock just when the base is to be written, and edits again after that.
TEST_F(EditTest, F60WhatIsOnDiskIsWrittenDownOnceTheDatabaseIsFree) {
  auto other = must(sqlite::Database::open(store_->path(), {}));
  when(Call::exchange, [&] { must(other.run("BEGIN IMMEDIATE")); });
  EXPECT_EQ(end_of({change(kTasks, "first", "- [ ] 1.1 one\n")}), FileEnd::written);
  EXPECT_EQ(disk().at(kTasks), "first");
  must(other.run("COMMIT"));
  wait(std::chrono::seconds(6));
  wait(std::chrono::seconds(2));
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path() + "/state/staging/" +
                                        must(tables().projects.list()).front().uuid))
      << "what was displaced is judged all the same";
}

TEST_F(EditTest, F60AnEditAfterOneThatIsNotWrittenDownIsNoConflict) {
  auto other = must(sqlite::Database::open(store_->path(), {}));
  when(Call::exchange, [&] { must(other.run("BEGIN IMMEDIATE")); });
  EXPECT_EQ(end_of({change(kTasks, "first", "- [ ] 1.1 one\n")}), FileEnd::written);
  must(other.run("UPDATE spec_files SET content = 'second' WHERE path = ?", kTasks));
  must(other.run("COMMIT"));
  saved(kTasks);
  wait(std::chrono::seconds(6));
  EXPECT_TRUE(conflicts().empty());
  EXPECT_EQ(disk().at(kTasks), "second");
  expect_in_step();
  EXPECT_EQ(status().pending_pushes, 0u);
}

TEST_F(EditTest, F60AWayBackAfterAnEditThatIsNotWrittenDownIsNotOverruled) {
  auto other = must(sqlite::Database::open(store_->path(), {}));
  when(Call::exchange, [&] { must(other.run("BEGIN IMMEDIATE")); });
  EXPECT_EQ(end_of({change(kTasks, "first", "- [ ] 1.1 one\n")}), FileEnd::written);
  must(other.run("COMMIT"));
  put(kTasks, "- [ ] 1.1 one\n");
  EXPECT_EQ(refusal({change(kTasks, "second", "first")}).code, Code::conflict);
  wait(std::chrono::seconds(6));
  EXPECT_EQ(disk().at(kTasks), "- [ ] 1.1 one\n");
  expect_in_step();
}

TEST_F(EditTest, WaitsAreAnsweredWhenTheProjectIsPaused) {
  const Fd writer(::open(at(kTasks).c_str(), O_WRONLY));
  auto& answer = edit({change(kTasks, "ours", "- [ ] 1.1 one\n")}, std::chrono::hours(1));
  EXPECT_FALSE(answer);
  must(engine_->pause_project(project_));
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->files.front().end, FileEnd::pending);
}

TEST_F(EditTest, NothingIsWrittenBeforeADatabaseWasCheckedThatWasNotClosed) {
  options_.is_after_crash = true;
  reopen();
  EXPECT_EQ(refusal({change(kTasks, "ours", "- [ ] 1.1 one\n")}).code, Code::busy);
  engine_->set_sound();
  EXPECT_EQ(end_of({change(kTasks, "ours", "- [ ] 1.1 one\n")}), FileEnd::written);
}

TEST_F(EditTest, F51AnEditThatHadReachedTheDiskIsToldAfterACrash) {
  must(engine_->set_writing(project_, Engine::Writing::forbidden));
  {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.run("UPDATE spec_files SET content = 'ours' WHERE path = ?", kTasks));
  }
  put(kTasks, "ours");
  const size_t told = events().size();
  batch();
  EXPECT_EQ(events().size(), told + 1);
  EXPECT_EQ(history().front().origin, "sql");
  EXPECT_EQ(history().front().direction, store::Direction::db_to_fs);
  EXPECT_EQ(status().pending_pushes, 0u);
  batch();
  EXPECT_EQ(events().size(), told + 1);
}

TEST_F(EditTest, RefusalsSayWhatToDo) {
  EXPECT_THAT(refusal({{"openspec/changes/nobody/tasks.md", "x", {What::nothing, {}}}}).message,
              HasSubstr("no spec is there"));
  EXPECT_EQ(refusal({{"../x", "x", {What::nothing, {}}}}).code, Code::invalid);
  EXPECT_EQ(refusal({{kDir + "/a~", "x", {What::nothing, {}}}}).code, Code::invalid);
  EXPECT_EQ(refusal({{kDir + "/node_modules/a", "x", {What::nothing, {}}}}).code, Code::invalid);
  EXPECT_EQ(refusal({change(kTasks, "\xff", "- [ ] 1.1 one\n")}).code, Code::invalid);
  EXPECT_EQ(refusal({change(kTasks, std::string(size_t{17} << 20, 'x'), "- [ ] 1.1 one\n")}).code,
            Code::refused);
  must(engine_->set_writing(project_, Engine::Writing::forbidden));
  EXPECT_THAT(refusal({change(kTasks, "x", "- [ ] 1.1 one\n")}).message, HasSubstr("read-only"));
  EXPECT_EQ(disk().at(kTasks), "- [ ] 1.1 one\n");
}

TEST_F(EditTest, AnEditOfADeletedSpecSaysThatItIsGone) {
  const SpecKey key = live(spec::Kind::change, "x")->key;
  remove(kDir);
  hint(Hint::What::subtree, kDir);
  grace();
  ASSERT_FALSE(live(spec::Kind::change, "x"));
  for (const auto& content : {std::optional<std::string>("x"), std::optional<std::string>()}) {
    const Error error = refusal({{kDir + "/deep/new.md", content, {What::nothing, {}}}});
    EXPECT_EQ(error.code, Code::gone) << error.message;
    EXPECT_THAT(error.message, HasSubstr("specd restore x"));
  }
  std::optional<Result<FieldsAnswer>> set;
  engine_->set_fields(project_, {.spec = key, .fields = {.status = "approved"}}, clock_.steady(),
                      [&](auto answer) { set = std::move(answer); });
  rounds();
  ASSERT_TRUE(set && !*set);
  EXPECT_EQ(set->error().code, Code::gone);
}

TEST_F(EditTest, AnEditOfAnArchivedChangeByItsOldPathSaysWhereItIs) {
  const std::string archived = "openspec/changes/archive/2026-11-21-x";
  rename(kDir, archived);
  hint(Hint::What::moved, archived, kDir);
  const Error error = refusal({change(kTasks, "x", "- [ ] 1.1 one\n")});
  EXPECT_EQ(error.code, Code::gone) << error.message;
  EXPECT_THAT(error.message, HasSubstr(archived));
}

TEST_F(EditTest, ADeletedSpecWhosePlaceAnotherOneHasIsNoReason) {
  remove(kDir);
  hint(Hint::What::subtree, kDir);
  grace();
  put(kDir + "/other.md", "# Another\n");
  hint(Hint::What::subtree, kDir);
  grace();
  batch();
  ASSERT_TRUE(live(spec::Kind::change, "x"));
  EXPECT_EQ(end_of({{kTasks, "new", {What::nothing, {}}}}), FileEnd::written);
}

TEST_F(EditTest, F69AGitMergeIsNotWrittenOver) {
  const std::string markers = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n";
  put(kTasks, markers);
  EXPECT_THAT(refusal({change(kTasks, "ours", markers)}).message, HasSubstr("git merge"));
  EXPECT_EQ(end_of({{kTasks, "ours", {What::anything, {}}}}), FileEnd::written);
}

}  // namespace
}  // namespace specd::sync
