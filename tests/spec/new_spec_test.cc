#include "spec/new_spec.h"

#include <gmock/gmock.h>

namespace specd::spec {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

// 2026-11-21T12:00:00Z
constexpr WallTime kNow{std::chrono::microseconds{1'795'262'400'000'000}};

ProjectConfig leanspec() {
  return {.layout = Layout::leanspec};
}

bool is_name(Layout layout, const std::string& name) {
  return check_new_name(layout, name).has_value();
}

TEST(NewSpec, NamesAreThoseThatTheOpenSpecCliTakes) {
  for (const char* name : {"a", "add-login", "2fa", "a1-b2-3", "specs"})
    EXPECT_TRUE(is_name(Layout::openspec, name)) << name;
  EXPECT_TRUE(is_name(Layout::openspec, std::string(200, 'a')));
  EXPECT_FALSE(is_name(Layout::openspec, std::string(201, 'a')));
  for (const char* name : {"", "Add", "add_login", "add login", "-add", "add-", "a--b", "ä", "a/b",
                           "..", ".a", "--help", "archive", "a\n"})
    EXPECT_FALSE(is_name(Layout::openspec, name)) << name;
  const auto why = check_new_name(Layout::openspec, "Add Login");
  EXPECT_THAT(why.error().message, HasSubstr("a-z, 0-9 and single hyphens"));
}

TEST(NewSpec, ALeanSpecNameHasNoNumber) {
  EXPECT_TRUE(is_name(Layout::leanspec, "add-login"));
  EXPECT_TRUE(is_name(Layout::leanspec, "2fa-login"));
  for (const char* name : {"036-add-login", "036", "archived"})
    EXPECT_FALSE(is_name(Layout::leanspec, name)) << name;
}

TEST(NewSpec, TheNextNumberIsOneMoreThanTheHighestInAsManyDigits) {
  const auto next = [](std::vector<std::string> folders) { return next_number(folders); };
  EXPECT_EQ(next({}), "001");
  EXPECT_EQ(next({"035-b", "009-a", "archived", "README.md"}), "036");
  EXPECT_EQ(next({"01-a", "02-b"}), "03");
  EXPECT_EQ(next({"999-a"}), "1000");
  EXPECT_EQ(next({"007-a", "20251103-a-day", "v2-x", "8", "9-"}), "008");
}

TEST(NewSpec, AChangeBeginsAsTheCliMakesIt) {
  const auto files = new_files({.schema = "own"}, {.name = "add-login"}, "2026-11-21", kNow);
  EXPECT_THAT(*files,
              UnorderedElementsAre(Pair(".openspec.yaml", "schema: own\ncreated: 2026-11-21\n")));
  const auto titled = new_files({}, {.name = "add-login", .title = "Login"}, "2026-11-21", kNow);
  EXPECT_EQ(titled->at("proposal.md"), "# Login\n\n## Why\n\n## What Changes\n");
  EXPECT_FALSE(new_files({}, {.name = "x", .title = "", .priority = "high"}, "2026-11-21", kNow));
}

TEST(NewSpec, ALeanSpecSpecBeginsWithAFrontMatter) {
  const auto plain = new_files(leanspec(), {.name = "add-login"}, "2026-11-21", kNow);
  EXPECT_EQ(plain->at("README.md"),
            "---\nstatus: planned\ncreated: '2026-11-21'\ntags: []\npriority: medium\n"
            "created_at: '2026-11-21T12:00:00.000Z'\n---\n\n# Add login\n\n## Overview\n");
  const auto said = new_files(leanspec(),
                              {.name = "x",
                               .title = "A: title",
                               .status = "in-progress",
                               .priority = "yes",
                               .tags = {"ui", "a, b"}},
                              "2026-11-21", kNow);
  EXPECT_THAT(said->at("README.md"), HasSubstr("status: in-progress\n"));
  EXPECT_THAT(said->at("README.md"), HasSubstr("priority: 'yes'\n"));
  EXPECT_THAT(said->at("README.md"), HasSubstr("tags: [ui, 'a, b']\n"));
  EXPECT_THAT(said->at("README.md"), HasSubstr("# A: title\n"));
}

}  // namespace
}  // namespace specd::spec
