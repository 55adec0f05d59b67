#include "sync/engine.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>

#include "base/json.h"
#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using spec::Kind;
using What = Hint::What;
using Strings = std::vector<std::string>;

TEST_F(EngineTest, EverythingOnDiskIsInTheDatabaseAfterTheFirstScan) {
  put("openspec/changes/add-login/proposal.md", "# Add login\n\n## Why\nBecause.\n");
  put("openspec/changes/add-login/tasks.md", "- [x] one\n- [ ] two\n");
  put("openspec/changes/add-login/specs/auth/spec.md", "## ADDED Requirements\n");
  put("openspec/changes/archive/2026-01-02-old/proposal.md", "# Old\n");
  put("openspec/specs/auth/spec.md", "# auth Specification\n");
  std::filesystem::create_directories(at("openspec/changes/empty"));
  add();
  expect_in_step();

  const store::Spec change = *live(Kind::change, "add-login");
  EXPECT_EQ(change.title, "Add login");
  EXPECT_EQ(change.status, "in_progress");
  EXPECT_EQ(change.tasks_done, 1);
  EXPECT_EQ(change.tasks_total, 2);
  EXPECT_EQ(change.sync_error, "");
  EXPECT_TRUE(change.last_synced_at && change.filesystem_modified_at);
  const store::Spec archived = *live(Kind::archived, "2026-01-02-old");
  EXPECT_EQ(archived.change_id, "old");
  EXPECT_EQ(archived.status, "done");
  EXPECT_TRUE(archived.archived_at);
  EXPECT_TRUE(live(Kind::capability, "auth"));
  EXPECT_TRUE(live(Kind::change, "empty")) << "a change is any folder";
  EXPECT_EQ(history().size(), 4u) << "one row per spec";
  EXPECT_EQ(events(), (Strings{"project.added", "spec.created", "spec.created", "spec.created",
                               "spec.created"}));
}

TEST_F(EngineTest, ASaveIsARowOneHistoryEntryAndOneEvent) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  add();
  const size_t before = history().size();
  put("openspec/changes/x/tasks.md", "- [x] a\n");
  saved("openspec/changes/x/tasks.md");
  expect_in_step();
  EXPECT_EQ(live(Kind::change, "x")->tasks_done, 1);
  ASSERT_EQ(history().size(), before + 1);
  EXPECT_EQ(history()[0].files_changed, Strings{"openspec/changes/x/tasks.md"});
  EXPECT_EQ(history()[0].trigger, store::Trigger::file_watcher);
  EXPECT_EQ(events().back(), "spec.updated");
}

TEST_F(EngineTest, F6ATouchChangesNoRowAndTellsNobody) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  add();
  batch();  // whatever was not settled is
  const auto before = *must(tables().files.get(project_, "openspec/changes/x/tasks.md"));
  const size_t told = history().size(), events_before = events().size();
  std::filesystem::last_write_time(at("openspec/changes/x/tasks.md"),
                                   std::filesystem::file_time_type::clock::now());
  saved("openspec/changes/x/tasks.md");
  batch();
  EXPECT_EQ(must(tables().files.get(project_, "openspec/changes/x/tasks.md"))->rev, before.rev);
  EXPECT_EQ(history().size(), told);
  EXPECT_EQ(events().size(), events_before);
}

TEST_F(EngineTest, F6AFolderMadeAnewWithTheSameTextIsNoChange) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  add();
  batch();
  const store::Spec before = *live(Kind::change, "x");
  const size_t events_before = events().size();
  // The old one stays, so that the new one cannot have its inode.
  rename("openspec/changes/x", "openspec/changes/.old");
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  saved("openspec/changes/x/tasks.md");
  batch();
  const store::Spec after = *live(Kind::change, "x");
  EXPECT_EQ(after.key, before.key);
  EXPECT_NE(after.dir_ino, before.dir_ino);
  EXPECT_EQ(after.version, before.version);
  EXPECT_EQ(after.filesystem_modified_at, before.filesystem_modified_at);
  EXPECT_EQ(events().size(), events_before);
}

TEST_F(EngineTest, F2ASaveByRenameKeepsTheRow) {
  put("openspec/changes/x/tasks.md", "old");
  add();
  const std::string before = key(Kind::change, "x");
  put("openspec/changes/x/tasks.md.tmp", "new");
  rename("openspec/changes/x/tasks.md.tmp", "openspec/changes/x/tasks.md");
  saved("openspec/changes/x/tasks.md");
  expect_in_step();
  EXPECT_EQ(key(Kind::change, "x"), before);
  EXPECT_EQ(events().back(), "spec.updated");
}

