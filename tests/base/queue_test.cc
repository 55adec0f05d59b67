#include "base/queue.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/thread.h"

namespace specd {
namespace {

TEST(Queue, WhoeverFillsItIsTold) {
  Queue<int> queue(2);
  EXPECT_TRUE(queue.put(1));
  EXPECT_TRUE(queue.put(2));
  EXPECT_FALSE(queue.put(3));
  EXPECT_EQ(queue.take_all(), (std::vector<int>{1, 2}));
  EXPECT_TRUE(queue.put(4));
}

TEST(Queue, ClosingWakesTheTakerAndKeepsWhatIsThere) {
  Queue<int> queue(2);
  ASSERT_TRUE(queue.put(1));
  std::vector<int> taken;
  {
    Thread taker("taker", [&] {
      while (auto item = queue.take()) taken.push_back(*item);
    });
    queue.close();
  }
  EXPECT_EQ(taken, std::vector<int>{1});
  EXPECT_FALSE(queue.put(2));
}

TEST(Queue, TellsHowManyWaitAndWhichLongest) {
  Queue<int> queue(4);
  const auto itself = [](int item) { return item; };
  EXPECT_EQ(queue.front(itself), std::nullopt);
  ASSERT_TRUE(queue.put(7) && queue.put(8));
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue.front(itself), 7);
  EXPECT_EQ(queue.take(), 7);
  EXPECT_EQ(queue.size(), 1u);
  EXPECT_EQ(queue.front(itself), 8);
}

TEST(Queue, EveryItemOfManyThreadsArrivesOnce) {
  Queue<int> queue(4000);
  {
    std::vector<Thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back("putter", [&queue, t] {
        for (int i = 0; i < 1000; ++i) ASSERT_TRUE(queue.put(t * 1000 + i));
      });
    }
  }
  std::vector<int> taken = queue.take_all();
  std::sort(taken.begin(), taken.end());
  ASSERT_EQ(taken.size(), 4000u);
  for (int i = 0; i < 4000; ++i) EXPECT_EQ(taken[static_cast<size_t>(i)], i);
}

}  // namespace
}  // namespace specd
