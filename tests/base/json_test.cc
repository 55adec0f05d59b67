#include "base/json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace specd {
namespace {

TEST(Json, BecomesAPlainTreeAndBack) {
  for (const std::string_view text :
       {"null", "true", "false", "0", "-1", "1.5", "1e9", "18446744073709551615", "\"\"", "\"1\"",
        "\"true\"", "[]", "{}", R"([1,"1",null,[true]])", R"({"b":1,"a":{"c":[{}]}})",
        R"("\u0001\"\\")", "\"\xc3\xa4\""}) {
    const Result<Value> value = json::parse(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(json::dump(*value), text);
  }
}

TEST(Json, StringsAreTakenApartFromNumbers) {
  EXPECT_TRUE(json::parse("\"1\"")->quoted);
  EXPECT_FALSE(json::parse("1")->quoted);
  EXPECT_EQ(json::parse("1.50")->text, "1.50");
  EXPECT_EQ(json::parse(R"("\ud83d\ude00")")->text, "\xf0\x9f\x98\x80");
}

TEST(Json, AByteOrderMarkIsSkipped) {
  EXPECT_TRUE(json::parse("\xef\xbb\xbf{}"));
}

TEST(Json, RefusesWhatIsNotOneDocument) {
  for (const std::string_view text :
       {"", " ", "{", "}", "[1,]", "{\"a\"}", "{\"a\":1,}", "1 2", "{} x", "'a'", "nul", "01", "+1",
        "NaN", "\"\xff\"", "\"a\tb\"", "{a:1}", "// x\n1", "\"\\ud800\""}) {
    const Result<Value> value = json::parse(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, Code::invalid);
    EXPECT_TRUE(value.error().message.starts_with("line 1, column ")) << value.error().message;
  }
  EXPECT_FALSE(json::parse(std::string_view("{\0}", 3)));
  EXPECT_EQ(json::parse("1e999").error().message, "number overflow parsing '1e999'");
  EXPECT_NE(json::parse("{\n\"a\": x}").error().message.find("line 2"), std::string::npos);
}

TEST(Json, RefusesDuplicateKeys) {
  EXPECT_FALSE(json::parse(R"({"a":1,"b":2,"a":3})"));
  EXPECT_FALSE(json::parse(R"({"a":1,"\u0061":3})"));
  EXPECT_TRUE(json::parse(R"({"a":{"a":1}})"));
}

TEST(Json, RefusesDuplicateKeysOfLargeObjectsToo) {
  std::string members;
  for (int i = 0; i < 40; ++i) {
    const std::string name = "\"k" + std::to_string(i) + "\"";
    members += name + ":{\"k0\":1},";
    EXPECT_TRUE(json::parse("{" + members + "\"new\":1}")) << i;
    EXPECT_FALSE(json::parse("{" + members + name + ":1}")) << i;
    EXPECT_FALSE(json::parse("{" + members + "\"k0\":1}")) << i;
  }
}

TEST(Json, DepthIsBounded) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(json::parse(nested(64)));
  EXPECT_FALSE(json::parse(nested(65)));
  EXPECT_FALSE(json::parse(std::string(1'000'000, '[')));
}

/// The room that a tree takes, without what is behind its allocations.
size_t room_of(const Value& value) {
  size_t room = value.text.capacity() + value.items.capacity() * sizeof(Value) +
                value.entries.capacity() * sizeof(Value::Entry);
  for (const Value& item : value.items) room += room_of(item);
  for (const auto& [key, entry] : value.entries) room += key.capacity() + room_of(entry);
  return room;
}

constexpr size_t kBytes = 1 << 18;

constexpr size_t kRoomOfFew = 1 << 20;  // some thousands of values are taken anyway

/// As many as make a text of that size.
std::string list_of(const std::string& item) {
  std::string text = "[" + item;
  while (text.size() + item.size() + 2 < kBytes) text += "," + item;
  return text + "]";
}

TEST(Json, ManyValuesInFewBytesAreRefusedToStrangers) {
  for (const std::string item : {"0", "[]", "{}", "[[]]", R"({"":0})", R"({"a":{"b":{}}})", R"("")",
                                 R"({"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0})"}) {
    EXPECT_TRUE(json::parse(list_of(item))) << "as our own";
    const auto value = json::parse_untrusted(list_of(item));
    ASSERT_FALSE(value) << item;
    EXPECT_EQ(value.error().message, "too many values for a text of this length");
  }
}

TEST(Json, WhatStrangersSentTakesNoMoreThanTenTimesTheRoom) {
  for (const std::string around :
       {R"("%")", R"(["%"])", R"([["%"]])", R"({"%":0})", R"({"a":"%"})", R"([{},"%"])"}) {
    size_t room = 0;  // of the densest that is taken
    for (size_t filling = 0; room == 0; filling += 8) {
      std::string item = around;
      item.replace(item.find('%'), 1, std::string(filling, 'x'));
      if (const auto value = json::parse_untrusted(list_of(item))) room = room_of(*value);
    }
    EXPECT_LT(room, 10 * kBytes + kRoomOfFew) << around;
  }
}

TEST(Json, WhatSomebodyMeansIsTaken) {
  std::string small = "[0";
  for (int i = 0; i < 2'000; ++i) small += ",1,[]";
  EXPECT_TRUE(json::parse_untrusted(small + "]"));
  std::string paths = "[\"\"";
  for (int i = 0; i < 50'000; ++i) paths += ",\"openspec/changes/a-change/tasks.md\"";
  EXPECT_TRUE(json::parse_untrusted(paths + "]"));
}

TEST(Json, ScalarsThatOnlyLookLikeNumbersAreStrings) {
  for (const std::string_view text : {"01", "1.", ".5", "-", "1e", "0x1", "+1", "nan", "2026-01-02",
                                      "yes", "True", "", "1 ", "null"}) {
    Value scalar;
    scalar.kind = Value::Kind::scalar;
    scalar.text = text;
    EXPECT_EQ(json::dump(scalar), "\"" + std::string(text) + "\"");
  }
}

TEST(Json, BytesThatAreNotUtf8AreReplaced) {
  Value scalar;
  scalar.kind = Value::Kind::scalar;
  scalar.text = "a\xff\xfe";
  EXPECT_EQ(json::dump(scalar), "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
}

RC_GTEST_PROP(Json, AnyStringComesBack, (const std::string& noise)) {
  Value scalar;
  scalar.kind = Value::Kind::scalar;
  scalar.quoted = true;
  for (const char c : noise) scalar.text += static_cast<char>(c & 0x7f);
  const Result<Value> back = json::parse(json::dump(scalar));
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->text == scalar.text);
}

RC_GTEST_PROP(Json, AnyBytesAreReadOrRefused, (const std::string& noise)) {
  const Result<Value> value = json::parse(noise);
  RC_ASSERT(value || !value.error().message.empty());
}

}  // namespace
}  // namespace specd