TEST_F(EngineTest, F3AGapInASaveIsNoDeletion) {
  put("openspec/changes/x/tasks.md", "old");
  add();
  rename("openspec/changes/x/tasks.md", "openspec/changes/x/tasks.md~");
  saved("openspec/changes/x/tasks.md");
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "old") << "within the grace";
  put("openspec/changes/x/tasks.md", "new");
  saved("openspec/changes/x/tasks.md");
  grace();
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "new");
  for (const std::string& event : events()) EXPECT_NE(event, "spec.deleted");
}

TEST_F(EngineTest, ADeletedFileIsGoneAfterTheGraceAndItsTextIsKept) {
  put("openspec/changes/x/tasks.md", "text");
  put("openspec/changes/x/proposal.md", "# X");
  add();
  remove("openspec/changes/x/tasks.md");
  saved("openspec/changes/x/tasks.md");
  EXPECT_TRUE(row("openspec/changes/x/tasks.md"));
  grace();
  EXPECT_FALSE(row("openspec/changes/x/tasks.md"));
  EXPECT_EQ(must(tables().files.get(project_, "openspec/changes/x/tasks.md"))->content, "text");
  EXPECT_TRUE(live(Kind::change, "x"));
  expect_in_step();
}

TEST_F(EngineTest, F1AFileThatIsBeingWrittenIsNotPublishedHalf) {
  put("openspec/changes/x/tasks.md", "whole");
  add();
  const int writer = ::open(at("openspec/changes/x/tasks.md").c_str(), O_WRONLY | O_TRUNC);
  hint(What::everywhere, "");
  saved("openspec/changes/x/tasks.md");  // even if somebody else closed it
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "whole")
      << "an empty read never replaces text while it is written";
  EXPECT_EQ(status().busy, 1u);
  ASSERT_EQ(::write(writer, "final", 5), 5);
  ::close(writer);
  wait(options_.absence_grace);
  EXPECT_EQ(row("openspec/changes/x/tasks.md"), "final");
  EXPECT_EQ(status().busy, 0u);
}

TEST_F(EngineTest, AFileThatStaysBusyIsLookedAtLessAndLessOftenAndForgottenWhenItGoes) {
  put("openspec/changes/x/tasks.md", "whole");
  add();
  const int writer = ::open(at("openspec/changes/x/tasks.md").c_str(), O_WRONLY | O_TRUNC);
  saved("openspec/changes/x/tasks.md");
  const uint64_t before = engine_->status().rounds;
  int looks = 0;
  for (int i = 0; i < 1'000; ++i) {
    const bool is_due = engine_->project(project_)->next() <= clock_.steady();
    looks += is_due ? 1 : 0;
    clock_.advance(std::chrono::milliseconds(10));
    engine_->step(clock_.steady());
  }
  EXPECT_GT(engine_->status().rounds, before);
  EXPECT_LE(looks, 20) << "in ten seconds";
  ::close(writer);
  remove("openspec/changes/x/tasks.md");
  wait(std::chrono::seconds(2));
  grace();
  EXPECT_EQ(status().busy, 0u);
  EXPECT_EQ(status().waiting, 0u);
  expect_in_step();
}

TEST_F(EngineTest, F8AnMtimeInTheFutureOrThePastDecidesNothing) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  for (time_t when : {time_t{0}, time_t{4'000'000'000}}) {
    put("openspec/changes/x/tasks.md", "text of " + std::to_string(when));
    const timespec times[] = {{when, 0}, {when, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, at("openspec/changes/x/tasks.md").c_str(), times, 0), 0);
    saved("openspec/changes/x/tasks.md");
    expect_in_step();
  }
}

TEST_F(EngineTest, F7OtherTextOfTheSameSizeUnderARestoredMtimeIsFound) {
  put("openspec/changes/archive/2026-01-01-x/tasks.md", "aaaa");
  add();
  batch();
  struct stat before{};
  ASSERT_EQ(::stat(at("openspec/changes/archive/2026-01-01-x/tasks.md").c_str(), &before), 0);
  put("openspec/changes/archive/2026-01-01-x/tasks.md", "bbbb");
  const timespec times[] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(
      utimensat(AT_FDCWD, at("openspec/changes/archive/2026-01-01-x/tasks.md").c_str(), times, 0),
      0);
  batch();
  EXPECT_EQ(row("openspec/changes/archive/2026-01-01-x/tasks.md"), "bbbb");
}

TEST_F(EngineTest, F9AClockSetBackLosesNothing) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  clock_.jump(-std::chrono::hours(1));
  put("openspec/changes/x/tasks.md", "two");
  saved("openspec/changes/x/tasks.md");
  expect_in_step();
  EXPECT_TRUE(conflicts().empty());
}

