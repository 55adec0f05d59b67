#include "spec/markdown.h"

#include <gtest/gtest.h>

namespace specd::spec {
namespace {

std::string outline(std::string_view text) {
  std::string outline;
  for (const Heading& heading : headings(text)) {
    outline += std::to_string(heading.line) + ":" + std::to_string(heading.level) + ":" +
               heading.text + ";";
  }
  return outline;
}

TEST(Markdown, HeadingsAreHashesAndText) {
  EXPECT_EQ(outline("# A\n## B ##\n###### F\n"), "1:1:A;2:2:B;3:6:F;");
  EXPECT_EQ(outline("#A\n####### G\n#\n# \n##\n text # no\n"), "");
  EXPECT_EQ(outline("#\xc2\xa0 A"), "1:1:A;");
  EXPECT_EQ(outline("# C#\n# a ## b\n# x #y\n"), "1:1:C#;2:1:a ## b;3:1:x #y;");
}

TEST(Markdown, EveryLineEndingEndsALine) {
  EXPECT_EQ(outline("\xef\xbb\xbf# A\r\n# B\r# C\n\r# D"), "1:1:A;2:1:B;3:1:C;5:1:D;");
}

TEST(Markdown, FencesHideHeadings) {
  EXPECT_EQ(outline("```\n# A\n```\n# B\n"), "4:1:B;");
  EXPECT_EQ(outline("~~~ sh\n# A\n```\n# B\n~~~\n# C\n"), "6:1:C;");
  EXPECT_EQ(outline("````\n# A\n```\n# B\n````` \n# C\n"), "6:1:C;");
  EXPECT_EQ(outline("```\n# A\n``` not alone\n# B\n"), "");
  EXPECT_EQ(outline("``\n# A\n"), "2:1:A;");
  EXPECT_EQ(outline("    ```\n# A\n"), "");
}

TEST(Markdown, TheTitleIsTheFirstTopHeading) {
  const struct {
    std::string_view text;
    std::string_view title;
  } table[] = {
      {"", ""},
      {"text", ""},
      {"## Why\n# Late\n", "Late"},
      {"# Change: Add login\n# B", "Add login"},
      {"# change:  x", "x"},
      {"# Change:x", "Change:x"},
      {"# Change", "Change"},
      {"```\n# a comment\n```\n# B", "B"},
      {"```\n# never closed", ""},
      {"<!-- # A\n# B\n--> \n# C", "C"},
      {"<!-- a --> <!--\n# B\n-->\n# C", "C"},
      {"<!-- a -->\n# B", "B"},
      {"---\nx: 1\n# yaml comment\n---\n# T\n", "T"},
      {"---\n# no front matter without an end\n", "no front matter without an end"},
      {"\xef\xbb\xbf# B", "B"},
      {"# \xff", "\xef\xbf\xbd"},
  };
  for (const auto& row : table) EXPECT_EQ(title(row.text), row.title) << row.text;
}

}  // namespace
}  // namespace specd::spec
