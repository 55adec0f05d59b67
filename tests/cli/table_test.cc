#include "cli/table.h"

#include <gtest/gtest.h>

#include "base/columns.h"

namespace specd::cli {
namespace {

TEST(TableTest, ColumnsAreAlignedByWhatATerminalShows) {
  Table table({"NAME", "WHAT"}, 80);
  table.add({"日本", "wide"});
  table.add({"e\xcc\x81t\xc3\xa9", "combined"});
  table.add({"\xff", "no UTF-8"});
  table.add({"a\033[31mb", ""});
  EXPECT_EQ(table.text(),
            "NAME     WHAT\n"
            "日本     wide\n"
            "e\xcc\x81t\xc3\xa9      combined\n"
            "\xff        no UTF-8\n"
            "a?[31mb\n");
}

TEST(TableTest, ALineIsCutToTheTerminalBetweenCharacters) {
  Table table({"A", "B"}, 8);
  table.add({"x", "12345"});
  table.add({"x", "123456"});
  table.add({"x", "日本語"});
  EXPECT_EQ(table.text(), "A  B\nx  12345\nx  1234…\nx  日本…\n");
  EXPECT_EQ(cut_to_columns("abc", 0), "");
  EXPECT_EQ(cut_to_columns("日本", 2), "…");
}

TEST(TableTest, WhatComesLaterIsAsWideAsWhatCameBefore) {
  Table table({"A", "B"}, 80);
  table.add({"long name", "1"});
  EXPECT_EQ(table.take(), "A          B\nlong name  1\n");
  EXPECT_EQ(table.take(), "");
  table.add({"x", "2"});
  EXPECT_EQ(table.take(), "x          2\n");
}

}  // namespace
}  // namespace specd::cli
