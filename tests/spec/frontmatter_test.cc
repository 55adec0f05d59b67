#include "spec/frontmatter.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace specd::spec {
namespace {

TEST(FrontMatter, IsFoundAtTheStartOnly) {
  const std::string_view text = "---\nstatus: planned\ntags: [a, b]\n---\n# T\n";
  const auto found = front_matter(text);
  ASSERT_TRUE(found);
  ASSERT_TRUE(found->value);
  EXPECT_EQ(text.substr(found->begin, found->end - found->begin),
            "status: planned\ntags: [a, b]\n");
  EXPECT_EQ(text.substr(found->body), "# T\n");
  EXPECT_EQ(found->value->find("status")->text, "planned");
  EXPECT_EQ(found->value->find("tags")->items.size(), 2u);
  for (const char* none : {"", "# T\n---\na: 1\n---\n", "\n---\na: 1\n---\n", " ---\na: 1\n---\n",
                           "----\na: 1\n---\n", "--- a\nb: 1\n---\n", "---", "---\n"}) {
    EXPECT_FALSE(front_matter(none)) << none;
  }
}

TEST(FrontMatter, MarksAreThoseOfTheFile) {
  for (const std::string lead : {"---\n", "\xef\xbb\xbf---\r\n", "--- \t\n"}) {
    const std::string text = lead + "a: 1\r\nstatus:  'x'\r\n---\r\nbody";
    const auto found = front_matter(text);
    ASSERT_TRUE(found && found->value) << text;
    const Value* status = found->value->find("status");
    EXPECT_EQ(text.substr(status->offset, 3), "'x'");
    EXPECT_EQ(status->line, 3u);
    EXPECT_EQ(text.substr(found->body), "body");
  }
}

TEST(FrontMatter, ABadBlockIsAnErrorWithItsLine) {
  const struct {
    std::string_view text;
    std::string_view message;
  } table[] = {
      {"---\na: 1\na: 2\n---\n", "line 3: "},
      {"---\na: 1\nb: \"x\n---\n# T", "line "},
      {"---\n\ta: 1\n---\n", "line 2: "},
      {"---\nstatus: dra", "line 1: front matter that is not closed"},
      {"---\nstatus: draft\n\n# T\n", "line 1: front matter that is not closed"},
      {"---\na: &x 1\n---\n", "line 2: "},
  };
  for (const auto& row : table) {
    const auto found = front_matter(row.text);
    ASSERT_TRUE(found) << row.text;
    ASSERT_FALSE(found->value) << row.text;
    EXPECT_TRUE(found->value.error().message.starts_with(row.message))
        << found->value.error().message;
  }
}

TEST(FrontMatter, TextBetweenThematicBreaksIsNone) {
  EXPECT_FALSE(front_matter("---\njust text\n---\n"));
  EXPECT_FALSE(front_matter("---\n- a\n---\n"));
  EXPECT_FALSE(front_matter("---\n\n# T\n"));
}

TEST(FrontMatter, AnEmptyBlockIsNull) {
  const auto found = front_matter("---\n---\nx");
  ASSERT_TRUE(found && found->value);
  EXPECT_EQ(found->value->kind, Value::Kind::null);
  EXPECT_EQ(found->body, 8u);
}

TEST(FrontMatter, DotsCloseAsWell) {
  const auto found = front_matter("---\na: 1\n...\nx");
  ASSERT_TRUE(found && found->value);
  EXPECT_EQ(found->value->find("a")->text, "1");
  EXPECT_EQ(body_offset("---\na: 1\n...\nx"), 13u);
}

TEST(FrontMatter, RulesInsideTheBodyDoNotMatter) {
  const auto found = front_matter("---\na: |\n  ---\n---\nx\n---\n");
  ASSERT_TRUE(found && found->value);
  EXPECT_EQ(found->value->find("a")->text, "---\n");
}

RC_GTEST_PROP(FrontMatter, AnyBytesAreSafe, (const std::string& noise)) {
  const std::string text = "---\n" + noise;
  const auto found = front_matter(text);
  RC_ASSERT(!found || (found->begin <= found->end && found->end <= found->body &&
                       found->body <= text.size()));
}

}  // namespace
}  // namespace specd::spec
