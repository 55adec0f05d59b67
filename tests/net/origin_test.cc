#include "net/origin.h"

#include <gtest/gtest.h>

namespace specd::net {
namespace {

TEST(Origin, OnlyLoopbackCanBeBoundUnlessMoreIsAllowed) {
  EXPECT_EQ(*bind_address("localhost", Reach::this_machine), "127.0.0.1");
  EXPECT_EQ(*bind_address("127.1.2.3", Reach::this_machine), "127.1.2.3");
  EXPECT_EQ(*bind_address("::1", Reach::this_machine), "::1");
  for (const char* host : {"0.0.0.0", "::", "192.168.1.2", "::ffff:127.0.0.1", "fe80::1"}) {
    const auto refused = bind_address(host, Reach::this_machine);
    ASSERT_FALSE(refused) << host;
    EXPECT_EQ(refused.error().code, Code::refused) << host;
    EXPECT_EQ(*bind_address(host, Reach::anywhere), host);
  }
  for (Reach reach : {Reach::this_machine, Reach::anywhere}) {
    for (const char* host : {"example.org", "", "1.2.3", "[::1]"})
      EXPECT_EQ(bind_address(host, reach).error().code, Code::invalid) << host;
  }
}

struct HostCase {
  const char* host;
  bool is_ours;
};

void expect_hosts(const OwnNames& names, const std::vector<HostCase>& cases) {
  for (const auto& [host, is_ours] : cases) EXPECT_EQ(names.include(host), is_ours) << host;
}

TEST(Origin, OnLoopbackOnlyItsNamesWithOurPortAreOurs) {
  const std::vector<HostCase> cases = {
      {"127.0.0.1:4000", true},
      {"localhost:4000", true},
      {"LocalHost:4000", true},
      {"[::1]:4000", true},
      {"127.1.2.3:4000", true},
      {"[0:0::1]:4000", true},
      {"", false},
      {":4000", false},
      {"127.0.0.1", false},
      {"127.0.0.1:", false},
      {"127.0.0.1:80", false},
      {"127.0.0.1:4001", false},
      {"127.0.0.1:04000", false},
      {"127.0.0.1:4000 ", false},
      {" 127.0.0.1:4000", false},
      {"127.0.0.1.:4000", false},
      {"127.1:4000", false},
      {"2130706433:4000", false},
      {"0x7f.0.0.1:4000", false},
      {"0.0.0.0:4000", false},
      {"192.168.1.2:4000", false},
      {"localhost", false},
      {"localhost.:4000", false},
      {"localhost.evil.example:4000", false},
      {"evil.example:4000", false},
      {"evil.example", false},
      {"127.0.0.1:4000.evil.example", false},
      {"127.0.0.1:4000:4000", false},
      {"127.0.0.1:4000@evil.example", false},
      {"evil.example@127.0.0.1:4000", false},
      {"localhost:4000/evil.example", false},
      {"localhost:4000,evil.example", false},
      {"::1:4000", false},
      {"[::1]", false},
      {"[::1", false},
      {"[::1]4000", false},
      {"[::1].evil.example:4000", false},
      {"[::1%lo]:4000", false},
      {"[::ffff:127.0.0.1]:4000", false},
      {"[127.0.0.1]:4000", false},
      {"[::]:4000", false},
      {"specs.example:4000", false},
  };
  expect_hosts({.port = 4000}, cases);
  expect_hosts({.port = 80}, {{"localhost", true}, {"localhost:80", true}, {"localhost:", false}});
  expect_hosts({.port = 443}, {{"localhost", false}});
  expect_hosts({.port = 443, .is_tls = true}, {{"localhost", true}, {"[::1]", true}});
  expect_hosts({.port = 80, .is_tls = true}, {{"localhost", false}});
}

TEST(Origin, WhereOthersReachUsEveryAddressIsOursAndNoName) {
  const OwnNames names{.port = 4000, .reach = Reach::anywhere, .is_tls = true};
  expect_hosts(names, {{"127.0.0.1:4000", true},
                       {"192.168.1.2:4000", true},
                       {"[2001:db8::1]:4000", true},
                       {"192.168.1.2", false},
                       {"192.168.1.2:4001", false},
                       {"192.168.1.2.evil.example:4000", false},
                       {"evil.example:4000", false},
                       {"[evil.example]:4000", false}});
}

TEST(Origin, NamesThatWeWereGivenAreOurs) {
  OwnNames names{.port = 4000, .hosts = {"specs.example", "[2001:db8::1]"}};
  expect_hosts(names, {{"specs.example:4000", true},
                       {"SPECS.Example:4000", true},
                       {"[2001:db8::1]:4000", true},
                       {"specs.example", false},
                       {"specs.example.:4000", false},
                       {"a.specs.example:4000", false},
                       {"specs.example.evil.example:4000", false},
                       {"xspecs.example:4000", false}});
  names.is_tls = true;
  expect_hosts(names,
               {{"specs.example:4000", true}, {"specs.example", true}, {"specs.example:1", false}});
  names.is_tls = false;
  names.is_behind_proxy = true;
  expect_hosts(names, {{"specs.example", true},
                       {"specs.example:443", true},
                       {"specs.example:8443", true},
                       {"specs.example:", false},
                       {"specs.example:84430000", false},
                       {"specs.example:x", false},
                       {"specs.example:443@evil.example", false},
                       {"evil.example", false},
                       {"evil.example:4000", false},
                       {"127.0.0.1", false},
                       {"127.0.0.1:4000", true}});
}

struct OriginCase {
  const char* origin;
  const char* host;
  bool is_same;
};

void expect_origins(const OwnNames& names, const std::vector<OriginCase>& cases) {
  for (const auto& [origin, host, is_same] : cases)
    EXPECT_EQ(names.is_same_origin(origin, host), is_same) << origin << " at " << host;
}

TEST(Origin, TheSameOriginIsTheHostThatWasAsked) {
  const char* here = "127.0.0.1:4000";
  expect_origins({.port = 4000}, {{"http://127.0.0.1:4000", here, true},
                                  {"HTTP://LOCALHOST:4000", "localhost:4000", true},
                                  {"", here, false},
                                  {"null", here, false},
                                  {"http://", here, false},
                                  {"http:/", here, false},
                                  {"https://127.0.0.1:4000", here, false},
                                  {"http://127.0.0.1", here, false},
                                  {"http://127.0.0.1:4001", here, false},
                                  {"http://localhost:4000", here, false},
                                  {"http://127.0.0.1:4000.evil.example", here, false},
                                  {"http://127.0.0.1:4000@evil.example", here, false},
                                  {"http://evil.example", here, false},
                                  {"ws://127.0.0.1:4000", here, false}});
  expect_origins({.port = 80}, {{"http://localhost", "localhost:80", true},
                                {"http://localhost", "localhost", true},
                                {"http://localhost:443", "localhost", false}});
}

TEST(Origin, OverTlsTheSchemeIsHttps) {
  const OwnNames names{.port = 4000, .is_tls = true, .hosts = {"specs.example"}};
  expect_origins(names, {{"https://127.0.0.1:4000", "127.0.0.1:4000", true},
                         {"https://specs.example", "specs.example", true},
                         {"https://specs.example", "specs.example:443", true},
                         {"http://specs.example", "specs.example", false},
                         {"http://127.0.0.1:4000", "127.0.0.1:4000", false},
                         {"https://specs.example:4000", "specs.example", false}});
}

TEST(Origin, BehindAProxyItsSchemeIsTakenForTheNamesThatItServes) {
  const OwnNames names{.port = 4000, .is_behind_proxy = true, .hosts = {"specs.example"}};
  expect_origins(names, {{"https://specs.example", "specs.example", true},
                         {"http://specs.example", "specs.example", true},
                         {"https://specs.example", "specs.example:443", true},
                         {"https://specs.example:8443", "specs.example:8443", true},
                         {"https://specs.example:8443", "specs.example", false},
                         {"https://evil.example", "specs.example", false},
                         {"https://specs.example.evil.example", "specs.example", false},
                         {"https://specs.example", "127.0.0.1:4000", false},
                         {"https://127.0.0.1:4000", "127.0.0.1:4000", false},
                         {"http://127.0.0.1:4000", "127.0.0.1:4000", true}});
}

TEST(Origin, WhatCanBeAName) {
  for (const char* good : {"specs", "specs.example", "a-b.c", "192.0.2.1", "[2001:db8::1]"})
    EXPECT_TRUE(is_host_name(good)) << good;
  for (const char* bad : {"", "http://specs", "specs.example:443", "specs.example.", ".example",
                          "*.example", "a b", "2001:db8::1", "[::1", "a/b", "a@b", "\xc3\xa9.fr"})
    EXPECT_FALSE(is_host_name(bad)) << bad;
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

}  // namespace
}  // namespace specd::net
