#include <gtest/gtest.h>

#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

using testing::HasSubstr;

class ConflictsTest : public ApiTest {
 protected:
  // A conflict whose texts are all kept; those that are empty were never there.
  std::string add(const std::string& base, const std::string& disk, const std::string& row,
                  store::ConflictKind kind = store::ConflictKind::both_changed) {
    store::Conflict conflict{.project = project_, .spec = key("a"), .path = file_, .kind = kind};
    const auto keep = [&](const std::string& text) -> std::optional<Digest> {
      if (text.empty()) return std::nullopt;
      writing([&] { pull(file_, text); });
      return sha256(text);
    };
    conflict.base = keep(base);
    conflict.row = keep(row);
    conflict.disk = keep(disk);
    if (disk.empty()) {
      writing([&] {
        store::must(tables().files.soft_delete(project_, file_, rev(file_), store::kNow,
                                               store::OldContent::drop));
      });
    }
    conflict.detected_at = store::kNow;
    store::ConflictId id;
    writing([&] { id = store::must(tables().conflicts.add(conflict)); });
    return "/api/v1/conflicts/" + std::to_string(id.value);
  }

  const std::string file_ = path("a", "tasks.md");
};

TEST_F(ConflictsTest, AConflictHasAMerge) {
  const std::string body = get(add("a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nD\n")).body;
  EXPECT_EQ(at(body, "merge/content"), "A\nb\nc\nD\n");
  EXPECT_EQ(at(body, "merge/clean"), "true");
  EXPECT_EQ(at(body, "merge/conflicts"), "0");
  EXPECT_EQ(at(body, "merge_error"), "null");
  EXPECT_EQ(at(body, "undone"), "null");
}

TEST_F(ConflictsTest, WhereBothChangedTheSameMarkersShowItWhenTheyAreAskedFor) {
  const std::string conflict = add("a\n", "of the disk\n", "of the database\n");
  const std::string body = get(conflict).body;
  EXPECT_EQ(at(body, "merge/content"), "of the disk\n");
  EXPECT_EQ(at(body, "merge/clean"), "false");
  EXPECT_EQ(at(body, "merge/conflicts"), "1");
  EXPECT_EQ(at(get(conflict + "?markers=true").body, "merge/content"),
            "<<<<<<< what is on disk\nof the disk\n=======\nof the database\n>>>>>>> the edit\n");
}

TEST_F(ConflictsTest, FrontMattersAreMergedByField) {
  const std::string body = get(add("---\nstatus: planned\npriority: low\n---\n",
                                   "---\nstatus: done\npriority: low\n---\n",
                                   "---\nstatus: planned\npriority: high\n---\n"))
                               .body;
  EXPECT_EQ(at(body, "merge/content"), "---\nstatus: done\npriority: high\n---\n");
}

TEST_F(ConflictsTest, WhereNothingCanBeMergedItSaysWhy) {
  using enum store::ConflictKind;
  const auto why = [&](const std::string& conflict) {
    const std::string body = get(conflict).body;
    EXPECT_EQ(at(body, "merge"), "null");
    return at(body, "merge_error");
  };
  EXPECT_THAT(why(add("a\n", "", "b\n", deleted_on_disk)), HasSubstr("deleted on disk"));
  EXPECT_THAT(why(add("a\n", "b\n", "", deleted_in_db)), HasSubstr("the edit deleted the file"));
  EXPECT_THAT(why(add("a\n", "\xff\n", "b\n")), HasSubstr("what is on disk: it is no UTF-8 text"));
}

TEST_F(ConflictsTest, ATextThatIsNoLongerKeptIsNotMerged) {
  store::Conflict conflict{.project = project_, .spec = key("a"), .path = file_};
  conflict.base = conflict.disk = sha256("kept");
  conflict.row = sha256("not kept");
  conflict.detected_at = store::kNow;
  writing([&] {
    pull(file_, "kept");
    store::must(tables().conflicts.add(conflict));
  });
  EXPECT_THAT(at(get("/api/v1/conflicts/1").body, "merge_error"),
              HasSubstr("the edit is no longer kept"));
}

TEST_F(ConflictsTest, AFileThatBothMadeIsMerged) {
  EXPECT_EQ(at(get(add("", "a\n", "a\n")).body, "merge/clean"), "true");
}

TEST_F(ConflictsTest, AnOverwrittenPushTellsARevertFromAnEditor) {
  constexpr auto kKind = store::ConflictKind::overwritten;
  const std::string before = "a\nb\nc\n", pushed = "A\nb\nc\n";
  EXPECT_EQ(at(get(add(before, before, pushed, kKind)).body, "undone"), "reverted");
  const std::string body = get(add(before, "a\nb\nC\n", pushed, kKind)).body;
  EXPECT_EQ(at(body, "undone"), "overwritten");
  EXPECT_EQ(at(body, "merge/content"), "A\nb\nC\n");
}

TEST_F(ConflictsTest, ResolvedOnesAreListedWhenAllAreAskedFor) {
  add("a\n", "b\n", "c\n");
  add("a\n", "b\n", "d\n");
  writing([&] {
    store::must(tables().conflicts.resolve(store::ConflictId{1}, store::Resolution::dismissed,
                                           "somebody", store::kNow));
  });
  EXPECT_EQ(at(get("/api/v1/conflicts").body, "conflicts/1/id"), "nothing at conflicts/1/id");
  const std::string all = get("/api/v1/conflicts?all=true&limit=1").body;
  EXPECT_EQ(at(all, "conflicts/0/id"), "2");
  const std::string older = get("/api/v1/conflicts?all=true&before=" + at(all, "before")).body;
  EXPECT_EQ(at(older, "conflicts/0/resolution"), "dismissed");
  EXPECT_EQ(at(get("/api/v1/conflicts?all=true&project=alpha&spec=KEY-a").body, "conflicts/1/id"),
            "1");
}

}  // namespace
}  // namespace specd::api
