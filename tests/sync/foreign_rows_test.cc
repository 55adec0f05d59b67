// Rows that other clients of the database edit, or keep us from.

#include <gtest/gtest.h>

#include "tests/sync/fault_fixture.h"

namespace specd::sync {
namespace {

using spec::Kind;
using What = Hint::What;

TEST_F(FaultTest, ABusyDatabaseKeepsHintsUntilItIsFree) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  // A foreign client that holds the write lock.
  auto other = must(sqlite::Database::open(store_->path(), {}));
  {
    auto held = must(other.begin());
    put("openspec/changes/x/tasks.md", "two");
    saved("openspec/changes/x/tasks.md");
    for (int i = 0; i < 100; ++i) wait(std::chrono::milliseconds(100));
    EXPECT_EQ(row("openspec/changes/x/tasks.md"), "one");
    EXPECT_NE(engine_->status().failure, "");
    EXPECT_LE(engine_->status().failures, 20u) << "F60: no spin";
  }
  wait(std::chrono::seconds(6));
  expect_in_step();
  EXPECT_EQ(engine_->status().failure, "");
}

TEST_F(FaultTest, ADeletionThatMeetsABusyDatabaseIsMadeLater) {
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/y/tasks.md", "two");
  add();
  auto other = must(sqlite::Database::open(store_->path(), {}));
  {
    auto held = must(other.begin());
    remove("openspec/changes/x");
    hint(What::subtree, "openspec/changes/x");
    for (int i = 0; i < 20; ++i) wait(std::chrono::milliseconds(200));
    EXPECT_TRUE(live(Kind::change, "x"));
  }
  wait(std::chrono::seconds(6));
  grace();
  EXPECT_FALSE(live(Kind::change, "x"));
  expect_in_step();
}

TEST_F(FaultTest, AStatusThatAClientSetsWhileItsFilesAreReadStays) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  add();
  put("openspec/changes/x/tasks.md", "- [x] a\n");
  bool is_set = false;
  fault_ = [&](Call call, const std::string& at) -> std::optional<Error> {
    if (call != Call::read || at != "openspec/changes/x/tasks.md" || is_set) return std::nullopt;
    is_set = true;
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.run("UPDATE openspec_specs SET status = 'approved' WHERE id = 'x'"));
    return std::nullopt;
  };
  saved("openspec/changes/x/tasks.md");
  ASSERT_TRUE(is_set);
  const auto spec = live(Kind::change, "x");
  EXPECT_EQ(spec->status, "approved");
  EXPECT_TRUE(spec->status_set);
  EXPECT_EQ(spec->tasks_done, 1);
}

TEST_F(FaultTest, RowsThatAClientTookAwayComeBackThoughTheFirstTryFails) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  auto other = must(sqlite::Database::open(store_->path(), {}));
  must(other.run("DELETE FROM spec_files"));
  {
    auto held = must(other.begin());
    batch();
    EXPECT_EQ(row("openspec/changes/x/tasks.md"), std::nullopt);
    held.rollback();
  }
  batch();
  wait(std::chrono::seconds(6));
  expect_in_step();
}

TEST_F(FaultTest, AFileThatAClientMadeInASpecThatIsThenDeletedIsAConflict) {
  const std::string made = "openspec/changes/x/design.md";
  put("openspec/changes/x/tasks.md", "one");
  add();
  {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(
        other.run("INSERT INTO spec_files (project, path, content) VALUES "
                  "(1, 'openspec/changes/x/design.md', 'from sql')"));
  }
  remove("openspec/changes/x");
  hint(What::subtree, "openspec/changes/x");
  grace();
  grace();
  EXPECT_FALSE(live(Kind::change, "x"));
  ASSERT_EQ(conflicts().size(), 1u);
  EXPECT_EQ(conflicts()[0].path, made);
  EXPECT_EQ(conflicts()[0].row, sha256("from sql"));
  const auto kept = must(tables().files.get(project_, made));
  EXPECT_TRUE(kept->deleted_at);
  EXPECT_EQ(kept->content, "from sql");
}

