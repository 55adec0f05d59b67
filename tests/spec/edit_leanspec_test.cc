#include "spec/edit_leanspec.h"

#include <gtest/gtest.h>

#include <string>

#include "base/time.h"
#include "tests/support/must.h"

namespace specd::spec {
namespace {

using Values = std::vector<std::string>;
using test::must;

const WallTime kNow = *parse_rfc3339("2027-01-15T08:09:10.123456Z");

std::string matter(const std::string& lines) {
  return "---\n" + lines + "---\n# T\n";
}

TEST(EditLeanSpec, AStatusMovesTheTimesThatTheFileHas) {
  const struct {
    std::string before;
    std::string status;
    std::string after;
  } table[] = {
      {"status: planned\n", "complete", "status: complete\n"},
      {"a: 1\n", "planned", "a: 1\nstatus: planned\n"},
      {"status: planned\nupdated: '2026-01-02'\nupdated_at: 2026-01-02T03:04:05.678Z # c\n",
       "in-progress",
       "status: in-progress\nupdated: '2027-01-15'\nupdated_at: 2027-01-15T08:09:10.123Z # c\n"},
      {"status: planned\ncompleted_at: '2026-01-02T00:00:00Z'\ncompleted: 2026-01-02\n", "complete",
       "status: complete\ncompleted_at: '2027-01-15T08:09:10Z'\ncompleted: 2027-01-15\n"},
      {"status: planned\ncompleted_at: '2026-01-02T00:00:00Z'\n", "archived",
       "status: archived\ncompleted_at: '2026-01-02T00:00:00Z'\n"},
      {"status: planned\nupdated_at: 2026-01-02T03:04:05.123456789Z\n", "x",
       "status: x\nupdated_at: 2027-01-15T08:09:10.123456Z\n"},
      {"status: planned\nupdated_at: \"2026-01-02T03:04:05.678+08:00\"\n", "x",
       "status: x\nupdated_at: \"2027-01-15T08:09:10.123Z\"\n"},
      {"status: planned\nupdated: 2026-01-02T03:04:05Z\nupdated_at: 2026-01-02\n", "x",
       "status: x\nupdated: 2027-01-15T08:09:10Z\nupdated_at: 2027-01-15\n"},
      {"status: planned\nupdated:\nupdated_at:\n", "x",
       "status: x\nupdated: '2027-01-15'\nupdated_at: '2027-01-15T08:09:10.123Z'\n"},
      {"status: planned\ncompleted_at: ~\n", "completed",
       "status: completed\ncompleted_at: '2027-01-15T08:09:10.123Z'\n"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(must(set_status(matter(row.before), row.status, kNow)), matter(row.after));
  }
}

TEST(EditLeanSpec, TransitionsGrowInTheirOwnWay) {
  const struct {
    std::string before;
    std::string after;
  } table[] = {
      {"transitions:\n  - status: in-progress\n    at: '2026-01-02T03:04:05.678Z'\nb: 1\n",
       "transitions:\n  - status: in-progress\n    at: '2026-01-02T03:04:05.678Z'\n"
       "  - status: complete\n    at: '2027-01-15T08:09:10.123Z'\nb: 1\n"},
      {"transitions:\n- status: in-progress\n  at: 2026-01-02T03:04:05.123456789Z # c\n# d\n",
       "transitions:\n- status: in-progress\n  at: 2026-01-02T03:04:05.123456789Z # c\n"
       "- status: complete\n  at: 2027-01-15T08:09:10.123456Z\n# d\n"},
      {"transitions:\n  -   at: \"2026-01-02\"\n      by: me\n      status: 'x'\n",
       "transitions:\n  -   at: \"2026-01-02\"\n      by: me\n      status: 'x'\n"
       "  -   status: 'complete'\n      at: \"2027-01-15\"\n"},
      {"transitions:\n- status: x\n  at: 2026-01-02T03:04:05Z\n- by accident\n",
       "transitions:\n- status: x\n  at: 2026-01-02T03:04:05Z\n- by accident\n"
       "- status: complete\n  at: 2027-01-15T08:09:10Z\n"},
      {"transitions: [] # c\nb: 1\n",
       "transitions: # c\n  - status: complete\n    at: '2027-01-15T08:09:10.123Z'\nb: 1\n"},
      {"transitions: ~\n",
       "transitions:\n  - status: complete\n    at: '2027-01-15T08:09:10.123Z'\n"},
      {"transitions:\n",
       "transitions:\n  - status: complete\n    at: '2027-01-15T08:09:10.123Z'\n"},
  };
  for (const auto& row : table) {
    const std::string before = matter("status: planned\n" + row.before);
    EXPECT_EQ(must(set_status(before, "complete", kNow)), matter("status: complete\n" + row.after));
  }
}

TEST(EditLeanSpec, TransitionsInAnotherWayAreRefused) {
  for (const char* lines :
       {"transitions: [{status: a, at: b}]\n", "transitions: x\n",
        "transitions:\n  - {status: a, at: b}\n", "transitions:\n  - [a]\n",
        "transitions:\n  - status: a\n    at: |\n      b\n", "transitions:\n  a: b\n",
        "transitions: {}\n", "transitions: [\n ]\n"}) {
    const Result<std::string> edited =
        set_status(matter("status: planned\n" + std::string(lines)), "complete", kNow);
    ASSERT_FALSE(edited) << *edited;
    EXPECT_EQ(edited.error().code, Code::refused);
    EXPECT_NE(edited.error().message.find("`transitions`"), std::string::npos)
        << edited.error().message;
  }
}

TEST(EditLeanSpec, AStatusThatIsSetIsLeftAlone) {
  const std::string rest = "updated_at: 2026-01-02T03:04:05Z\ntransitions: []\n";
  for (const char* status : {"status: complete\n", "status: 'completed'\n"}) {
    const std::string content = matter(status + rest);
    EXPECT_EQ(must(set_status(content, "complete", kNow)), content);
    EXPECT_EQ(must(set_status(content, "completed", kNow)), content);
  }
}

TEST(EditLeanSpec, ASpecThatWasCompleteBeforeIsCompletedAnew) {
  EXPECT_EQ(must(set_status(matter("status: archived\ncompleted: 2026-01-02\n"), "complete", kNow)),
            matter("status: complete\ncompleted: 2027-01-15\n"));
}

TEST(EditLeanSpec, WithoutFrontMatterOneIsMadeOnlyIfAsked) {
  EXPECT_EQ(set_status("# T\n", "planned", kNow).error().code, Code::refused);
  EXPECT_EQ(must(set_status("# T\n", "planned", kNow, NoMatter::create)),
            matter("status: planned\n"));
  EXPECT_EQ(must(change_field("# T\n", "tags", Values{"a"}, kNow, NoMatter::create)),
            matter("tags: [a]\n"));
}

TEST(EditLeanSpec, AnyFieldMovesWhenItWasUpdated) {
  const std::string before = matter("tags: [a]\nupdated_at: 2026-01-02T03:04:05Z\n");
  EXPECT_EQ(must(change_field(before, "tags", Values{"a", "b"}, kNow)),
            matter("tags: [a, b]\nupdated_at: 2027-01-15T08:09:10Z\n"));
  EXPECT_EQ(must(change_field(before, "tags", Remove{}, kNow)),
            matter("updated_at: 2027-01-15T08:09:10Z\n"));
  EXPECT_EQ(must(change_field(before, "priority", "high", kNow)),
            matter("tags: [a]\nupdated_at: 2027-01-15T08:09:10Z\npriority: high\n"));
  EXPECT_EQ(must(change_field(before, "tags", Values{"a"}, kNow)), before);
  EXPECT_EQ(must(change_field(before, "priority", Remove{}, kNow)), before);
  EXPECT_EQ(must(touch_updated("# T\n", kNow)), "# T\n");
  EXPECT_FALSE(change_field(matter("a: 1\nupdated_at: !x 2026-01-02\n"), "a", "2", kNow));
}

}  // namespace
}  // namespace specd::spec
