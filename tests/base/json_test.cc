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
