#include "sync/engine.h"

#include <gtest/gtest.h>

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

TEST_F(EngineTest, AFolderWithoutSpecsIsRefusedWithAWayOut) {
  std::filesystem::create_directories(dir_.path() + "/nothing");
  const auto refused = engine_->add_project(dir_.path() + "/nothing", "n");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("openspec init"), std::string::npos);
}

}  // namespace
}  // namespace specd::sync
