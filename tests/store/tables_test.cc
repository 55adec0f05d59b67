// What Projects, Specs, History, Conflicts and Events promise.

#include <algorithm>
#include <array>

#include "tests/store/store_fixture.h"

namespace specd::store {
namespace {

using std::chrono::seconds;

class TablesTest : public StoreTest {
 protected:
  HistoryId add(bool success, const std::string& error, seconds after,
                const std::string& id = "a") {
    HistoryEntry entry;
    entry.project = project_;
    entry.spec = key(id);
    entry.origin = "disk";
    entry.success = success;
    entry.error_message = error;
    entry.files_changed = {"a \"quoted\" name.md", "b.md"};
    entry.at = kNow + after;
    return must(tables().history.add(entry));
  }
  EventCursor append(seconds after = seconds(0)) {
    Event event;
    event.type = "spec.updated";
    event.project = project_;
    event.spec = key("a");
    event.at = kNow + after;
    return must(tables().events.append(event));
  }
};

TEST_F(TablesTest, ATakenSlugGetsANumber) {
  writing([&] {
    for (const char* expected : {"alpha-2", "alpha-3"}) {
      Project another = project("alpha");
      another.uuid += expected;
      another.root += expected;
      EXPECT_EQ(must(tables().projects.add(another)).slug, expected);
    }
    EXPECT_EQ(tables().projects.add(project("alpha")).error().code, Code::conflict);
  });
}

TEST_F(TablesTest, AProjectKeepsItsStateAndItsRoot) {
  writing([&] {
    must(tables().projects.set_state(project_, ProjectState::held, "25 specs vanished"));
    must(tables().projects.set_root(project_, "/moved", 7, ~uint64_t{0}));
    EXPECT_EQ(tables().projects.set_state(ProjectId{99}, ProjectState::ok, "").error().code,
              Code::not_found);
  });
  const Project now = must(tables().projects.by_slug("alpha")).value();
  EXPECT_EQ(now.state, ProjectState::held);
  EXPECT_EQ(now.state_reason, "25 specs vanished");
  EXPECT_EQ(now.root, "/moved");
  EXPECT_EQ(now.root_ino, ~uint64_t{0});
}

TEST_F(TablesTest, ARemovedProjectLeavesNothing) {
  writing([&] {
    pull("f", "one");
    pull("f", "two");
    must(tables().rescued.move_to_versions(tables().versions, 9));
    pull("f", "three");
    add(true, "", seconds(0));
    must(tables().specs.remember_contents(key("a"), std::array{sha256("three")}));
    must(tables().projects.remove(project_));
  });
  EXPECT_TRUE(must(tables().specs.contents_of_deleted(key("a"))).empty());
  EXPECT_TRUE(must(tables().projects.list()).empty());
  EXPECT_EQ(must(tables().specs.get(key("a"))), std::nullopt);
  EXPECT_EQ(must(tables().files.peek(project_, "f")), std::nullopt);
  EXPECT_EQ(must(tables().states.get(project_, "f")), std::nullopt);
  EXPECT_EQ(must(tables().rescued.count()), 0);
  EXPECT_EQ(must(tables().dirty.count()), 0);
  EXPECT_FALSE(tables().versions.content(sha256("one")));
  EXPECT_TRUE(must(tables().history.list({})).empty());
}

TEST_F(TablesTest, ASpecComesBackAsItWasWritten) {
  Spec spec = must(tables().specs.get(key("a"))).value();
  spec.tags = {"x \"y\"", "2"};
  spec.front_matter = R"({"a":1})";
  spec.status = "review";
  spec.status_set = true;
  spec.progress = spec::Progress::in_progress;
  spec.dir_ino = 42;
  spec.last_synced_at = kNow;
  writing([&] { must(tables().specs.update(spec)); });
  const Spec back = must(tables().specs.live(project_, spec::Kind::change, "a")).value();
  EXPECT_EQ(back.tags, spec.tags);
  EXPECT_EQ(back.front_matter, spec.front_matter);
  EXPECT_EQ(back.status, "review");
  EXPECT_TRUE(back.status_set);
  EXPECT_EQ(back.progress, spec::Progress::in_progress);
  EXPECT_EQ(back.last_synced_at, kNow);
  EXPECT_EQ(back.deleted_at, std::nullopt);
  EXPECT_EQ(back.version, spec.version + 1);
}

TEST_F(TablesTest, F71WhatADeletedSpecConsistedOfIsRememberedUntilItIsBack) {
  std::vector<Digest> contents{sha256("two"), sha256("one"), sha256("one")};
  writing([&] {
    must(tables().specs.remember_contents(key("a"), std::array{sha256("earlier")}));
    must(tables().specs.remember_contents(key("a"), contents));
    must(tables().specs.remember_contents(key("b"), std::array{sha256("of another")}));
  });
  std::sort(contents.begin(), contents.end());
  EXPECT_EQ(must(tables().specs.contents_of_deleted(key("a"))), contents);
  writing([&] { must(tables().specs.forget_contents(key("a"))); });
  EXPECT_TRUE(must(tables().specs.contents_of_deleted(key("a"))).empty());
  EXPECT_EQ(must(tables().specs.contents_of_deleted(key("b"))).size(), 1u);
}

TEST_F(TablesTest, AnIdIsUniqueAmongLiveSpecsOnly) {
  Spec again = spec("a");
  again.key = key("a2");
  auto gone = must(tables().specs.get(key("a"))).value();
  gone.deleted_at = kNow;
  gone.dir_dev = 1;
  gone.dir_ino = 2;
  writing([&] {
    EXPECT_EQ(tables().specs.insert(again).error().code, Code::conflict);
    must(tables().specs.update(gone));
    must(tables().specs.insert(again));
  });
  EXPECT_EQ(must(tables().specs.live_at(project_, again.dir))->key, again.key);
  EXPECT_EQ(must(tables().specs.revivable(project_, "a", 0, 0)).size(), 1u);
  EXPECT_EQ(must(tables().specs.revivable(project_, "", 1, 2)).size(), 1u);
  EXPECT_TRUE(must(tables().specs.revivable(project_, "", 0, 0)).empty());
  EXPECT_TRUE(must(tables().specs.revivable(project_, "b", 1, 3)).empty());
}

TEST_F(TablesTest, LiveSpecsBelowAFolderAreNotThoseOfItsNeighbours) {
  writing([&] {
    must(tables().specs.insert(spec("a/b")));
    must(tables().specs.insert(spec("a-x")));
    must(tables().specs.insert(spec("a0")));
  });
  std::vector<std::string> ids;
  for (const Spec& spec : must(tables().specs.live_below(project_, "openspec/changes/a"))) {
    ids.push_back(spec.id);
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"a", "a/b"}));
  EXPECT_EQ(must(tables().specs.live_below(project_, "")).size(), 4u);
}

