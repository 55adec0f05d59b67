#include "realtime/subscription.h"

#include <gtest/gtest.h>

namespace specd::realtime {
namespace {

proto::Event event(const std::string& project, const std::string& spec, const std::string& type) {
  return {.type = type, .project = project, .spec = spec};
}

TEST(Subscription, WithoutFiltersWantsEverything) {
  EXPECT_TRUE(parse_subscription({})->wants(event("a", "k", "spec.updated")));
}

TEST(Subscription, EveryFilterHasToFit) {
  const auto wanted =
      *parse_subscription({{"project", "a"}, {"spec", "k,l"}, {"types", "spec.updated,sync.*"}});
  EXPECT_TRUE(wanted.wants(event("a", "k", "spec.updated")));
  EXPECT_TRUE(wanted.wants(event("a", "l", "sync.error")));
  EXPECT_FALSE(wanted.wants(event("b", "k", "spec.updated")));
  EXPECT_FALSE(wanted.wants(event("a", "m", "spec.updated")));
  EXPECT_FALSE(wanted.wants(event("a", "k", "spec.deleted")));
  EXPECT_FALSE(wanted.wants(event("a", "k", "sync")));
}

TEST(Subscription, EventsAboutManySpecsPassEverySpecFilter) {
  const auto wanted = *parse_subscription({{"spec", "k"}});
  EXPECT_TRUE(wanted.wants(event("a", "", "specs.batch")));
}

TEST(Subscription, RefusesEmptyAndTooManyValues) {
  EXPECT_FALSE(parse_subscription({{"spec", ""}}));
  EXPECT_FALSE(parse_subscription({{"types", "a,,b"}}));
  std::string many = "0";
  for (int i = 1; i < 100; ++i) many += "," + std::to_string(i);
  EXPECT_TRUE(parse_subscription({{"spec", many}}));
  EXPECT_FALSE(parse_subscription({{"spec", many}, {"spec", "one more"}}));
}

}  // namespace
}  // namespace specd::realtime
