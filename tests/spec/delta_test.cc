#include "spec/delta.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace specd::spec {
namespace {

std::string list(const std::vector<Requirement>& requirements) {
  std::string text;
  for (const Requirement& requirement : requirements) {
    text += std::to_string(requirement.line) + ":" + requirement.name;
    for (const Scenario& scenario : requirement.scenarios) {
      text += "/" + std::to_string(scenario.line) + ":" + scenario.name;
    }
    text += ";";
  }
  return text;
}

constexpr std::string_view kMain =
    "# auth Specification\n"
    "## Purpose\n"
    "To let people in.\n"
    "## Requirements\n"
    "### Requirement: Login\n"
    "It SHALL.\n"
    "#### Scenario: Good password\n"
    "- WHEN x\n"
    "#### Scenario: Nothing below\n"
    "### The rest ###\n"
    "```\n"
    "### Requirement: In a fence\n"
    "```\n"
    "#### Edge case\n"
    "```\n"
    "#### not this\n"
    "```\n"
    "## Notes\n"
    "### Requirement: Elsewhere\n";

TEST(MainSpec, RequirementsAreTheHeadingsBelowTheirSection) {
  const MainSpec spec = main_spec(kMain);
  EXPECT_TRUE(spec.has_purpose);
  EXPECT_TRUE(spec.has_requirements);
  EXPECT_EQ(list(spec.requirements), "5:Login/7:Good password;10:The rest/14:Edge case;");
  EXPECT_EQ(spec.requirement_count(), 2u);
}

TEST(MainSpec, WindowsLineEndingsAndAByteOrderMarkChangeNothing) {
  std::string text = "\xef\xbb\xbf";
  for (const char c : kMain) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(list(main_spec(text).requirements), list(main_spec(kMain).requirements));
}

TEST(MainSpec, WithoutPurposeOrRequirementsTheCountIsZero) {
  EXPECT_EQ(main_spec("").requirement_count(), 0u);
  EXPECT_EQ(main_spec("## Requirements\n### Requirement: A\n").requirement_count(), 0u);
  EXPECT_EQ(main_spec("## Purpose\n## Requirements\n### A\n").requirement_count(), 0u);
  EXPECT_EQ(main_spec("## Purpose\nx\n### Requirement: A\n").requirement_count(), 0u);
  EXPECT_EQ(main_spec("# Purpose\n## Requirements\n### A\n").requirement_count(), 1u);
}

TEST(MainSpec, SectionsMayHaveAnyLevelAndCase) {
  EXPECT_EQ(
      main_spec("### PURPOSE\nx\n# requirements\n## A\n### deeper\n## B\n").requirement_count(),
      2u);
}

TEST(Delta, EverySectionHasItsOwn) {
  const Delta found = delta(
      "## ADDED Requirements\n"
      "### Requirement: New\n"
      "#### Scenario: S\n"
      "- x\n"
      "### Not canonical\n"
      "## modified requirements\n"
      "###Requirement:  Old ##\n"
      "## REMOVED Requirements\n"
      "### Requirement: Gone\n"
      "- `### Requirement: Also gone`\n"
      "* ### Requirement: And this\n"
      "## RENAMED Requirements\n"
      "- FROM: `### Requirement: A`\n"
      "- TO: `### Requirement: B`\n"
      "FROM: ### Requirement: C\n"
      "FROM: ### Requirement: D\n"
      "TO: ### Requirement: E\n"
      "TO: ### Requirement: F\n"
      "## Notes\n"
      "### Requirement: Orphan\n"
      "## ADDED Requirements\n"
      "### Requirement: Second copy\n");
  EXPECT_EQ(list(found.added), "2:New/3:S;22:Second copy;");
  EXPECT_EQ(list(found.modified), "7:Old;");
  EXPECT_EQ(list(found.removed), "9:Gone;10:Also gone;11:And this;");
  EXPECT_EQ(found.renamed, (std::vector<Rename>{{"A", "B"}, {"D", "E"}}));
}

TEST(Delta, FencedLinesAreNothing) {
  const Delta found = delta(
      "```\n## ADDED Requirements\n```\n### Requirement: No\n## ADDED Requirements\n"
      "~~~\n### Requirement: No\n~~~\n### Requirement: Yes\n#### Scenario: S\n~~~\ncode is a "
      "body\n~~~\n");
  EXPECT_EQ(list(found.added), "9:Yes/10:S;");
}

TEST(Delta, APairOfRenamesNeverSpansSections) {
  const Delta found = delta(
      "## RENAMED Requirements\nFROM: ### Requirement: A\n## RENAMED Requirements\n"
      "TO: ### Requirement: B\n");
  EXPECT_TRUE(found.renamed.empty());
}

RC_GTEST_PROP(Delta, AnyMarkdownIsSafe, ()) {
  const auto parts =
      *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
          "## ADDED Requirements\n", "## REMOVED Requirements\n", "## RENAMED Requirements\n",
          "### Requirement: A\n", "- ### Requirement: `\n", "FROM: `### Requirement: `\n",
          "TO: ### Requirement: x\n", "#### S\n", "```\n", "x\n", "\r", "#", " ", "\xff",
          "## Purpose\n", "## Requirements\n"}));
  std::string text;
  for (const std::string& part : parts) text += part;
  const Delta found = delta(text);
  const MainSpec spec = main_spec(text);
  RC_ASSERT(spec.requirement_count() <= spec.requirements.size());
  for (const Rename& rename : found.renamed) RC_ASSERT(!rename.to.empty());
}

}  // namespace
}  // namespace specd::spec
