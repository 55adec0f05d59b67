#include "net/origin.h"

#include <gtest/gtest.h>

namespace specd::net {
namespace {

TEST(Origin, OnlyLoopbackCanBeBound) {
  EXPECT_EQ(*loopback_address("localhost"), "127.0.0.1");
  EXPECT_EQ(*loopback_address("127.1.2.3"), "127.1.2.3");
  EXPECT_EQ(*loopback_address("::1"), "::1");
  for (const char* host : {"0.0.0.0", "::", "192.168.1.2", "::ffff:127.0.0.1"}) {
    ASSERT_FALSE(loopback_address(host)) << host;
    EXPECT_EQ(loopback_address(host).error().code, Code::refused) << host;
  }
  EXPECT_EQ(loopback_address("example.org").error().code, Code::invalid);
}

TEST(Origin, OwnHostIsALoopbackNameWithOurPort) {
  for (const char* host : {"127.0.0.1:4000", "localhost:4000", "LocalHost:4000", "[::1]:4000"}) {
    EXPECT_TRUE(is_own_host(host, 4000)) << host;
  }
  for (const char* host : {"", "127.0.0.1", "127.0.0.1:4001", "evil.example:4000", "localhost",
                           "localhost.evil.example:4000", "127.0.0.1:4000.evil.example",
                           "127.0.0.1:04000", "127.0.0.1:4000 "}) {
    EXPECT_FALSE(is_own_host(host, 4000)) << host;
  }
  EXPECT_TRUE(is_own_host("localhost", 80));
}

TEST(Origin, PagesOfOtherOriginsMayLeadHereAndNoMore) {
  EXPECT_FALSE(is_foreign_fetch("", "", "POST"));
  EXPECT_FALSE(is_foreign_fetch("same-origin", "cors", "DELETE"));
  EXPECT_FALSE(is_foreign_fetch("none", "navigate", "GET"));
  EXPECT_FALSE(is_foreign_fetch("cross-site", "navigate", "GET"));
  EXPECT_TRUE(is_foreign_fetch("cross-site", "navigate", "POST"));
  EXPECT_TRUE(is_foreign_fetch("cross-site", "no-cors", "GET"));
  EXPECT_TRUE(is_foreign_fetch("same-site", "cors", "GET"));
  EXPECT_TRUE(is_foreign_fetch("anything", "", "GET"));
}

TEST(Origin, SameOriginIsTheHostThatWasAsked) {
  EXPECT_TRUE(is_same_origin("http://127.0.0.1:4000", "127.0.0.1:4000"));
  EXPECT_TRUE(is_same_origin("HTTP://LOCALHOST:4000", "localhost:4000"));
  for (const char* origin :
       {"", "null", "http://", "https://127.0.0.1:4000", "http://127.0.0.1",
        "http://localhost:4000", "http://127.0.0.1:4000.evil.example", "http://evil.example"}) {
    EXPECT_FALSE(is_same_origin(origin, "127.0.0.1:4000")) << origin;
  }
}

}  // namespace
}  // namespace specd::net