TEST_F(TablesTest, ARepeatedErrorIsOneRowThatCounts) {
  writing([&] {
    const HistoryId first = add(false, "disk full", seconds(0));
    EXPECT_EQ(add(false, "disk full", seconds(30)), first);
    EXPECT_EQ(add(false, "disk full", seconds(60)), first);
    EXPECT_NE(add(false, "disk full", seconds(61), "other"), first);
    EXPECT_NE(add(false, "no rights", seconds(62)), first);
    EXPECT_NE(add(false, "disk full", seconds(63)), first);
    add(true, "", seconds(64));
    add(true, "", seconds(65));
  });
  const auto all = must(tables().history.list({.project = {}, .spec = key("a"), .before = {}}));
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all.back().count, 3);
  EXPECT_EQ(all.back().at, kNow);
  EXPECT_EQ(all.back().last_at, kNow + seconds(60));
  EXPECT_EQ(all.back().files_changed, (std::vector<std::string>{"a \"quoted\" name.md", "b.md"}));
}

TEST_F(TablesTest, HistoryPagesBackwardsAndIsTrimmedByAgeAndRows) {
  writing([&] {
    for (int i = 0; i < 10; ++i) add(true, "", seconds(i));
  });
  HistoryQuery query{.project = project_, .spec = {}, .before = {}, .limit = 4};
  std::vector<int64_t> seen;
  for (;;) {
    const auto page = must(tables().history.list(query));
    if (page.empty()) break;
    for (const HistoryEntry& entry : page) seen.push_back((entry.at - kNow) / seconds(1));
    query.before = page.back().id;
  }
  EXPECT_EQ(seen, (std::vector<int64_t>{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}));
  writing([&] { EXPECT_EQ(must(tables().history.trim(kNow + seconds(3), 5)), 5); });
  EXPECT_EQ(must(tables().history.list({})).size(), 5u);
}

