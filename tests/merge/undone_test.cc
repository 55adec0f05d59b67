#include "merge/undone.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "merge/line_diff.h"
#include "tests/support/must.h"

namespace specd::merge {

// How a failed expectation names it.
void PrintTo(Undone undone, std::ostream* out) {
  static const char* const kNames[] = {"none", "reverted", "overwritten"};
  *out << kNames[static_cast<size_t>(undone)];
}

namespace {

const std::string kBefore = "# T\n\n- [ ] a\n- [ ] b\n- [ ] c\n\nEnd.\n";
const std::string kPushed = "# T\n\n- [x] a\n- [ ] b\n- [ ] c\n- [ ] d\n\nEnd.\n";

Undone undone(const std::string& on_disk, const std::string& pushed = kPushed,
              const std::string& before = kBefore) {
  return test::must(what_was_undone({before, pushed, on_disk}));
}

TEST(Undone, WhatWasPushedIsNotUndone) {
  EXPECT_EQ(undone(kPushed), Undone::none);
}

TEST(Undone, TheTextBeforeThePushRevertsIt) {
  EXPECT_EQ(undone(kBefore), Undone::reverted);
}

TEST(Undone, APartThatIsTakenBackAloneIsReverted) {
  EXPECT_EQ(undone("# T\n\n- [x] a\n- [ ] b\n- [ ] c\n\nEnd.\n"), Undone::reverted);
}

TEST(Undone, AnEditorThatHadTheOldTextOverwrites) {
  EXPECT_EQ(undone("# T\n\n- [ ] a\n- [ ] b\n- [ ] c\n\nEnd, said the editor.\n"),
            Undone::overwritten);
  EXPECT_EQ(undone("# T\n\n- [ ] a\n- [x] b\n- [ ] c\n\nEnd.\n"), Undone::overwritten)
      << "also beside a line that was pushed";
  EXPECT_EQ(undone("# T\n\n- [ ] a\n- [ ] b\n- [x] c\n\nEnd.\n",
                   "# T\n\n- [ ] a\n- [ ] b\n- [ ] c\n- [ ] d\n\nEnd.\n"),
            Undone::overwritten)
      << "beside a line that was added";
}

TEST(Undone, AnEditorThatHadTheOldTextOverwritesWhatWasAddedAtTheEnd) {
  EXPECT_EQ(undone("a\nB\n", "a\nb\nc\n", "a\nb\n"), Undone::overwritten);
}

TEST(Undone, EditsBesideWhatWasPushedUndoNothing) {
  EXPECT_EQ(undone("# T\n\n- [x] a\n- [x] b\n- [ ] c\n- [ ] d\n\nThe end.\n"), Undone::none);
}

TEST(Undone, APushedLineThatIsEditedFurtherIsNotUndone) {
  EXPECT_EQ(undone("# T\n\n- [x] a, well\n- [ ] b\n- [ ] c\n- [ ] d\n\nEnd.\n"), Undone::none);
  EXPECT_EQ(undone("# T\n\n- [x] a\n- [ ] b\n- [ ] c\n- [ ] d, too\n\nEnd.\n"), Undone::none);
  EXPECT_EQ(undone("# T\n\n- [x] a\n- [ ] b\n- [ ] c\n- [ ] d\n- [ ] e\n\nEnd.\n"), Undone::none);
}

TEST(Undone, OneOfSeveralChangesIsEnough) {
  EXPECT_EQ(undone("# T\n\n- [ ] a\n- [ ] b\n- [ ] c\n- [ ] d\n\nThe end.\n"), Undone::overwritten);
}

TEST(Undone, WhatThePushTookAwayAndIsThereAgainIsUndone) {
  const std::string pushed = "# T\n\n- [ ] a\n- [ ] c\n\nEnd.\n";
  EXPECT_EQ(undone("# T\n\n- [ ] a\n- [ ] b\n- [ ] c\n\nThe end.\n", pushed), Undone::overwritten);
  EXPECT_EQ(undone("# T\n\n- [ ] a\n- [ ] c\n\nThe end.\n", pushed), Undone::none);
}

TEST(Undone, LineEndsAloneUndoNothing) {
  EXPECT_EQ(undone("# T\r\n\r\n- [x] a\r\n- [ ] b\r\n- [ ] c\r\n- [ ] d\r\n\r\nEnd."),
            Undone::none);
  EXPECT_EQ(undone("# T\r\n\r\n- [ ] a\r\n- [ ] b\r\n- [ ] c\r\n\r\nEnd.\r\n"), Undone::reverted);
}

// Few different lines, which can be matched in several ways.
TEST(Undone, AnEditAwayFromWhatWasPushedUndoesNothing) {
  SeededRandom random(41);
  const auto below = [&random](size_t limit) { return static_cast<size_t>(random.next() % limit); };
  const auto text = [&](size_t length) {
    std::string lines;
    while (length-- > 0) lines += std::string(1, static_cast<char>('a' + below(3))) + "\n";
    return lines;
  };
  for (int round = 0; round < 5000; ++round) {
    const std::string before = text(10), pushed = text(10);
    const size_t at = below(10);
    std::string on_disk = pushed;
    on_disk[2 * at] = 'E';
    const auto ours = test::must(diff_lines(before, pushed));
    const bool is_away = std::ranges::none_of(ours, [at](const Hunk& hunk) {
      return hunk.after.begin <= at + 1 && at <= hunk.after.end;
    });
    if (!is_away) continue;
    ASSERT_EQ(undone(on_disk, pushed, before), Undone::none) << before << "\n" << on_disk;
  }
}

TEST(Undone, LinesThatChangedPlacesAreNotUndoneByAnEditElsewhere) {
  EXPECT_EQ(undone("b\na\nc\nd\nX\n", "b\na\nc\nd\ne\n", "a\nb\nc\nd\ne\n"), Undone::none);
}

TEST(Undone, ATextThatIsReplacedAltogetherIsNoOldOne) {
  EXPECT_EQ(undone("Something else.\n"), Undone::none);
}

TEST(Undone, WhatIsNoTextCannotBeTold) {
  EXPECT_FALSE(what_was_undone({"a\n", "b\n", "\xff\n"}));
}

/// Random pushes and editors, each of whose edits keeps its distance from the push's.
class UndoneWorld : public testing::Test {
 protected:
  using Text = std::vector<std::string>;
  size_t below(size_t limit) { return static_cast<size_t>(random_.next() % limit); }
  static std::string whole(const Text& lines) {
    std::string text;
    for (const std::string& line : lines) text += line;
    return text;
  }
  // At multiples of four; three lines stay between any two edits.
  std::set<size_t> places(size_t offset) {
    std::set<size_t> found{below(5) * 8 + offset};
    for (size_t more = below(3); more > 0; --more) found.insert(below(5) * 8 + offset);
    return found;
  }
  Text edited(const Text& from, const std::set<size_t>& at, const std::string& by) {
    Text text = from;
    for (auto place = at.rbegin(); place != at.rend(); ++place) {
      const auto line = text.begin() + static_cast<std::ptrdiff_t>(*place);
      switch (kinds_[*place]) {
        case 0:
          text.insert(line, by + " adds " + std::to_string(*place) + "\n");
          break;
        case 1:
          text.erase(line);
          break;
        default:
          *line = by + " changes " + std::to_string(*place) + "\n";
      }
    }
    return text;
  }

  SeededRandom random_{40};
  std::vector<size_t> kinds_ = std::vector<size_t>(48);
};

TEST_F(UndoneWorld, AnEditorIsFoundOutExactlyWhenItHadTheOldText) {
  for (int round = 0; round < 400; ++round) {
    Text before(48);
    for (size_t i = 0; i < before.size(); ++i) before[i] = "line " + std::to_string(i) + "\n";
    for (size_t& kind : kinds_) kind = below(3);
    const auto pushes = places(0), edits = places(4);
    const Text pushed = edited(before, pushes, "push");
    const Text old_text = edited(before, edits, "editor");
    std::set<size_t> both = pushes;
    both.insert(edits.begin(), edits.end());
    Text new_text = edited(before, both, "editor");
    for (std::string& line : new_text) {
      const size_t at = line.find_last_of(' ');
      if (line.starts_with("editor") && pushes.contains(std::stoul(line.substr(at))))
        line.replace(0, 6, "push");
    }
    ASSERT_EQ(undone(whole(old_text), whole(pushed), whole(before)), Undone::overwritten) << round;
    ASSERT_EQ(undone(whole(new_text), whole(pushed), whole(before)), Undone::none) << round;
  }
}

}  // namespace
}  // namespace specd::merge
