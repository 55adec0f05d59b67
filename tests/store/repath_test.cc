#include "tests/store/store_fixture.h"

namespace specd::store {
namespace {

class RepathTest : public StoreTest {
 protected:
  RepathTest() {
    writing([&] { must(tables().specs.insert(spec("b"))); });
  }
  void edit(const std::string& file, std::string_view content, const std::string& id) {
    must(tables().files.edit({.project = project_,
                              .path = file,
                              .spec = key(id),
                              .planned = rev(file),
                              .content = content,
                              .edit = {},
                              .now = kNow}));
  }
  void repath(std::vector<DirMove> moves) {
    writing([&] { must(tables().files.repath(project_, moves, kNow)); });
  }
  static std::string dir(const std::string& id) { return "openspec/changes/" + id; }
};

TEST_F(RepathTest, EverythingOfTheSpecFollowsAndCleanStaysClean) {
  writing([&] {
    pull(path("a", "tasks.md"), "one");
    pull(path("a", "sub/\xff.bin"), "bytes");
    pull(path("b", "tasks.md"), "other", "b");
    must(tables().versions.put({.project = project_,
                                .path = path("a", "tasks.md"),
                                .spec = key("a"),
                                .content = "kept",
                                .reason = Reason::displaced,
                                .source = {"api", "ann"},
                                .now = kNow}));
  });
  const Rev before = rev(path("a", "tasks.md"));
  repath({{key("a"), dir("a"), "openspec/changes/archive/2026-01-01-a"}});
  const std::string moved = "openspec/changes/archive/2026-01-01-a/tasks.md";
  EXPECT_EQ(row(moved).content, "one");
  EXPECT_NE(row(moved).rev, before);
  EXPECT_EQ(state(moved).pushed_rev, row(moved).rev);
  EXPECT_EQ(state(moved).base, sha256("one"));
  EXPECT_EQ(row("openspec/changes/archive/2026-01-01-a/sub/\xff.bin").content, "bytes");
  EXPECT_EQ(must(tables().files.peek(project_, path("a", "tasks.md"))), std::nullopt);
  EXPECT_EQ(must(tables().versions.list(project_, moved, 9)).size(), 1u);
  EXPECT_EQ(must(tables().dirty.count()), 0);
  EXPECT_EQ(must(tables().files.unpushed(project_)).size(), 0u);
  EXPECT_EQ(must(tables().rescued.count()), 0);
  EXPECT_EQ(row(path("b", "tasks.md")).content, "other");
}

TEST_F(RepathTest, WhatWasDirtyStaysDirtyAtItsNewPlace) {
  writing([&] { pull(path("a", "tasks.md"), "base"); });
  writing([&] { edit(path("a", "tasks.md"), "mine", "a"); });
  repath({{key("a"), dir("a"), dir("z")}});
  const auto dirty = must(tables().dirty.list(9));
  ASSERT_EQ(dirty.size(), 1u);
  EXPECT_EQ(dirty[0].path, path("z", "tasks.md"));
  EXPECT_EQ(dirty[0].rev, row(path("z", "tasks.md")).rev);
  EXPECT_EQ(must(tables().files.unpushed(project_)).size(), 1u);
}

TEST_F(RepathTest, F17TwoSpecsSwapNamesWithoutCrossingContents) {
  writing([&] {
    pull(path("a", "tasks.md"), "of a", "a");
    pull(path("b", "tasks.md"), "of b", "b");
    pull(path("b", "design.md"), "only b", "b");
  });
  writing([&] {
    must(tables().specs.move(
        std::vector<SpecMove>{{key("a"), spec::Kind::change, "b", "b", dir("b")},
                              {key("b"), spec::Kind::change, "a", "a", dir("a")}},
        kNow));
    must(tables().files.repath(
        project_,
        std::vector<DirMove>{{key("a"), dir("a"), dir("b")}, {key("b"), dir("b"), dir("a")}},
        kNow));
  });
  EXPECT_EQ(row(path("b", "tasks.md")).content, "of a");
  EXPECT_EQ(row(path("b", "tasks.md")).spec, key("a"));
  EXPECT_EQ(row(path("a", "tasks.md")).content, "of b");
  EXPECT_EQ(row(path("a", "design.md")).content, "only b");
  EXPECT_EQ(must(tables().files.peek(project_, path("b", "design.md"))), std::nullopt);
  EXPECT_EQ(must(tables().specs.live_at(project_, dir("a")))->key, key("b"));
  EXPECT_EQ(must(tables().files.unpushed(project_)).size(), 0u);
  EXPECT_EQ(must(tables().rescued.count()), 0);
}

TEST_F(RepathTest, ADeletedSpecsRowInTheWayIsKeptAsAVersion) {
  writing([&] {
    pull(path("a", "tasks.md"), "of a", "a");
    pull(path("b", "tasks.md"), "of b", "b");
    must(tables().files.soft_delete(project_, path("b", "tasks.md"), rev(path("b", "tasks.md")),
                                    kNow));
  });
  repath({{key("a"), dir("a"), dir("b")}});
  EXPECT_EQ(row(path("b", "tasks.md")).content, "of a");
  EXPECT_EQ(must(tables().versions.content(sha256("of b"))), "of b");
  writing([&] { must(tables().rescued.move_to_versions(tables().versions, 9)); });
  const auto kept = must(tables().versions.list(project_, path("b", "tasks.md"), 9));
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].reason, Reason::displaced);
  EXPECT_EQ(kept[0].spec, key("b"));
}

}  // namespace
}  // namespace specd::store