TEST_F(TablesTest, AnEventOfARolledBackTransactionNeverWas) {
  {
    auto transaction = must(store_->begin());
    append();
  }
  EXPECT_EQ(must(tables().events.latest()).seq, Seq{0});
  writing([&] { EXPECT_EQ(append().seq, Seq{1}); });
}

TEST_F(TablesTest, F72WhoComesBackGetsEveryEventOnceInOrder) {
  EventCursor cursor = must(tables().events.latest());
  writing([&] {
    for (int i = 0; i < 7; ++i) append();
  });
  std::vector<int64_t> seen;
  for (;;) {
    const EventPage page = must(tables().events.after(cursor, 3));
    ASSERT_FALSE(page.resync);
    EXPECT_EQ(page.latest.seq, Seq{7});
    if (page.events.empty()) break;
    for (const Event& event : page.events) seen.push_back(event.seq.value);
    cursor.seq = page.events.back().seq;
  }
  EXPECT_EQ(seen, (std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7}));
}

TEST_F(TablesTest, ATrimmedAForeignOrAFutureCursorMeansResync) {
  writing([&] {
    for (int i = 0; i < 10; ++i) append(seconds(i));
    EXPECT_EQ(must(tables().events.trim(kNow + seconds(4), 100)), 4);
    EXPECT_EQ(must(tables().events.trim(kNow, 3)), 3);
  });
  const Epoch epoch = must(tables().events.latest()).epoch;
  EXPECT_EQ(must(tables().events.first_available()), Seq{8});
  EXPECT_TRUE(must(tables().events.after({epoch, Seq{6}}, 9)).resync);
  EXPECT_FALSE(must(tables().events.after({epoch, Seq{7}}, 9)).resync);
  EXPECT_EQ(must(tables().events.after({epoch, Seq{7}}, 9)).events.size(), 3u);
  EXPECT_FALSE(must(tables().events.after({epoch, Seq{10}}, 9)).resync);
  EXPECT_TRUE(must(tables().events.after({epoch, Seq{11}}, 9)).resync);
  EXPECT_TRUE(must(tables().events.after({Epoch{epoch.value - 1}, Seq{9}}, 9)).resync);
}

TEST_F(TablesTest, NumbersGoOnWhenEveryEventWasTrimmed) {
  writing([&] {
    for (int i = 0; i < 5; ++i) append();
    must(tables().events.trim(kNow + seconds(1), 0));
  });
  writing([&] { EXPECT_EQ(append().seq, Seq{6}); });
}

TEST_F(TablesTest, ANewEpochIsLaterThanTheLastAlsoWhenTheClockWasSetBack) {
  const Epoch before = must(tables().events.latest()).epoch;
  writing([&] { EXPECT_GT(must(tables().events.renew(kNow - seconds(100))), before); });
}

