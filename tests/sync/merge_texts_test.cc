#include "sync/merge_texts.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "spec/frontmatter.h"
#include "tests/support/must.h"

namespace specd::sync {
namespace {

using merge::Markers;
using merge::Merged;

Merged merged(const merge::Sides& sides, Markers markers = Markers::none) {
  return test::must(merge_texts(sides, markers));
}
// Of three front matters with one body.
std::string head(const std::string& base, const std::string& disk, const std::string& row,
                 Markers markers = Markers::none) {
  const auto with_body = [](const std::string& fields) { return "---\n" + fields + "---\n# T\n"; };
  const std::string b = with_body(base), d = with_body(disk), r = with_body(row);
  const Merged result = merged({b, d, r}, markers);
  return std::to_string(result.conflicts) + ": " +
         result.content.substr(4, result.content.find("---\n# T\n") - 4);
}

TEST(MergeTexts, NeighbouringFieldsThatEachSideChangedAreMerged) {
  EXPECT_EQ(
      head("status: planned\npriority: low\ndue: 1\n", "status: done\npriority: low\ndue: 1\n",
           "status: planned\npriority: high\ndue: 1\n"),
      "0: status: done\npriority: high\ndue: 1\n");
}

TEST(MergeTexts, OneFieldThatBothChangedIsTheOnlyConflict) {
  const std::string base = "status: planned\npriority: low\n";
  const std::string disk = "status: done\npriority: low\n",
                    row = "status: review\npriority: high\n";
  EXPECT_EQ(head(base, disk, row), "1: status: done\npriority: high\n");
  EXPECT_EQ(head(base, disk, row, Markers::git),
            "1: <<<<<<< what is on disk\nstatus: done\n=======\nstatus: review\n>>>>>>> the edit\n"
            "priority: high\n");
}

TEST(MergeTexts, FieldsThatEitherSideAddedOrTookAwayAreMerged) {
  EXPECT_EQ(head("a: 1\nb: 2\nc: 3\n", "a: 1\nx: 9\nc: 4\n", "a: 1\ny: 8\nb: 2\n"),
            "1: a: 1\n"
            "y: 8\nx: 9\nc: 4\n")
      << "c: changed here, taken away there";
  EXPECT_EQ(head("a: 1\n", "a: 2\nx: 9\n", "a: 1\ny: 8\n"), "0: a: 2\ny: 8\nx: 9\n");
  EXPECT_EQ(head("a: 1\nb: 2\n", "a: 3\nb: 2\n", "a: 1\n"), "0: a: 3\n");
}

TEST(MergeTexts, ListsGainWhatEitherAddedAndLoseWhatEitherTookAway) {
  EXPECT_EQ(head("tags: [a, b, c]\n", "tags: [a, b, c, \"d e\"]\n", "tags: [b, c, f]\n"),
            "0: tags: [b, c, \"d e\", f]\n");
  EXPECT_EQ(head("tags:\n  - a\n  - b\n", "tags:\n  - 'a'\n  - b\n  - d\n", "tags: [b, \"1\"]\n"),
            "0: tags:\n  - b\n  - d\n  - \"1\"\n");
  EXPECT_EQ(head("tags: [a, b]\n", "tags: [a]\n", "tags: [b]\n"), "0: tags: []\n");
}

TEST(MergeTexts, AListInAWayThatIsNotUnderstoodIsAConflict) {
  EXPECT_EQ(head("tags: [a] # why\n", "tags: [a, b] # why\n", "tags: [a, c] # why\n"),
            "1: tags: [a, b] # why\n");
  EXPECT_EQ(head("tags: [a]\n", "tags: [a, b]\n", "tags: none\n"), "1: tags: [a, b]\n");
}

TEST(MergeTexts, TheSameValueInOtherWordsIsTheDisks) {
  EXPECT_EQ(head("due: 1\n", "due: 2 # soon\n", "due:  2\n"), "0: due: 2 # soon\n");
}

TEST(MergeTexts, OneFieldThatBothAddedInDifferentPlacesIsNotThereTwice) {
  EXPECT_EQ(head("a: 1\nb: 2\nc: 3\nd: 4\n", "due: 5\na: 1\nb: 2\nc: 3\nd: 4\n",
                 "a: 1\nb: 2\nc: 3\nd: 4\ndue: 6\n"),
            "1: due: 5\na: 1\nb: 2\nc: 3\nd: 4\n");
}

TEST(MergeTexts, BodiesAreMergedByLinesBesideAFrontMatterByField) {
  const std::string base = "---\nstatus: planned\npriority: low\n---\n\nOne.\n\nTwo.\n\nThree.\n";
  const std::string disk = "---\nstatus: done\npriority: low\n---\n\nOne!\n\nTwo.\n\nThree.\n";
  const std::string row = "---\nstatus: planned\npriority: high\n---\n\nOne.\n\nTwo.\n\nThree!\n";
  EXPECT_EQ(merged({base, disk, row}).content,
            "---\nstatus: done\npriority: high\n---\n\nOne!\n\nTwo.\n\nThree!\n");
}

TEST(MergeTexts, TheDisksBytesSurviveOutsideTheFieldsThatTheRowChanged) {
  const std::string base = "---\nstatus: planned\npriority: low\n---\nOne.\n";
  const std::string disk =
      "\xef\xbb\xbf---\r\nstatus:   'done'  # really\r\npriority: low\r\n---\r\nOne.";
  const std::string row = "---\nstatus: planned\npriority: high\n---\nOne.\nTwo.\n";
  const Merged result = merged({base, disk, row});
  EXPECT_EQ(
      result.content,
      "\xef\xbb\xbf---\r\nstatus:   'done'  # really\r\npriority: high\r\n---\r\nOne.\r\nTwo.");
  EXPECT_TRUE(result.is_clean());
}

TEST(MergeTexts, WhatCannotBeToldByFieldIsMergedByLines) {
  const merge::Sides sides{"---\na: 1\n---\n", "---\na: [\n---\n", "---\na: 2\n---\n"};
  const Merged result = merged(sides, Markers::git);
  EXPECT_EQ(result.conflicts, 1u);
  EXPECT_EQ(result.content,
            "---\n<<<<<<< what is on disk\na: [\n=======\na: 2\n>>>>>>> the edit\n---\n");
  EXPECT_EQ(head("# x\na: 1\nb: 1\n", "# y\na: 2\nb: 1\n", "# z\na: 1\nb: 2\n").substr(0, 2), "1:")
      << "comments above all fields";
}

TEST(MergeTexts, AFileThatBothMadeIsMergedByField) {
  EXPECT_EQ(merged({"", "---\na: 1\nb: 2\n---\n", "---\na: 1\nc: 3\n---\n"}).content,
            "---\na: 1\nc: 3\nb: 2\n---\n");
}

/// Sides whose fields are edited at random.
class RandomFields : public testing::Test {
 protected:
  size_t below(size_t limit) { return static_cast<size_t>(random_.next() % limit); }
  std::string side() {
    std::string text = "---\n";
    for (const char* name : {"a", "b", "c", "d"}) {
      const size_t value = below(5);
      if (value < 3) text += std::string(name) + ": " + std::to_string(value) + "\n";
      if (value == 3) text += std::string(name) + ": [" + std::to_string(below(3)) + ", x]\n";
    }
    return text + "---\n";
  }
  static std::string field(const std::string& text, const std::string& name) {
    const auto matter = spec::front_matter(text);
    const Value* value = matter && matter->value ? matter->value->find(name) : nullptr;
    if (value == nullptr) return "none";
    std::string all = value->text;
    for (const Value& item : value->items) all += "," + item.text;
    return all;
  }
  SeededRandom random_{49};
};

TEST_F(RandomFields, AFieldThatOneSideChangedIsThatSides) {
  for (int round = 0; round < 3000; ++round) {
    const std::string base = side(), disk = side(), row = side();
    const Merged result = merged({base, disk, row});
    for (const char* name : {"a", "b", "c", "d"}) {
      const auto b = field(base, name), d = field(disk, name), r = field(row, name);
      if (b == r || d == r) {
        ASSERT_EQ(field(result.content, name), d) << base << disk << row << result.content;
      } else if (b == d) {
        ASSERT_EQ(field(result.content, name), r) << base << disk << row << result.content;
      }
    }
    ASSERT_TRUE(spec::front_matter(result.content)->value);
  }
}

}  // namespace
}  // namespace specd::sync