TEST_F(EngineTest, F66AfterASleepEverythingIsLookedAtOnce) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  const uint64_t scans = status().scans;
  put("openspec/changes/x/tasks.md", "changed while asleep");
  clock_.jump(std::chrono::hours(8));
  engine_->step(clock_.steady());
  rounds();
  expect_in_step();
  EXPECT_EQ(status().scans, scans + 1) << "one catch-up, no storm";
}

TEST_F(EngineTest, F28F24StrangeEntriesAreListedAndSkipped) {
  put("openspec/changes/x/tasks.md", "text");
  ASSERT_EQ(mkfifo(at("openspec/changes/x/proposal.md").c_str(), 0600), 0);
  std::filesystem::create_symlink("/etc/passwd", at("openspec/changes/x/design.md"));
  std::filesystem::create_directory_symlink("..", at("openspec/changes/x/loop"));
  std::filesystem::create_directories(at("openspec/changes/x/node_modules/deep"));
  add();
  EXPECT_EQ(rows().size(), 1u);
  const store::Spec spec = *live(Kind::change, "x");
  EXPECT_NE(spec.sync_error.find("design.md: a symbolic link"), std::string::npos)
      << spec.sync_error;
  const auto state = must(tables().states.get(project_, "openspec/changes/x/proposal.md"));
  ASSERT_TRUE(state);
  EXPECT_EQ(state->facts.error, "not a regular file; not imported");
  EXPECT_TRUE(must(tables().states.get(project_, "openspec/changes/x/node_modules")));
  // Mended: the errors are gone.
  for (const char* name : {"proposal.md", "design.md", "loop", "node_modules"}) {
    remove(std::string("openspec/changes/x/") + name);
  }
  batch();
  EXPECT_EQ(live(Kind::change, "x")->sync_error, "");
  EXPECT_FALSE(must(tables().states.get(project_, "openspec/changes/x/proposal.md")));
}

TEST_F(EngineTest, F29ATooLargeFileIsAnErrorOfItsOwn) {
  options_.max_bytes_per_file = 1000;
  engine_.reset();
  store_.reset();
  open();
  put("openspec/changes/x/tasks.md", "text");
  put("openspec/changes/x/huge.bin", std::string(1001, 'x'));
  add();
  EXPECT_EQ(rows().size(), 1u);
  EXPECT_NE(live(Kind::change, "x")->sync_error.find("huge.bin: larger than"), std::string::npos);
}

TEST_F(EngineTest, F26AnyBytesSurvive) {
  put("openspec/changes/x/proposal.md", "\xef\xbb\xbf# X\r\nno end");
  put("openspec/changes/x/logo.png", std::string("\x89PNG\r\n\x1a\n\0\0\xff", 11));
  put("openspec/changes/x/empty.md", "");
  put("openspec/changes/x/latin\xe9.md", "caf\xe9");
  add();
  expect_in_step();
}

TEST_F(EngineTest, F30LitterOfEditorsIsNoSpec) {
  for (const char* name :
       {"4913", ".tasks.md.swp", "#tasks.md#", ".#tasks.md", "tasks.md~", "tasks.md.tmp"}) {
    put(std::string("openspec/changes/x/") + name, "litter");
  }
  put("openspec/changes/x/tasks.md", "text");
  add();
  EXPECT_EQ(rows().size(), 1u);
}

TEST_F(EngineTest, F69MergeMarkersAreStoredAndFlagged) {
  put("openspec/changes/x/tasks.md", "<<<<<<< HEAD\n- [ ] a\n=======\n- [x] a\n>>>>>>> branch\n");
  add();
  expect_in_step();
  EXPECT_NE(live(Kind::change, "x")->sync_error.find("markers of a git merge"), std::string::npos);
}

