#include "base/yaml.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "base/json.h"

namespace specd {
namespace {

std::string tree(std::string_view text) {
  const Result<Value> value = yaml::parse(text);
  return value ? json::dump(*value) : value.error().message;
}

TEST(Yaml, BecomesAPlainTree) {
  const struct {
    std::string_view text;
    std::string_view tree;
  } table[] = {
      {"", "null"},
      {"\n# nothing\n", "null"},
      {"a: 1", R"({"a":1})"},
      {"a: '1'", R"({"a":"1"})"},
      {"a: \"1\"", R"({"a":"1"})"},
      {"a: |\n  x\n  y\n", R"({"a":"x\ny\n"})"},
      {"a:\n", R"({"a":null})"},
      {"a: ~\nb: null\n", R"({"a":null,"b":null})"},
      {"a: 2026-01-02", R"({"a":"2026-01-02"})"},
      {"a: [x, 'y, z', {q: r}]", R"({"a":["x","y, z",{"q":"r"}]})"},
      {"a:\n  - b: 1\n    c: 2\n  -\n", R"({"a":[{"b":1,"c":2},null]})"},
      {"- 1\n- 2\n", "[1,2]"},
      {"b: 1\na: 2\n", R"({"b":1,"a":2})"},
      {"\xef\xbb\xbf"
       "a: 1\r\nb: 2\r\n",
       R"({"a":1,"b":2})"},
      {"---\na: 1\n", R"({"a":1})"},
      {"a: 1\n...\n", R"({"a":1})"},
      {"a: !!str \"1\"", R"({"a":"1"})"},
      {"a: !!python/object x", R"({"a":"x"})"},
      {"'it''s': \"q\\\"q\"", R"({"it's":"q\"q"})"},
      {"<<: x", R"({"<<":"x"})"},
      {"\xc3\xa4: \xe2\x9c\x93", "{\"\xc3\xa4\":\"\xe2\x9c\x93\"}"},
  };
  for (const auto& row : table) EXPECT_EQ(tree(row.text), row.tree) << row.text;
}

TEST(Yaml, WhatItRefusesItRefusesWithTheLine) {
  const struct {
    std::string_view text;
    std::string_view line;
    std::string_view why;
  } table[] = {
      {"a: 1\na: 2", "line 2: ", "twice"},
      {"x:\n  a: 1\n  b: 2\n  'a': 3", "line 4: ", "twice"},
      {"{a: 1, a: 2}", "line 1: ", "twice"},
      {"a: 1\nb: \"open", "line 2: ", "not closed"},
      {"a: 1\nb: 'open\nc: 2\n", "line 2: ", "not closed"},
      {"a: 'it''s", "line 1: ", "not closed"},
      {"a: \"x\\\"", "line 1: ", "not closed"},
      {"'a: 1", "line 1: ", ""},
      {"a: [\"x\", 'y]", "line 1: ", ""},
      {"a: !!str \"open", "line 1: ", "not closed"},
      {"a: !t\n  'open", "line 2: ", "not closed"},
      {"a: &x 1\nb: 2", "line 1: ", "anchors"},
      {"a: 1\nb: &x [1]\nc: *x", "line 2: ", "anchors"},
      {"&a [*a]", "line 1: ", "anchors"},
      {"a: *nowhere", "line 1: ", ""},
      {"? [a]\n: 1", "line 1: ", "no scalar"},
      {"a: 1\n? {b: 1}\n: 1", "line 2: ", "no scalar"},
      {": 1", "line 1: ", "no scalar"},
      {"a: 1\n---\nb: 2", "line 2: ", "second document"},
      {"a: 1\n...\nb: 2", "line 3: ", "second document"},
      {"[a] b", "line 1: ", "second document"},
      {"a: 1\n\tb: 2", "line 2: ", ""},
      {"a: 1\nb: [", "line ", ""},
      {"a: 1\nb: x\xff", "line 2: ", "not UTF-8"},
      {std::string_view("a: 1\nb: \0", 9), "line 2: ", "NUL"},
      {std::string_view("\xff\xfe"
                        "a\0",
                        4),
       "line 1: ", ""},
  };
  for (const auto& row : table) {
    const Result<Value> value = yaml::parse(row.text);
    ASSERT_FALSE(value) << row.text;
    EXPECT_TRUE(value.error().message.starts_with(row.line)) << value.error().message;
    EXPECT_NE(value.error().message.find(row.why), std::string::npos) << value.error().message;
    EXPECT_EQ(value.error().code, Code::invalid) << row.text;
  }
}

TEST(Yaml, LimitsHoldAtTheirEdge) {
  EXPECT_TRUE(yaml::parse("a: 12", {.bytes = 5}));
  EXPECT_EQ(yaml::parse("a: 123", {.bytes = 5}).error().code, Code::refused);
  EXPECT_TRUE(yaml::parse("[[[]]]", {.depth = 3}));
  EXPECT_EQ(yaml::parse("[[[[]]]]", {.depth = 3}).error().code, Code::refused);
  EXPECT_FALSE(yaml::parse(std::string(30'000, '[')));
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  EXPECT_EQ(yaml::parse(deep).error().code, Code::refused);
}

TEST(Yaml, MarksAreBytesOfTheSource) {
  const std::string text =
      "\xef\xbb\xbf"
      "k\xc3\xa4y: \xc3\xb6\r\nlist:\r\n  - 'q'\r\nblock: |\r\n  x\r\n";
  const Result<Value> value = yaml::parse(text);
  ASSERT_TRUE(value) << value.error().message;
  const Value& plain = value->entries[0].second;
  EXPECT_EQ(text.substr(plain.offset, 2), "\xc3\xb6");
  EXPECT_EQ(plain.line, 1u);
  const Value& quoted = value->find("list")->items[0];
  EXPECT_EQ(text.substr(quoted.offset, 3), "'q'");
  EXPECT_EQ(quoted.line, 3u);
  EXPECT_EQ(text[value->find("block")->offset], '|');
  EXPECT_EQ(text.substr(plain.key_offset, 4), "k\xc3\xa4y");
  EXPECT_EQ(text.substr(value->find("block")->key_offset, 6), "block:");
}

TEST(Yaml, ManyKeysAreReadInTheTimeOfOne) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "k" + std::to_string(i) + ": 1\n";
  const Result<Value> value = yaml::parse(text, {.bytes = 1 << 20});
  ASSERT_TRUE(value);
  EXPECT_EQ(value->entries.size(), 5000u);
}

RC_GTEST_PROP(Yaml, AnyBytesAreReadOrRefused, (const std::string& noise)) {
  const Result<Value> value = yaml::parse(noise);
  RC_ASSERT(value || !value.error().message.empty());
}

// The alphabet of half-typed front matter.
RC_GTEST_PROP(Yaml, AnyMarkupIsReadOrRefused, ()) {
  const auto parts =
      *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
          "a", ":", " ",   "\n", "- ",  "'", "\"",    "[",  "]",  "{", "}",   "|",
          ">", "#", "&x ", "*x", "!t ", "?", "---\n", "  ", "\\", ",", "\r\n"}));
  std::string text;
  for (const std::string& part : parts) text += part;
  const Result<Value> value = yaml::parse(text);
  RC_ASSERT(value || value.error().message.starts_with("line "));
}

RC_GTEST_PROP(Yaml, CutAnywhereAQuotedScalarIsNeverReadAsWhole, ()) {
  const std::string whole = "status: done\ntitle: \"some \\\"words\\\" here\"";
  const auto cut = *rc::gen::inRange<size_t>(21, whole.size() - 1);
  RC_ASSERT(!yaml::parse(whole.substr(0, cut)));
}

}  // namespace
}  // namespace specd
