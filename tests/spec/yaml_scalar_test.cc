#include "spec/yaml_scalar.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "base/json.h"
#include "base/path.h"
#include "base/yaml.h"

namespace specd::spec {
namespace {

TEST(YamlScalar, QuotesAreKeptWhereTheyCanExpressIt) {
  const struct {
    std::string text;
    std::string plain;
    std::string single;
    std::string twofold;
  } table[] = {
      {"high", "high", "'high'", "\"high\""},
      {"in-progress", "in-progress", "'in-progress'", "\"in-progress\""},
      {"it's", "it's", "'it''s'", "\"it's\""},
      {"say \"hi\"", "say \"hi\"", "'say \"hi\"'", "\"say \\\"hi\\\"\""},
      {"a\\b", "a\\b", "'a\\b'", "\"a\\\\b\""},
      {"\xc3\xa4\xe4\xb8\xad", "\xc3\xa4\xe4\xb8\xad", "'\xc3\xa4\xe4\xb8\xad'",
       "\"\xc3\xa4\xe4\xb8\xad\""},
      {"a\nb", "\"a\\nb\"", "\"a\\nb\"", "\"a\\nb\""},
      {"a\tb", "\"a\\tb\"", "\"a\\tb\"", "\"a\\tb\""},
      {"\x01", "\"\\u0001\"", "\"\\u0001\"", "\"\\u0001\""},
      {"\xc2\x85", "\"\\u0085\"", "\"\\u0085\"", "\"\\u0085\""},
      {"\xe2\x80\xa8", "\"\\u2028\"", "\"\\u2028\"", "\"\\u2028\""},
      {"\xef\xbb\xbf", "\"\\ufeff\"", "\"\\ufeff\"", "\"\\ufeff\""},
      {"", "''", "''", "\"\""},
  };
  for (const auto& row : table) {
    EXPECT_EQ(write_scalar(row.text, {Quotes::none}), row.plain);
    EXPECT_EQ(write_scalar(row.text, {Quotes::single}), row.single);
    EXPECT_EQ(write_scalar(row.text, {Quotes::twofold}), row.twofold);
  }
}

TEST(YamlScalar, WhatIsNoPlainTextIsQuoted) {
  for (const std::string text : {"yes",
                                 "No",
                                 "ON",
                                 "off",
                                 "y",
                                 "N",
                                 "true",
                                 "False",
                                 "null",
                                 "Null",
                                 "~",
                                 "1",
                                 "-1",
                                 "+1.5",
                                 "1e3",
                                 ".5",
                                 "1_000",
                                 "0x1f",
                                 "0o17",
                                 "0b1",
                                 "017",
                                 "12:30",
                                 ".inf",
                                 "-.INF",
                                 ".nan",
                                 "<<",
                                 "=",
                                 "2026-01-02",
                                 "a: b",
                                 "a:",
                                 ":a",
                                 "a #b",
                                 "#a",
                                 " a",
                                 "a ",
                                 "- a",
                                 "-",
                                 "--- a",
                                 "?a",
                                 "[a",
                                 "{a",
                                 "]",
                                 "&a",
                                 "*a",
                                 "!a",
                                 "|",
                                 ">",
                                 "'a",
                                 "\"a",
                                 "%a",
                                 "@a",
                                 "`a",
                                 ",a",
                                 "2026-1-2 03:04:05",
                                 "2026-01-02T03:04:05Z"}) {
    EXPECT_EQ(write_scalar(text, {}).front(), '\'') << text;
  }
  for (const std::string text :
       {"a:b", "a#b", "v1.2", "1.2.3-rc", "066-context", "2026-01-02-add-x", "a - b", "x, y",
        "nope", "onward", "a's", "C++", "a=b", "...", "."}) {
    EXPECT_EQ(write_scalar(text, {}), text);
  }
  for (const std::string text : {"a,b", "a]", "{", "a:b", "a?"}) {
    EXPECT_EQ(write_scalar(text, {.context = Context::flow}).front(), '\'') << text;
  }
}

TEST(YamlScalar, OneMeaningFollowsTheSame) {
  EXPECT_EQ(write_scalar("2", {.meaning = Meaning::number}), "2");
  EXPECT_EQ(write_scalar("no", {.meaning = Meaning::boolean}), "no");
  EXPECT_EQ(write_scalar("2026-01-02", {.meaning = Meaning::time}), "2026-01-02");
  EXPECT_EQ(write_scalar("2", {.meaning = Meaning::time}), "'2'");
  EXPECT_EQ(write_scalar("~", {.meaning = Meaning::null}), "'~'");
  EXPECT_EQ(write_scalar("-2", {.meaning = Meaning::number}), "-2");
}

// Texts out of everything that YAML's syntax looks at.
rc::Gen<std::string> yaml_text() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(
                          rc::gen::elementOf(std::vector<std::string>{"a",
                                                                      "1",
                                                                      " ",
                                                                      "\t",
                                                                      "\n",
                                                                      "\r",
                                                                      ":",
                                                                      "#",
                                                                      "-",
                                                                      "'",
                                                                      "\"",
                                                                      "\\",
                                                                      ",",
                                                                      "[",
                                                                      "]",
                                                                      "{",
                                                                      "}",
                                                                      "&",
                                                                      "*",
                                                                      "!",
                                                                      "|",
                                                                      ">",
                                                                      "%",
                                                                      "@",
                                                                      "`",
                                                                      "?",
                                                                      "~",
                                                                      ".",
                                                                      "null",
                                                                      "\x01",
                                                                      "\x7f",
                                                                      "\xc2\x85",
                                                                      "\xc2\xa0",
                                                                      "\xe2\x80\xa8",
                                                                      "\xef\xbb\xbf",
                                                                      "\xf0\x9f\x9a\xa7"})),
                      [](const std::vector<std::string>& parts) {
                        std::string text;
                        for (const std::string& part : parts) text += part;
                        return text;
                      });
}

RC_GTEST_PROP(YamlScalar, WhatIsWrittenIsReadBack, ()) {
  const std::string text = *yaml_text();
  for (const Quotes quotes : {Quotes::none, Quotes::single, Quotes::twofold}) {
    const std::string block = write_scalar(text, {quotes});
    RC_ASSERT(block.find('\n') == std::string::npos);
    const Result<Value> value = yaml::parse("k: " + block + "  # c\nl: 1\n");
    RC_ASSERT(value && value->entries.size() == 2);
    RC_ASSERT(value->find("k")->is_scalar() && value->find("k")->text == text);
    const std::string flow = write_scalar(text, {quotes, Meaning::text, Context::flow});
    const Result<Value> list = yaml::parse("[" + flow + ", " + flow + "]");
    RC_ASSERT(list && list->items.size() == 2);
    RC_ASSERT(list->items[0].is_scalar() && list->items[1].text == text);
  }
}

}  // namespace
}  // namespace specd::spec