TEST_F(EngineTest, F31AWatcherThatDoesNotAnswerIsRestarted) {
  add();
  is_watcher_alive_ = false;
  batch();
  EXPECT_EQ(watcher_restarts_, 1);
}

TEST_F(EngineTest, WhatTheWatcherMissedIsFoundAndCounted) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  batch();
  put("openspec/changes/x/tasks.md", "nobody said so");
  batch();
  expect_in_step();
  EXPECT_EQ(status().missed_by_watcher, 1u);
  EXPECT_EQ(watcher_restarts_, 1);
  // In the archive it is the batch's work, and nothing was missed.
  put("openspec/changes/archive/2026-01-01-y/tasks.md", "one");
  batch();
  EXPECT_EQ(status().missed_by_watcher, 1u);
  expect_in_step();
}

// Quiet batches look at a unit by one number alone; whatever happens in it must show there.
TEST_F(EngineTest, WhatHappensAfterQuietBatchesIsFoundByTheNext) {
  const std::string unit = "openspec/changes/archive/2026-01-01-x";
  put(unit + "/tasks.md", "one");
  put(unit + "/specs/a/spec.md", "# A");
  put(unit + "/design.md", "same size");
  add();
  const auto quiet = [&] {
    put(unit + "/last.md", "of this moment");
    settle(unit + "/last.md");
    for (int i = 0; i < 3; ++i) batch();
  };
  const std::vector<std::function<void()>> deeds{
      [&] { put(unit + "/design.md", "size same"); },
      [&] { put(unit + "/specs/a/spec.md", "# B"); },
      [&] { put(unit + "/specs/b/new.md", "new"); },
      [&] { rename(unit + "/specs/a", unit + "/specs/c"); },
      [&] { exchange(unit + "/specs/b", unit + "/specs/c"); },
      [&] { exchange(unit + "/tasks.md", unit + "/design.md"); },
      [&] { remove(unit + "/specs/b"); },
      [&] { rename(unit, unit + "-renamed"); },
  };
  for (size_t i = 0; i < deeds.size(); ++i) {
    SCOPED_TRACE(i);
    quiet();
    deeds[i]();
    batch();
    grace();
    expect_in_step();
  }
}

TEST_F(EngineTest, F33ChangesWhileItWasDownAreFoundAtStart) {
  put("openspec/changes/x/tasks.md", "one");
  put("openspec/changes/y/tasks.md", "gone");
  add();
  engine_.reset();
  store_.reset();
  put("openspec/changes/x/tasks.md", "two");
  put("openspec/changes/new/tasks.md", "three");
  remove("openspec/changes/y");
  open();
  rounds();
  expect_in_step();
}

TEST_F(EngineTest, F56AReplacedDatabaseIsNoticed) {
  add();
  std::filesystem::rename(store_->path(), store_->path() + ".away");
  batch();
  EXPECT_EQ(replaced_, 1);
}

TEST_F(EngineTest, SyncNowAnswersOnceEverythingIsIn) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  put("openspec/changes/x/tasks.md", "two");
  put("openspec/changes/archive/2026-01-01-y/tasks.md", "three");
  const auto scans = [&] {
    return engine_->status().projects.at(0).scans_by_cause[static_cast<size_t>(
        store::Trigger::manual)];
  };
  const uint64_t before = scans();
  bool is_done = false;
  engine_->sync_now({}, clock_.steady() + std::chrono::seconds(10), [&](const Strings& left) {
    EXPECT_EQ(left, Strings{});
    EXPECT_EQ(scans(), before + 1) << "who asks for the status next sees what was done";
    is_done = true;
  });
  rounds();
  EXPECT_TRUE(is_done);
  expect_in_step();
}

