// Mass loss that SQL clients cause in the database: it waits, is held, and is confirmed or taken
// back; and the same of what vanished from disk.

#include <gtest/gtest.h>

#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using Decision = Engine::Decision;

std::string change(int i) {
  return "openspec/changes/c" + std::to_string(i);
}

class HeldTest : public EngineTest {
 protected:
  HeldTest() { options_.batch_every = std::chrono::hours(24); }

  /// Changes c0, c1 …, each with two files.
  void make(int changes) {
    for (int i = 0; i < changes; ++i) {
      put(change(i) + "/proposal.md", "# " + std::to_string(i) + "\n");
      put(change(i) + "/tasks.md", "- [ ] " + std::to_string(i) + "\n");
    }
    add();
    before_ = disk();
  }
  void sql(const std::string& script) {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.script(script));
    engine_->notice_log(Lookout::Writer::others);
    rounds();
  }
  void delete_by_sql(const std::string& path) {
    sql("UPDATE spec_files SET deleted_at = 1 WHERE path = '" + path + "'");
  }
  void settle_all() {
    for (int i = 0; i < 5; ++i) grace();
  }
  ProjectSync::Decided decide(Decision decision) {
    auto decided = engine_->decide_held(project_, decision, "ann");
    EXPECT_TRUE(decided) << decided.error().message;
    settle_all();
    return decided ? *decided : ProjectSync::Decided{};
  }
  void expect_ok() {
    EXPECT_EQ(status().state, store::ProjectState::ok) << status().reason;
    EXPECT_EQ(status().pending_pushes, 0u);
    EXPECT_TRUE(status().held->files.empty());
    expect_in_step();
  }

  std::map<std::string, std::string> before_;
};

TEST_F(HeldTest, ADeletionBySqlWaitsForOthersAndIsThenCarriedOut) {
  make(2);
  delete_by_sql(change(0) + "/tasks.md");
  EXPECT_EQ(disk(), before_);
  EXPECT_EQ(status().pending_pushes, 1u);
  settle_all();
  before_.erase(change(0) + "/tasks.md");
  EXPECT_EQ(disk(), before_);
  expect_ok();
}

TEST_F(HeldTest, WhatASqlClientDeletesIsAVersion) {
  make(2);
  delete_by_sql(change(0) + "/tasks.md");
  settle_all();
  const auto kept = must(tables().rescued.list(project_, change(0) + "/tasks.md", 10));
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].digest, sha256("- [ ] 0\n"));
  EXPECT_EQ(kept[0].origin, "disk");
}

TEST_F(HeldTest, F22WhatASqlClientDeletesInOneCommitIsHeld) {
  make(30);
  sql("UPDATE spec_files SET deleted_at = 1 WHERE path < 'openspec/changes/c8'");
  settle_all();
  EXPECT_EQ(disk(), before_);
  EXPECT_EQ(status().state, store::ProjectState::held);
  EXPECT_NE(status().reason.find("specd confirm"), std::string::npos) << status().reason;
  EXPECT_EQ(status().held->files.size(), status().pending_pushes);
  EXPECT_EQ(status().held->files.front().what, Suspicion::deleted);
}

TEST_F(HeldTest, F22WhatASqlClientDeletesRowByRowIsHeldAsAWhole) {
  make(30);
  for (int i = 0; i < 25; ++i) {
    delete_by_sql(change(i) + "/tasks.md");
    wait(options_.absence_grace / 4);
  }
  settle_all();
  EXPECT_EQ(disk(), before_);
  EXPECT_EQ(status().state, store::ProjectState::held);
}

TEST_F(HeldTest, WhatASqlClientDeletesMoreSlowlyIsHeldFromThePointWhereItIsMassLoss) {
  make(30);
  for (int i = 0; i < 25; ++i) {
    delete_by_sql(change(i) + "/tasks.md");
    wait(2 * options_.absence_grace);
  }
  EXPECT_EQ(disk().size(), before_.size() - 20);
  EXPECT_EQ(status().state, store::ProjectState::held);
  EXPECT_EQ(status().held->files.size(), 5u);
}

TEST_F(HeldTest, DeletionsThatFollowEachOtherForeverAreNotWaitedForForever) {
  make(30);
  for (int i = 0; i < 25; ++i) {
    delete_by_sql(change(0) + (i % 2 == 0 ? "/tasks.md" : "/proposal.md"));
    sql("UPDATE spec_files SET deleted_at = NULL WHERE path = '" + change(0) + "/tasks.md'");
    wait(options_.absence_grace / 2);
  }
  EXPECT_LT(disk().size(), before_.size());
}