TEST_F(FaultTest, AForeignEditOfAFileThatAlsoChangedOnDiskIsAConflictThatKeepsBoth) {
  put("openspec/changes/x/tasks.md", "base");
  add();
  {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.run(
        "UPDATE spec_files SET content = 'from sql' WHERE path = 'openspec/changes/x/tasks.md'"));
  }
  put("openspec/changes/x/tasks.md", "from disk");
  saved("openspec/changes/x/tasks.md");
  expect_in_step();
  ASSERT_EQ(conflicts().size(), 1u);
  const store::Conflict conflict = conflicts()[0];
  EXPECT_EQ(conflict.kind, store::ConflictKind::both_changed);
  ASSERT_TRUE(conflict.row && conflict.base && conflict.disk);
  EXPECT_EQ(must(tables().versions.content(*conflict.row)), "from sql");
  EXPECT_EQ(events().back(), "conflict.detected");
  batch();
  EXPECT_EQ(must(tables().versions.content(*conflict.row)), "from sql") << "kept until dismissed";
}

TEST_F(FaultTest, AForeignEditOfAFileThatIsDeletedIsKeptAsDisplacedAlsoWhenTheFileReturns) {
  const std::string file = "openspec/changes/x/tasks.md";
  put(file, "base");
  put("openspec/changes/x/proposal.md", "stays");
  add();
  {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.run("UPDATE spec_files SET content = 'from sql' WHERE path LIKE '%/tasks.md'"));
  }
  remove(file);
  saved(file);
  grace();
  ASSERT_EQ(conflicts().size(), 1u);
  EXPECT_EQ(conflicts()[0].kind, store::ConflictKind::deleted_on_disk);
  put(file, "back");
  saved(file);
  batch();
  expect_in_step();
  const auto kept = must(tables().versions.list(project_, file, 10));
  EXPECT_TRUE(std::any_of(kept.begin(), kept.end(), [](const store::Version& version) {
    return version.digest == sha256("from sql") && version.reason == store::Reason::displaced &&
           version.origin == "sql";
  }));
}

TEST_F(FaultTest, AForeignEditReachesTheDisk) {
  put("openspec/changes/x/tasks.md", "base");
  add();
  {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.run(
        "UPDATE spec_files SET content = 'from sql' WHERE path = 'openspec/changes/x/tasks.md'"));
  }
  batch();
  EXPECT_EQ(disk().at("openspec/changes/x/tasks.md"), "from sql");
  expect_in_step();
  EXPECT_EQ(status().pending_pushes, 0u);
  EXPECT_TRUE(conflicts().empty());
  const store::HistoryEntry entry = history().front();
  EXPECT_EQ(entry.direction, store::Direction::db_to_fs);
  EXPECT_EQ(entry.trigger, store::Trigger::external_db);
  EXPECT_EQ(entry.origin, "sql");
}

TEST_F(FaultTest, AForeignEditOfAReadOnlyProjectWaitsAndTheFileIsNotTouched) {
  put("openspec/changes/x/tasks.md", "base");
  add();
  must(engine_->set_writing(project_, Engine::Writing::forbidden));
  {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.run(
        "UPDATE spec_files SET content = 'from sql' WHERE path = 'openspec/changes/x/tasks.md'"));
  }
  batch();
  EXPECT_EQ(disk().at("openspec/changes/x/tasks.md"), "base");
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "from sql");
  EXPECT_EQ(status().pending_pushes, 1u);
  EXPECT_TRUE(conflicts().empty());
  must(engine_->set_writing(project_, Engine::Writing::allowed));
  batch();
  EXPECT_EQ(disk().at("openspec/changes/x/tasks.md"), "from sql");
  EXPECT_EQ(status().pending_pushes, 0u);
}

TEST_F(FaultTest, AFileThatAForeignClientMakesOrDeletesComesAndGoesOnDisk) {
  put("openspec/changes/x/tasks.md", "base");
  add();
  {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(
        other.run("INSERT INTO spec_files (project, path, content) VALUES (?, "
                  "'openspec/changes/x/specs/cap/spec.md', 'made by sql')",
                  project_));
    must(other.run(
        "UPDATE spec_files SET deleted_at = 1 WHERE path = 'openspec/changes/x/tasks.md'"));
  }
  batch();
  grace();
  EXPECT_EQ(disk(), (std::map<std::string, std::string>{
                        {"openspec/changes/x/specs/cap/spec.md", "made by sql"}}));
  expect_in_step();
  batch();
  expect_in_step();
  EXPECT_EQ(status().pending_pushes, 0u);
}

TEST_F(FaultTest, ARowThatAForeignClientRemovedComesBack) {
  put("openspec/changes/x/tasks.md", "base");
  add();
  {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.run("DELETE FROM spec_files WHERE path = 'openspec/changes/x/tasks.md'"));
  }
  batch();
  expect_in_step();
}

// What a client commits is told by the log; the batch is far away.
class ForeignEditTest : public FaultTest {
 protected:
  ForeignEditTest() { options_.batch_every = std::chrono::hours(24); }

