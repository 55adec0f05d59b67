#include "realtime/subscription.h"

#include <gtest/gtest.h>

namespace specd::realtime {
namespace {

proto::Event event(const std::string& key, const std::string& type = "spec.updated",
                   const std::vector<std::pair<std::string, std::string>>& members = {}) {
  proto::Event made{.type = type, .project = "a", .key = key};
  for (const auto& [name, text] : members)
    made.payload.edit().entries.push_back({name, {.kind = Value::Kind::scalar, .text = text}});
  return made;
}

bool wants(const net::Fields& query, const proto::Event& of) {
  const auto wish = parse_wish(query);
  EXPECT_TRUE(wish) << wish.error().message;
  return wish && wish->subscription.wants(of);
}

TEST(Subscription, WithoutFiltersWantsEverything) {
  EXPECT_TRUE(wants({}, event("k")));
  EXPECT_TRUE(parse_wish({})->subscription.wants_everything());
}

TEST(Subscription, EveryFilterHasToFit) {
  const net::Fields query{{"project", "a"}, {"spec", "k,l"}, {"types", "spec.updated,sync.*"}};
  EXPECT_FALSE(parse_wish(query)->subscription.wants_everything());
  EXPECT_TRUE(wants(query, event("k")));
  EXPECT_TRUE(wants(query, event("l", "sync.error")));
  EXPECT_FALSE(wants(query, event("m")));
  EXPECT_FALSE(wants(query, event("k", "spec.deleted")));
  EXPECT_FALSE(wants(query, event("", "project.state")));
  proto::Event elsewhere = event("k");
  elsewhere.project = "b";
  EXPECT_FALSE(wants(query, elsewhere));
}

TEST(Subscription, SpecsAreNamedByIdAndPattern) {
  const auto login = event("k", "spec.updated", {{"id", "E13-login"}});
  EXPECT_TRUE(wants({{"spec", "E13-login"}}, login));
  EXPECT_TRUE(wants({{"spec", "E13-*"}}, login));
  EXPECT_TRUE(wants({{"spec", "E1?-login"}}, login));
  EXPECT_FALSE(wants({{"spec", "E13"}}, login));
  EXPECT_FALSE(wants({{"spec", "E14-*"}}, login));
  EXPECT_FALSE(wants({{"spec", "*-logout"}}, login));
  const auto renamed = event("k", "spec.renamed", {{"id", "signin"}, {"from", "E13-login"}});
  EXPECT_TRUE(wants({{"spec", "E13-login"}}, renamed)) << "whoever knew it must hear of it";
  EXPECT_TRUE(wants({{"spec", "signin"}}, renamed));
}

TEST(Subscription, PatternsHaveTwoWildcards) {
  const std::vector<std::pair<const char*, const char*>> fitting{
      {"*", "a"},          {"a*", "a"},      {"a*", "abc"},  {"*c", "abc"}, {"a*c", "abbbc"},
      {"a*b*c", "abbcbc"}, {"*ab", "aab"},   {"?bc", "abc"}, {"a?", "ab"},  {"**", "x"},
      {"a*?", "ab"},       {"[ab]", "[ab]"}, {"*.*", "a.b"}, {"a*b", "ab"}};
  for (const auto& [pattern, id] : fitting)
    EXPECT_TRUE(wants({{"spec", pattern}}, event("k", "spec.updated", {{"id", id}})))
        << pattern << " " << id;
  const std::vector<std::pair<const char*, const char*>> others{
      {"a", "ab"}, {"a*", "ba"},  {"*c", "abcd"}, {"a*b*c", "acb"}, {"a?", "a"},
      {"?", "ab"}, {"[ab]", "a"}, {"a*?", "a"},   {"A*", "ab"}};
  for (const auto& [pattern, id] : others)
    EXPECT_FALSE(wants({{"spec", pattern}}, event("k", "spec.updated", {{"id", id}})))
        << pattern << " " << id;
}

TEST(Subscription, ChildrenComeWithTheirParentWhereWanted) {
  const net::Fields query{{"spec", "E13"}, {"children", "true"}};
  for (const char* id : {"E13", "E13-login", "E13/login", "E13-a-b"})
    EXPECT_TRUE(wants(query, event("k", "spec.updated", {{"id", id}}))) << id;
  for (const char* id : {"E130", "E1", "xE13-a"})
    EXPECT_FALSE(wants(query, event("k", "spec.updated", {{"id", id}}))) << id;
  EXPECT_TRUE(wants(query, event("k", "spec.updated", {{"id", "other"}, {"parent", "E13"}})));
  EXPECT_FALSE(wants({{"spec", "E13"}}, event("k", "spec.updated", {{"id", "E13-login"}})));
}

TEST(Subscription, AThrottleIsOfTheClient) {
  EXPECT_EQ(parse_wish({})->throttle.count(), 0);
  EXPECT_EQ(parse_wish({{"throttle_ms", "250"}})->throttle.count(), 250);
  for (const char* bad : {"", "-1", "1.5", "60001", "soon"})
    EXPECT_FALSE(parse_wish({{"throttle_ms", bad}})) << bad;
}

TEST(Subscription, RefusesWhatCannotBeMeant) {
  EXPECT_FALSE(parse_wish({{"spec", ""}}));
  EXPECT_FALSE(parse_wish({{"types", "spec.updated,,spec.deleted"}}));
  EXPECT_FALSE(parse_wish({{"types", "spec.update"}}));
  EXPECT_FALSE(parse_wish({{"types", "specs"}}));
  EXPECT_TRUE(parse_wish({{"types", "specs.*"}}));
  EXPECT_FALSE(parse_wish({{"children", "yes"}}));
  std::string many = "0";
  for (int i = 1; i < 100; ++i) many += "," + std::to_string(i);
  EXPECT_TRUE(parse_wish({{"spec", many}}));
  EXPECT_FALSE(parse_wish({{"spec", many}, {"spec", "one more"}}));
}

}  // namespace
}  // namespace specd::realtime
