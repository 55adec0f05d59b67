#include "spec/fields.h"

#include <gtest/gtest.h>

namespace specd::spec {
namespace {

std::string texts(const std::string& text) {
  const auto found = fields(text);
  if (!found) return "none";
  std::string all;
  for (const Field& field : found->fields)
    all += field.name + "=[" + text.substr(field.begin, field.end - field.begin) + "]";
  return all;
}

TEST(Fields, EachHasItsLinesUpToTheNext) {
  EXPECT_EQ(texts("---\nstatus: planned\ntags:\n- a\n- b\n# why\n\ndue: 1\n---\nbody: x\n"),
            "status=[status: planned\n]tags=[tags:\n- a\n- b\n# why\n\n]due=[due: 1\n]");
}

TEST(Fields, QuotedNamesAndOtherLineEndsAreUnderstood) {
  EXPECT_EQ(texts("\xef\xbb\xbf---\r\n\"a b\": 1\r\nc : |\r\n  d: e\r\n---\r\n"),
            "a b=[\"a b\": 1\r\n]c=[c : |\r\n  d: e\r\n]");
}

TEST(Fields, LinesBeforeTheFirstBelongToNone) {
  EXPECT_EQ(texts("---\n# all\na: 1\n---\n"), "a=[a: 1\n]");
  EXPECT_EQ(texts("---\n---\n"), "");
}

TEST(Fields, WhatCannotBeToldForCertainIsNotTold) {
  for (const char* text : {"no front matter\n", "---\na: 1\n", "---\n{a: 1, b: 2}\n---\n",
                           "---\n? a\n: 1\n---\n", "---\na: 1\na: 2\n---\n", "---\na: [\n---\n"})
    EXPECT_EQ(texts(text), "none") << text;
}

TEST(Fields, AFieldIsFoundByItsName) {
  const auto found = fields("---\na: 1\nb: x\n---\n");
  ASSERT_TRUE(found && found->find("b"));
  EXPECT_EQ(found->find("b")->value.text, "x");
  EXPECT_EQ(found->find("c"), nullptr);
}

}  // namespace
}  // namespace specd::spec