  void edit(const std::string& sql) {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.script(sql));
    engine_->notice_log(Lookout::Writer::others);
    rounds();
  }
  size_t dirty() { return must(tables().dirty.list(100)).size(); }
};

TEST_F(ForeignEditTest, AnEditIsOnDiskWithoutABatch) {
  put("openspec/changes/x/tasks.md", "base");
  add();
  edit("UPDATE spec_files SET content = 'from sql'");
  EXPECT_EQ(disk().at("openspec/changes/x/tasks.md"), "from sql");
  expect_in_step();
  EXPECT_EQ(dirty(), 0u);
}

TEST_F(ForeignEditTest, ACommitThatOursHidesIsSeenAllTheSame) {
  put("openspec/changes/x/tasks.md", "base");
  add();
  auto other = must(sqlite::Database::open(store_->path(), {}));
  must(other.run("UPDATE spec_files SET content = 'from sql'"));
  engine_->notice_log(Lookout::Writer::perhaps_ours);
  rounds();
  EXPECT_EQ(disk().at("openspec/changes/x/tasks.md"), "from sql");
}

TEST_F(ForeignEditTest, ARowThatWasTakenAwayComesBackAtOnce) {
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/y/tasks.md", "two");
  add();
  edit("DELETE FROM spec_files");
  expect_in_step();
  EXPECT_EQ(dirty(), 0u);
}

TEST_F(ForeignEditTest, AnEditOfAPausedProjectIsPushedWhenItGoesOn) {
  put("openspec/changes/x/tasks.md", "base");
  add();
  must(engine_->pause_project(project_));
  edit("UPDATE spec_files SET content = 'from sql'");
  EXPECT_EQ(disk().at("openspec/changes/x/tasks.md"), "base");
  must(engine_->resume_project(project_));
  rounds();
  EXPECT_EQ(disk().at("openspec/changes/x/tasks.md"), "from sql");
}

TEST_F(ForeignEditTest, AnEditThatWasTakenBackLeavesNothingToDo) {
  put("openspec/changes/x/tasks.md", "base");
  add();
  settle("openspec/changes/x/tasks.md");
  edit("UPDATE spec_files SET content = 'other'; UPDATE spec_files SET content = 'base'");
  wait(std::chrono::seconds(31));
  EXPECT_EQ(dirty(), 0u);
  EXPECT_FALSE(engine_->project(project_)->next());
}

TEST_F(ForeignEditTest, ARowOfNoSpecWaitsWithoutBeingLookedAtAllTheTime) {
  put("openspec/changes/x/tasks.md", "base");
  add();
  settle("openspec/changes/x/tasks.md");
  edit(
      "INSERT INTO spec_files (project, path, content) VALUES (1, 'openspec/changes/y/a.md', 'a')");
  for (int i = 0; i < 10; ++i) wait(std::chrono::seconds(1));
  const auto next = engine_->project(project_)->next();
  EXPECT_TRUE(!next || *next - clock_.steady() > std::chrono::seconds(5));
}

/// A row that was written before there was a spec for it.
class OrphanTest : public ForeignEditTest {
 protected:
  OrphanTest() {
    put("openspec/changes/x/tasks.md", "base");
    add();
    edit("INSERT INTO spec_files (project, path, content) VALUES (1, '" + kRow + "', 'by sql')");
  }
  void expect_adopted(const std::string& id) {
    expect_in_step();
    EXPECT_EQ(disk().at(kRow), "by sql");
    EXPECT_EQ(must(tables().files.get(project_, kRow))->spec.value.text, key(Kind::change, id));
    EXPECT_TRUE(must(tables().files.orphans(project_)).empty());
    EXPECT_EQ(dirty(), 0u);
  }
  void expect_waiting() {
    wait(std::chrono::seconds(31));
    EXPECT_FALSE(disk().contains(kRow));
    EXPECT_EQ(must(tables().files.orphans(project_)).size(), 1u);
    EXPECT_EQ(status().pending_pushes, 1u);
  }

  const std::string kRow = "openspec/changes/y/specs/cap/spec.md";
};

TEST_F(OrphanTest, ItIsPushedWhenItsSpecAppearsOnDisk) {
  expect_waiting();
  put("openspec/changes/y/tasks.md", "new");
  hint(What::subtree, "openspec/changes/y");
  expect_adopted("y");
  EXPECT_EQ(must(tables().files.get(project_, kRow))->role, spec::Role::delta);
  EXPECT_EQ(history().front().origin, "sql");
}