TEST_F(EngineTest, EventsTellEverySpecAsItsRowThenIs) {
  put("openspec/changes/x/tasks.md", "- [ ] a\n");
  add();
  put("openspec/changes/x/tasks.md", "- [x] a\n");
  saved("openspec/changes/x/tasks.md");
  std::filesystem::create_directories(at("openspec/changes/archive"));
  std::filesystem::rename(at("openspec/changes/x"), at("openspec/changes/archive/2026-01-02-x"));
  batch();
  const auto latest = must(tables().events.latest());
  std::vector<store::Event> told;
  for (const store::Event& event : must(tables().events.after({latest.epoch, {}}, 100)).events)
    if (event.type.starts_with("spec.")) told.push_back(event);
  ASSERT_GE(told.size(), 3u);
  EXPECT_EQ(told[0].type, "spec.created");
  EXPECT_EQ(told[1].type, "spec.updated");
  EXPECT_EQ(told.back().type, "spec.renamed");
  const auto text = [](const store::Event& event, const char* member, const char* of = nullptr) {
    const Value payload = must(json::parse(event.payload));
    const Value* object = of == nullptr ? &payload : payload.find(of);
    const Value* found = object == nullptr ? nullptr : object->find(member);
    return found == nullptr ? std::string("none") : found->text;
  };
  EXPECT_EQ(text(told[0], "version"), "1");
  EXPECT_EQ(text(told[1], "version"), "2");
  EXPECT_EQ(text(told[1], "tasks_done", "metadata"), "1");
  EXPECT_EQ(text(told.back(), "from"), "x");
  EXPECT_EQ(text(told.back(), "id"), "2026-01-02-x");
  const store::Spec row = live(Kind::archived, "2026-01-02-x").value();
  EXPECT_EQ(text(told.back(), "version"), std::to_string(row.version));
  EXPECT_EQ(text(told.back(), "version", "metadata"), std::to_string(row.version));
  EXPECT_EQ(text(told.back(), "status", "metadata"), row.status);
  EXPECT_EQ(text(told.back(), "path", "metadata"), row.dir);
  EXPECT_EQ(text(told.back(), "key", "metadata"), row.key.value.text);
  EXPECT_EQ(text(told.back(), "project", "metadata"), "none");
}

TEST_F(EngineTest, SyncNowTellsWhatNoWaitingHelpsAgainst) {
  for (int i = 0; i < 30; ++i)
    put("openspec/changes/c" + std::to_string(i) + "/tasks.md", std::to_string(i));
  add();
  for (int i = 0; i < 25; ++i) remove("openspec/changes/c" + std::to_string(i));
  Strings told;
  const auto sync = [&] {
    told = {"nothing yet"};
    engine_->sync_now({}, clock_.steady() + std::chrono::seconds(2),
                      [&](const Strings& left) { told = left; });
    wait(std::chrono::seconds(2));
  };
  sync();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].find("app: "), std::string::npos) << "held, and why";
  remove("");
  sync();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].find("app: "), std::string::npos) << "missing";
}

TEST_F(EngineTest, SyncNowWaitsForAWriterAndThenTellsOfIt) {
  put("openspec/changes/x/tasks.md", "one");
  add();
  const int writer = ::open(at("openspec/changes/x/tasks.md").c_str(), O_WRONLY | O_TRUNC);
  Strings told;
  engine_->sync_now({}, clock_.steady() + std::chrono::seconds(10),
                    [&](const Strings& left) { told = left; });
  rounds();
  EXPECT_EQ(told, Strings{}) << "still waiting";
  wait(std::chrono::seconds(10));
  EXPECT_EQ(told, Strings{"openspec/changes/x/tasks.md: being written"});
  ::close(writer);
}

TEST_F(EngineTest, AnotherSchemaCountsOtherFilesWithoutAnyOfThemChanging) {
  put("openspec/changes/x/tasks.md", "- [x] a\n");
  put("openspec/changes/x/todo/one.md", "- [ ] b\n- [ ] c\n");
  add();
  EXPECT_EQ(live(Kind::change, "x")->tasks_total, 1);
  const auto switch_schema = [&] {
    put("openspec/schemas/own/schema.yaml",
        "name: own\nversion: 1\nartifacts:\n  - id: todo\n    generates: todo/*.md\n    "
        "description: d\n"
        "    template: t.md\n    requires: []\napply:\n  requires: [todo]\n  tracks: todo/*.md\n");
    put("openspec/config.yaml", "schema: own\n");
  };
  switch_schema();
  saved("openspec/config.yaml");
  EXPECT_EQ(live(Kind::change, "x")->tasks_total, 2);
  put("openspec/config.yaml", "schema: spec-driven\n");
  reopen();
  EXPECT_EQ(live(Kind::change, "x")->tasks_total, 1) << "also when it changed while nobody looked";
  expect_in_step();
}

TEST_F(EngineTest, AFolderWithoutSpecsIsRefusedWithAWayOut) {
  std::filesystem::create_directories(dir_.path() + "/nothing");
  const auto refused = engine_->add_project(dir_.path() + "/nothing", "n");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("openspec init"), std::string::npos);
}

}  // namespace
}  // namespace specd::sync
