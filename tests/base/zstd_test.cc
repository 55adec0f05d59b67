#include "base/zstd.h"

#include <gtest/gtest.h>

#include <string>

namespace specd {
namespace {

constexpr size_t kLimit = size_t{1} << 20;

TEST(Zstd, WhatGoesInComesOut) {
  const std::string texts[] = {"", "x", std::string("a\0b", 3), std::string(100000, 'q'),
                               "# Title\r\n\xff\xfe"};
  for (const std::string& text : texts) {
    auto back = zstd::decompress(zstd::compress(text), kLimit);
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(*back, text);
  }
}

TEST(Zstd, RepetitionIsSmaller) {
  EXPECT_LT(zstd::compress(std::string(100000, 'q')).size(), 100u);
}

TEST(Zstd, AFrameThatHoldsMoreThanAllowedIsRefused) {
  const std::string frame = zstd::compress(std::string(1001, 'q'));
  EXPECT_TRUE(zstd::decompress(frame, 1001).has_value());
  EXPECT_EQ(zstd::decompress(frame, 1000).error().code, Code::invalid);
}

TEST(Zstd, ADamagedFrameIsRefusedWhereverItIsCut) {
  const std::string frame = zstd::compress("some text that is long enough to have several bytes");
  for (size_t size = 0; size < frame.size(); ++size) {
    auto cut = zstd::decompress(std::string_view(frame).substr(0, size), kLimit);
    ASSERT_FALSE(cut.has_value()) << size;
    EXPECT_EQ(cut.error().code, Code::invalid);
  }
}

}  // namespace
}  // namespace specd