TEST_F(OrphanTest, ItIsPushedWhenItsSpecIsMade) {
  NewSpecRequest made{.words = {.name = "y"}, .day = "2026-11-21", .files = {}};
  engine_->create(project_, made, clock_.steady(), [](auto answer) { must(answer); });
  rounds();
  expect_adopted("y");
}

TEST_F(OrphanTest, ItIsPushedWhenASpecIsRenamedToWhereItIs) {
  rename("openspec/changes/x", "openspec/changes/y");
  hint(What::moved, "openspec/changes/y", "openspec/changes/x");
  expect_adopted("y");
}

TEST_F(OrphanTest, ItIsPushedWhenAScanFindsItsSpec) {
  engine_.reset();
  store_.reset();
  put("openspec/changes/y/tasks.md", "new");
  open();
  rounds();
  wait(std::chrono::seconds(1));
  expect_adopted("y");
}

TEST_F(OrphanTest, TheSameTextOnDiskIsTheSpecsFile) {
  put(kRow, "by sql");
  hint(What::subtree, "openspec/changes/y");
  rounds();
  expect_adopted("y");
  EXPECT_TRUE(conflicts().empty());
  wait(std::chrono::seconds(31));
  hint(What::subtree, "openspec/changes/y");
  expect_adopted("y");
}

TEST_F(OrphanTest, AnotherTextOnDiskStaysAndTheRowsIsKept) {
  put(kRow, "on disk");
  hint(What::subtree, "openspec/changes/y");
  expect_in_step();
  EXPECT_EQ(disk().at(kRow), "on disk");
  ASSERT_EQ(conflicts().size(), 1u);
  EXPECT_EQ(must(tables().versions.content(sha256("by sql"))), "by sql");
  EXPECT_TRUE(must(tables().files.orphans(project_)).empty());
}

TEST_F(OrphanTest, ANameThatNoSpecCanHaveWaits) {
  edit("INSERT INTO spec_files (project, path, content) VALUES (1, 'openspec/changes/y/a~', 'b')");
  put("openspec/changes/y/tasks.md", "new");
  hint(What::subtree, "openspec/changes/y");
  EXPECT_EQ(disk().at(kRow), "by sql");
  const auto left = must(tables().files.waiting_for_spec(project_, 10));
  EXPECT_EQ(left, (std::vector<std::string>{"openspec/changes/y/a~"}));
}

/// A client that makes a row, marks it as deleted or takes it away again.
class SettledRowTest : public FaultTest {
 protected:
  SettledRowTest() {
    put("openspec/changes/x/tasks.md", "base");
    add();
  }
  void sql(const std::string& script) {
    auto other = must(sqlite::Database::open(store_->path(), {}));
    must(other.script(script));
  }
  void insert(const std::string& path, const std::string& text) {
    sql("INSERT OR REPLACE INTO spec_files (project, path, content) VALUES (" +
        std::to_string(project_.value) + ", '" + path + "', '" + text + "')");
  }
  void mark_as_deleted(const std::string& path) {
    sql("UPDATE spec_files SET deleted_at = 1 WHERE path = '" + path + "'");
  }
  void expect_nothing_waits() {
    for (int i = 0; i < 2; ++i) batch();
    EXPECT_EQ(must(tables().dirty.count(project_)), 0);
    EXPECT_EQ(status().pending_pushes, 0u);
    expect_in_step();
  }
  const std::string new_file_ = "openspec/changes/x/new.md";
};

TEST_F(SettledRowTest, ARowOfADeletedFileThatIsTakenAwayWaitsForNothing) {
  insert(new_file_, "new");
  batch();
  mark_as_deleted(new_file_);
  batch();
  sql("DELETE FROM spec_files WHERE path = '" + new_file_ + "'");
  expect_nothing_waits();
}

TEST_F(SettledRowTest, ARowThatIsTakenAwayWithItsFileWaitsForNothing) {
  insert(new_file_, "new");
  batch();
  sql("DELETE FROM spec_files WHERE path = '" + new_file_ + "'");
  remove(new_file_);
  expect_nothing_waits();
}

TEST_F(SettledRowTest, AFileThatIsMadeAndDeletedBeforeItWasWrittenWaitsForNothing) {
  insert(new_file_, "new");
  mark_as_deleted(new_file_);
  expect_nothing_waits();
  EXPECT_FALSE(row(new_file_));
}

TEST_F(SettledRowTest, SoItIsWhereItsSpecIsDeletedMeanwhile) {
  insert(new_file_, "new");
  mark_as_deleted(new_file_);
  remove("openspec/changes/x");
  expect_nothing_waits();
}