TEST_F(TablesTest, OpenConflictsAreListedLatestFirstUntilResolved) {
  ConflictId first;
  ConflictId second;
  writing([&] {
    Conflict conflict;
    conflict.project = project_;
    conflict.spec = key("a");
    conflict.path = "f";
    conflict.kind = ConflictKind::overwritten;
    conflict.base = sha256("b");
    conflict.detected_at = kNow;
    first = must(tables().conflicts.add(conflict));
    second = must(tables().conflicts.add(conflict));
  });
  const auto open = must(tables().conflicts.list_open({}));
  ASSERT_EQ(open.size(), 2u);
  EXPECT_EQ(open[0].id, second);
  EXPECT_EQ(open[0].base, sha256("b"));
  EXPECT_EQ(open[0].disk, std::nullopt);
  EXPECT_EQ(
      must(tables().conflicts.list_open({.project = {}, .spec = {}, .before = second})).size(), 1u);
  EXPECT_TRUE(
      must(tables().conflicts.list_open({.project = {}, .spec = key("b"), .before = {}})).empty());
  writing([&] { must(tables().conflicts.resolve(second, Resolution::merged, "ann", kNow)); });
  EXPECT_EQ(must(tables().conflicts.count_open()), 1);
  EXPECT_EQ(must(tables().conflicts.get(second))->resolved_by, "ann");
}

TEST_F(TablesTest, WhatWasDisplacedForAConflictMayGoUnlessAnotherOneRestsOnIt) {
  const auto dismissed = [&](const std::string& file) {
    size_t count = 0;
    for (const Version& version : must(tables().versions.list(project_, file, 9)))
      count += version.dismissed_at ? 1 : 0;
    return count;
  };
  const auto release = [&](const std::string& file) {
    writing([&] { must(tables().versions.release(project_, file, sha256("overruled"), kNow)); });
  };
  writing([&] {
    for (const char* file : {"f", "g"}) {
      pull(file, "overruled");
      pull(file, "of the disk", "a", OldContent::keep_displaced);
      must(tables().rescued.move_to_versions(tables().versions, project_, file));
    }
    must(tables().conflicts.add({.project = project_,
                                 .spec = key("a"),
                                 .path = "g",
                                 .row = sha256("overruled"),
                                 .detected_at = kNow}));
  });
  release("f");
  release("g");
  EXPECT_EQ(dismissed("f"), 1u);
  EXPECT_EQ(dismissed("g"), 0u) << "an open conflict rests on it";
  writing(
      [&] { must(tables().conflicts.resolve(ConflictId{1}, Resolution::dismissed, "ann", kNow)); });
  release("g");
  EXPECT_EQ(dismissed("g"), 1u);
}

TEST_F(TablesTest, WhatWasPutAsideOfOneFileIsMovedByItself) {
  writing([&] {
    for (const char* file : {"f", "g"}) {
      pull(file, "first");
      pull(file, "second");
      pull(file, "third");
    }
  });
  writing([&] { must(tables().rescued.move_to_versions(tables().versions, project_, "g")); });
  EXPECT_EQ(must(tables().versions.list(project_, "g", 9)).size(), 2u);
  EXPECT_EQ(must(tables().versions.list(project_, "g", 9)).front().digest, sha256("second"));
  EXPECT_EQ(must(tables().rescued.list(project_, "g", 9)).size(), 0u);
  EXPECT_EQ(must(tables().rescued.list(project_, "f", 9)).size(), 2u);
}

TEST_F(TablesTest, OurOwnEditsComeBeforeForeignOnes) {
  writing([&] {
    pull("f", "x");
    pull("g", "x");
  });
  auto other = must(sqlite::Database::open(store_->path(), {}));
  must(other.script("UPDATE spec_files SET content = 'foreign' WHERE path = 'f'"));
  writing([&] {
    must(tables().files.edit({.project = project_,
                              .path = "g",
                              .spec = key("a"),
                              .planned = rev("g"),
                              .content = "ours",
                              .edit = {},
                              .now = kNow}));
  });
  const auto dirty = must(tables().dirty.list(9));
  ASSERT_EQ(dirty.size(), 2u);
  EXPECT_EQ(dirty[0].path, "g");
  EXPECT_EQ(dirty[1].path, "f");
  EXPECT_TRUE(dirty[1].foreign);
}

}  // namespace
}  // namespace specd::store
