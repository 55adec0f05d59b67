#include "net/answer_cache.h"

#include <gtest/gtest.h>

namespace specd::net {
namespace {

std::string text(const AnswerCache::Answer& answer) {
  return answer ? *answer : "none";
}

TEST(AnswerCacheTest, AnAnswerIsFoundWhileItsVersionIsTheLatest) {
  AnswerCache cache(10'000);
  cache.keep(1, "a", "first");
  EXPECT_TRUE(cache.knows("a"));
  EXPECT_EQ(text(cache.find(1, "a")), "first");
  EXPECT_EQ(text(cache.find(1, "b")), "none");
  EXPECT_EQ(text(cache.find(2, "a")), "none");
  EXPECT_FALSE(cache.knows("a"));
  EXPECT_EQ(text(cache.find(1, "a")), "none") << "a version does not come back";
}

TEST(AnswerCacheTest, WhoeverWasSlowKeepsNothingThatIsOutOfDate) {
  AnswerCache cache(10'000);
  cache.keep(2, "a", "new");
  cache.keep(1, "a", "old");
  cache.keep(1, "b", "old");
  EXPECT_EQ(text(cache.find(2, "a")), "new");
  EXPECT_EQ(text(cache.find(2, "b")), "none");
}

TEST(AnswerCacheTest, AnAnswerOutlivesItsPlace) {
  AnswerCache cache(10'000);
  cache.keep(1, "a", "first");
  const auto answer = cache.find(1, "a");
  EXPECT_EQ(text(cache.find(2, "a")), "none");
  EXPECT_EQ(text(answer), "first");
}

TEST(AnswerCacheTest, HoldsNoMoreThanItsLimit) {
  AnswerCache cache(8'000);
  cache.keep(1, "large", std::string(1'000, 'x'));
  EXPECT_FALSE(cache.knows("large")) << "one answer would take an eighth of it";
  const auto held = [&] {
    size_t count = 0;
    for (int i = 0; i < 100; ++i) count += cache.knows("key " + std::to_string(i)) ? 1 : 0;
    return count;
  };
  size_t most = 0;
  for (int i = 0; i < 100; ++i) {
    cache.keep(1, "key " + std::to_string(i), std::string(500, 'x'));
    EXPECT_TRUE(cache.knows("key " + std::to_string(i)));
    most = std::max(most, held());
  }
  EXPECT_LE(most, 8'000u / 500);
  EXPECT_GE(most, 5u);
}

}  // namespace
}  // namespace specd::net