TEST_F(SettledRowTest, ASpecInThePlaceOfADeletedOneKeepsARowThatIsReplaced) {
  const std::string tasks = "openspec/changes/x/tasks.md";
  const std::string before = key(Kind::change, "x");
  remove("openspec/changes/x");
  hint(What::subtree, "openspec/changes/x");
  grace();
  engine_->create(project_,
                  {.words = {.name = "x"}, .day = "2026-01-02", .files = {{"tasks.md", "mine"}}},
                  clock_.steady(), [](const auto& made) { EXPECT_TRUE(made); });
  rounds();
  ASSERT_NE(key(Kind::change, "x"), before);
  insert(tasks, "by a client");
  expect_nothing_waits();
  EXPECT_EQ(disk().at(tasks), "by a client");
}

TEST_F(SettledRowTest, AFormerFileOfASpecThatCameBackElsewhereIsNotWritten) {
  const std::string tasks = "openspec/changes/x/tasks.md";
  const std::string archived = "openspec/changes/archive/2026-01-02-x/tasks.md";
  const std::string before = key(Kind::change, "x");
  remove("openspec/changes/x");
  hint(What::subtree, "openspec/changes/x");
  grace();
  put(archived, "base");
  batch();
  ASSERT_EQ(must(tables().specs.get(SpecKey{Ulid{before}}))->dir,
            "openspec/changes/archive/2026-01-02-x");
  sql("UPDATE spec_files SET content = 'by a client', deleted_at = NULL WHERE path = '" + tasks +
      "'");
  for (int i = 0; i < 3; ++i) batch();
  EXPECT_EQ(disk(), (std::map<std::string, std::string>{{archived, "base"}}));
  EXPECT_EQ(status().pending_pushes, 1u) << "and is told";
}

TEST_F(ForeignEditTest, AStatusIsToldWithItsRowInTheHistoryAndNoFileIsTouched) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  add();
  edit("UPDATE openspec_specs SET status = 'approved' WHERE id = 'x'");
  EXPECT_EQ(live(Kind::change, "x")->status, "approved");
  EXPECT_EQ(dirty(), 0u);
  EXPECT_EQ(events().back(), "spec.updated");
  const auto latest = must(tables().events.latest());
  const auto page = must(tables().events.after({latest.epoch, Seq{latest.seq.value - 1}}, 10));
  ASSERT_EQ(page.events.size(), 1u);
  EXPECT_EQ(page.events[0].origin, "sql");
  EXPECT_NE(page.events[0].payload.find(R"("changes":["status"])"), std::string::npos)
      << page.events[0].payload;
  EXPECT_NE(page.events[0].payload.find(R"("status":"approved")"), std::string::npos);
  const store::HistoryEntry entry = history().front();
  EXPECT_EQ(entry.direction, store::Direction::db_to_fs);
  EXPECT_EQ(entry.trigger, store::Trigger::external_db);
  EXPECT_EQ(entry.origin, "sql");
  EXPECT_EQ(disk().at("openspec/changes/x/tasks.md"), "- [ ] a\n");
}

TEST_F(ForeignEditTest, AStatusThatIsTakenBackIsDerivedAgain) {
  put("openspec/changes/x/tasks.md", "- [x] a\n- [ ] b\n");
  add();
  edit("UPDATE openspec_specs SET status = 'approved' WHERE id = 'x'");
  edit("UPDATE openspec_specs SET status = NULL WHERE id = 'x'");
  const auto spec = live(Kind::change, "x");
  EXPECT_EQ(spec->status, "in_progress");
  EXPECT_FALSE(spec->status_set);
  EXPECT_EQ(dirty(), 0u);
  const size_t told = events().size();
  edit("SELECT 1");
  EXPECT_EQ(events().size(), told) << "once";
}

TEST_F(ForeignEditTest, AnOwnCommitIsCountedAndABatchThatWritesNothingIsNot) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  engine_->notice_log(Lookout::Writer::perhaps_ours);
  rounds();
  const uint64_t before = store_->own_writes();
  put("openspec/changes/x/tasks.md", "two");
  saved("openspec/changes/x/tasks.md");
  EXPECT_NE(store_->own_writes(), before);
  engine_->notice_log(Lookout::Writer::perhaps_ours);
  rounds();
  batch();  // compresses what the save wrote over
  const uint64_t after = store_->own_writes();
  batch();
  EXPECT_EQ(store_->own_writes(), after) << "what writes nothing is not taken for a write";
}

}  // namespace
}  // namespace specd::sync