TEST_F(HeldTest, FilesThatASqlClientEmptiesAreHeld) {
  make(30);
  sql("UPDATE spec_files SET content = '' WHERE path LIKE '%/tasks.md' AND path < "
      "'openspec/changes/c8'");
  settle_all();
  EXPECT_EQ(disk(), before_);
  EXPECT_EQ(status().state, store::ProjectState::held);
  EXPECT_EQ(status().held->files.front().what, Suspicion::emptied);
}

TEST_F(HeldTest, FilesThatASqlClientMakesIdenticalOneByOneAreHeldButForTheFirst) {
  make(30);
  for (int i = 0; i < 25; ++i)
    sql("UPDATE spec_files SET content = 'all the same' WHERE path = '" + change(i) + "/tasks.md'");
  settle_all();
  auto after = disk();
  size_t changed = 0;
  for (const auto& [path, content] : before_) changed += after.at(path) != content ? 1 : 0;
  EXPECT_EQ(changed, 1u);
  EXPECT_EQ(status().state, store::ProjectState::held);
  EXPECT_EQ(status().held->files.size(), 24u);
}

TEST_F(HeldTest, AFewIdenticalFilesAreWrittenAfterAMoment) {
  make(5);
  for (int i = 0; i < 5; ++i)
    sql("UPDATE spec_files SET content = 'all the same' WHERE path = '" + change(i) + "/tasks.md'");
  settle_all();
  EXPECT_EQ(disk().at(change(4) + "/tasks.md"), "all the same");
  expect_ok();
}

TEST_F(HeldTest, NewFilesMayBeAlikeHoweverManyTheyAre) {
  make(30);
  for (int i = 0; i < 30; ++i)
    sql("INSERT INTO spec_files (project, path, content) VALUES (1, '" + change(i) +
        "/.openspec.yaml', 'schema: spec-driven')");
  settle_all();
  EXPECT_EQ(disk().size(), before_.size() + 30);
  expect_ok();
}

TEST_F(HeldTest, OtherEditsGoOnWhileSomethingIsHeld) {
  make(30);
  sql("UPDATE spec_files SET deleted_at = 1 WHERE path < 'openspec/changes/c8'");
  sql("UPDATE spec_files SET content = 'by sql' WHERE path = '" + change(9) + "/tasks.md'");
  EXPECT_EQ(disk().at(change(9) + "/tasks.md"), "by sql");
  std::optional<EditAnswer> answer;
  engine_->edit(project_,
                {.files = {{.path = change(8) + "/tasks.md",
                            .content = "by a person",
                            .expected = {Expected::What::anything, {}}}}},
                clock_.steady() + std::chrono::seconds(2),
                [&](Result<EditAnswer> done) { answer = must(std::move(done)); });
  rounds();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->files.front().end, FileEnd::written);
  EXPECT_EQ(disk().at(change(8) + "/tasks.md"), "by a person");
  put(change(9) + "/proposal.md", "by an editor");
  saved(change(9) + "/proposal.md");
  EXPECT_EQ(row(change(9) + "/proposal.md"), "by an editor");
  EXPECT_EQ(status().state, store::ProjectState::held);
}

TEST_F(HeldTest, AScanReleasesNothingAndARestartNeither) {
  make(30);
  sql("UPDATE spec_files SET deleted_at = 1 WHERE path < 'openspec/changes/c8'");
  settle_all();
  for (int i = 0; i < 3; ++i) batch();
  EXPECT_EQ(disk(), before_);
  reopen();
  settle_all();
  EXPECT_EQ(disk(), before_);
  EXPECT_EQ(status().state, store::ProjectState::held);
}

TEST_F(HeldTest, WhatIsLeftOfAHoldStaysHeldAlsoAfterARestart) {
  make(30);
  sql("UPDATE spec_files SET deleted_at = 1 WHERE path < 'openspec/changes/c8'");
  settle_all();
  sql("UPDATE spec_files SET deleted_at = NULL WHERE path > 'openspec/changes/c2'");
  settle_all();
  EXPECT_EQ(disk(), before_);
  EXPECT_EQ(status().state, store::ProjectState::held);
  reopen();
  settle_all();
  EXPECT_EQ(disk(), before_);
  EXPECT_EQ(status().state, store::ProjectState::held);
  sql("UPDATE spec_files SET deleted_at = NULL");
  settle_all();
  EXPECT_EQ(disk(), before_);
  expect_ok();
}

TEST_F(HeldTest, WhatAPersonConfirmsIsCarriedOutAndWritten) {
  make(30);
  sql("UPDATE spec_files SET deleted_at = 1 WHERE path < 'openspec/changes/c8'");
  settle_all();
  const size_t held = status().held->files.size();
  EXPECT_EQ(decide(Decision::confirm).files, held);
  EXPECT_EQ(disk().size(), before_.size() - held);
  batch();
  expect_ok();
  const auto entries = history();
  EXPECT_TRUE(std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
    return entry.actor == "ann" && entry.files_changed.size() == held;
  }));
}

