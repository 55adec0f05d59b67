#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "net/io_loop.h"

namespace specd::net {
namespace {

TEST(MailboxTest, GivesEverythingOnceAndInOrder) {
  Mailbox box;
  std::string done;
  for (const char letter : {'a', 'b', 'c'}) box.post([&done, letter] { done += letter; });
  for (const auto& task : box.take()) task();
  EXPECT_EQ(done, "abc");
  EXPECT_TRUE(box.take().empty());
}

TEST(MailboxTest, WhatIsDroppedMayHaveALastWord) {
  // A right to answer says 500 when it is dropped, and says it through the mailbox.
  Mailbox box;
  int dropped = 0;
  const auto say = [&](void*) {
    ++dropped;
    box.post([] {});
  };
  box.post([right = std::shared_ptr<void>(&dropped, say)] {});
  box.shut();
  EXPECT_EQ(dropped, 1);
  EXPECT_TRUE(box.take().empty());
}

}  // namespace
}  // namespace specd::net
