#include <gtest/gtest.h>

#include "sqlite/database.h"
#include "tests/support/temp_dir.h"

namespace specd::sqlite {
namespace {

class TokenizerTest : public testing::Test {
 protected:
  TokenizerTest() : db_(std::move(*Database::open(folder_.file("x.db"), {}))) {
    EXPECT_TRUE(
        db_.script("CREATE VIRTUAL TABLE t USING fts5 (a, tokenize = 'specd remove_diacritics 2');"
                   "CREATE VIRTUAL TABLE v USING fts5vocab (t, 'instance')"));
  }
  /// The words of a text, in its order.
  std::string words(std::string_view text) {
    EXPECT_TRUE(db_.run("DELETE FROM t"));
    EXPECT_TRUE(db_.run("INSERT INTO t (a) VALUES (?)", text));
    std::string all;
    EXPECT_TRUE(db_.each("SELECT term FROM v ORDER BY offset",
                         [&](Row& row) { all += (all.empty() ? "" : " ") + row.text(); }));
    return all;
  }
  std::string marked(std::string_view text, std::string_view query) {
    words(text);
    std::string found;
    EXPECT_TRUE(db_.each(
        "SELECT highlight(t, 0, '[', ']') FROM t WHERE t MATCH ?",
        [&](Row& row) { found = row.text(); }, query));
    return found;
  }

  test::TempDir folder_;
  Database db_;
};

TEST_F(TokenizerTest, WhatHasSpacesIsAsItWas) {
  EXPECT_EQ(words("The Quick, brown-fox 42"), "the quick brown fox 42");
  EXPECT_EQ(words("Zürich naïve ПРИВЕТ ΑΘΗΝΑ नमस्ते"), "zurich naive привет αθηνα नमस त");
  EXPECT_EQ(words(""), "");
  EXPECT_EQ(words("— … €"), "");
}

TEST_F(TokenizerTest, EachCharacterOfAScriptWithoutSpacesIsAWord) {
  EXPECT_EQ(words("購物車功能"), "購 物 車 功 能");
  EXPECT_EQ(words("カートに入れる。"), "カ ー ト に 入 れ る");
  EXPECT_EQ(words("장바구니 담기"), "장 바 구 니 담 기");
  EXPECT_EQ(words("𠮷野家〇々"), "𠮷 野 家 〇 々");
  EXPECT_EQ(words("ｶﾅ"), "ｶ ﾅ");
}

TEST_F(TokenizerTest, ScriptsMayStandSideBySide) {
  EXPECT_EQ(words("用API取得data。Ünï車"), "用 api 取 得 data uni 車");
  EXPECT_EQ(words("車、物・能（車）"), "車 物 能 車") << "their punctuation is no word";
}

TEST_F(TokenizerTest, WhatIsNoCharacterIsNotCut) {
  for (const char* text : {"a\xe8\xb3", "a\xe8", "a\xf0\xa0", "a\xe8z\xb3", "a\xff\xff\xff\xff"})
    EXPECT_TRUE(words(text).starts_with("a")) << text;
}

TEST_F(TokenizerTest, MatchesAreMarkedWhereTheyStand) {
  EXPECT_EQ(marked("Ünï購物車功能, ok", "\"物車\""), "Ünï購[物車]功能, ok");
  EXPECT_EQ(marked("車物車功", "\"物車\""), "車[物車]功");
  EXPECT_EQ(marked("車物", "\"物車\""), "") << "in this order";
  EXPECT_EQ(marked("物 車", "\"物車\""), "[物 車]") << "as a line may be broken anywhere";
  EXPECT_EQ(marked("新しいAPIです", "\"しいapi\""), "新[しいAPI]です");
  EXPECT_EQ(marked("購物車", "\"物\"*"), "購[物]車");
}

}  // namespace
}  // namespace specd::sqlite