TEST_F(HeldTest, WhatAPersonTakesBackIsAsTheDiskHasIt) {
  make(30);
  sql("UPDATE spec_files SET deleted_at = 1 WHERE path < 'openspec/changes/c8' AND path LIKE "
      "'%tasks%'; UPDATE spec_files SET content = 'a text of its own' WHERE path = '" +
      change(1) + "/proposal.md'; UPDATE spec_files SET content = '' WHERE path = '" + change(2) +
      "/proposal.md'");
  settle_all();
  before_[change(1) + "/proposal.md"] = "a text of its own";
  EXPECT_EQ(disk(), before_);
  EXPECT_GT(decide(Decision::revert).files, 20u);
  EXPECT_EQ(disk(), before_);
  expect_ok();
  EXPECT_TRUE(conflicts().empty());
}

TEST_F(HeldTest, ATextThatIsTakenBackIsAVersion) {
  make(30);
  sql("UPDATE spec_files SET content = 'all the same' WHERE path LIKE '%/tasks.md'");
  settle_all();
  EXPECT_EQ(disk(), before_);
  decide(Decision::revert);
  EXPECT_EQ(disk(), before_);
  expect_ok();
  EXPECT_EQ(must(tables().versions.content(sha256("all the same"))), "all the same");
}

TEST_F(HeldTest, WhatTheDiskOverrulesIsNotHeldAnyMore) {
  make(30);
  sql("UPDATE spec_files SET deleted_at = 1 WHERE path < 'openspec/changes/c8'");
  settle_all();
  ASSERT_EQ(status().state, store::ProjectState::held);
  batch();  // which has seen all that clients did
  batch();
  for (const auto& [path, content] : before_) {
    put(path, content + "saved");
    saved(path);
  }
  batch();
  expect_ok();
}

TEST_F(HeldTest, NothingIsDecidedWhereNothingIsHeld) {
  make(2);
  for (const Decision decision : {Decision::confirm, Decision::revert})
    EXPECT_EQ(engine_->decide_held(project_, decision, "").error().code, Code::conflict);
}

TEST_F(HeldTest, SpecsThatVanishedFromDiskComeBackWhenAPersonSaysSo) {
  make(30);
  put(change(3) + "/specs/auth/spec.md", "## ADDED Requirements\n");
  hint(Hint::What::subtree, change(3));
  before_ = disk();
  std::map<std::string, std::string> keys;
  for (int i = 0; i < 30; ++i) keys[change(i)] = key(spec::Kind::change, "c" + std::to_string(i));
  for (int i = 0; i < 25; ++i) remove(change(i));
  batch();
  settle_all();
  ASSERT_EQ(status().state, store::ProjectState::held);
  EXPECT_EQ(status().held->specs.size(), 25u);
  EXPECT_EQ(decide(Decision::revert).specs, 25u);
  EXPECT_EQ(disk(), before_);
  expect_ok();
  batch();
  expect_ok();
  EXPECT_TRUE(deleted_events().empty());
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(key(spec::Kind::change, "c" + std::to_string(i)), keys[change(i)]);
}

TEST_F(HeldTest, SpecsThatComeBackDoSoAlsoWhenTheDaemonEndsInTheMiddle) {
  make(30);
  for (int i = 0; i < 25; ++i) remove(change(i));
  batch();
  settle_all();
  must(engine_->decide_held(project_, Decision::revert, ""));  // and not one round after it
  EXPECT_LT(disk().size(), before_.size());
  reopen();
  settle_all();
  EXPECT_EQ(disk(), before_);
  expect_ok();
}

TEST_F(HeldTest, APersonMayConfirmThatSpecsVanishedWithoutWaiting) {
  make(30);
  for (int i = 0; i < 25; ++i) remove(change(i));
  batch();
  ASSERT_EQ(status().state, store::ProjectState::held);
  decide(Decision::confirm);
  EXPECT_EQ(deleted_events().size(), 25u);
  expect_ok();
}

TEST_F(HeldTest, ATreeThatIsNotThereIsNotWrittenTo) {
  make(3);
  rename("openspec", "openspec-away");
  batch();
  ASSERT_EQ(status().state, store::ProjectState::held);
  EXPECT_EQ(engine_->decide_held(project_, Decision::revert, "").error().code, Code::refused);
  rename("openspec-away", "openspec");
  batch();
  expect_ok();
}

}  // namespace
}  // namespace specd::sync
