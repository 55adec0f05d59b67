#include "net/url.h"

#include <gtest/gtest.h>

namespace specd::net::url {
namespace {

using Segments = std::vector<std::string>;

TEST(Url, DecodesAnyByteAndOnlyOnce) {
  EXPECT_EQ(decode("a%20b%C3%A4%2525"), "a b\xC3\xA4%25");
  EXPECT_EQ(decode("%00%ff"), std::string("\0\xFF", 2));
  EXPECT_EQ(decode("a+b"), "a+b");
}

TEST(Url, RefusesBrokenEncoding) {
  for (const char* text : {"%", "%4", "%zz", "a%2", "%%41", "%u0041"}) {
    EXPECT_FALSE(decode(text)) << text;
  }
}

TEST(Url, EncodingIsUndoneByDecoding) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  EXPECT_EQ(decode(encode(every)), every);
  EXPECT_EQ(decode(encode_path(every)), every);
  EXPECT_EQ(encode("a/b c"), "a%2Fb%20c");
  EXPECT_EQ(encode_path("a/b c"), "a/b%20c");
}

TEST(Url, EncodedSlashMakesNoSegment) {
  EXPECT_EQ(parse_target("/a%2Fb/c")->segments, (Segments{"a/b", "c"}));
  EXPECT_EQ(parse_target("/a//b/")->segments, (Segments{"a", "", "b", ""}));
  EXPECT_EQ(parse_target("/")->segments, Segments{""});
}

TEST(Url, SplitsTheQueryBeforeItDecodes) {
  const auto target = parse_target("/a?x=1%262&y=a+b%2B&flag&x=2&&=");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, Segments{"a"});
  EXPECT_EQ(target->query.get("x"), "1&2");
  EXPECT_EQ(target->query.get("y"), "a b+");
  ASSERT_NE(target->query.find("flag"), nullptr);
  EXPECT_EQ(target->query.get("flag"), "");
  EXPECT_EQ(target->query.find("none"), nullptr);
  EXPECT_EQ(target->query.size(), 5u);
}

TEST(Url, RefusesOtherForms) {
  for (const char* target : {"", "*", "http://127.0.0.1/a", "a", "/a?x=%", "/%", "?"}) {
    EXPECT_FALSE(parse_target(target)) << target;
  }
}

TEST(Url, AListIsSplitAtCommasThatAreNotEncoded) {
  using Words = std::vector<std::string>;
  const auto words = [](const std::string& query) { return url::words_in("/a,b?" + query, "x"); };
  EXPECT_EQ(words("x=a,b&y=c&x=d"), (Words{"a", "b", "d"}));
  EXPECT_EQ(words("x=a%2Cb,c%2cd"), (Words{"a,b", "c,d"}));
  EXPECT_EQ(words("%78=a+b,%C3%A9"), (Words{"a b", "\xc3\xa9"})) << "a name may be encoded, too";
  EXPECT_EQ(words("x=,a,,b,&x=&x"), (Words{"a", "b"}));
  EXPECT_EQ(words("x=a=b,c"), (Words{"a=b", "c"}));
  EXPECT_EQ(words("x=%zz,a"), (Words{"a"}));
  EXPECT_EQ(words("xx=a"), (Words{}));
  EXPECT_EQ(url::words_in("/a", "x"), (Words{}));
}

}  // namespace
}  // namespace specd::net::url
