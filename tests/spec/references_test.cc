#include "spec/references.h"

#include <gmock/gmock.h>

#include "spec/lifecycle.h"

namespace specd::spec {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ReferencesTest, AFolderIsCalledByItsNameOrByItsNumberWhereThatIsItsAlone) {
  const std::vector<std::string_view> ids = {"035-login", "036-logout", "036-again", "E13-F03-x",
                                             "E13-F03-y", "E13-F04",    "7",         "login"};
  const SpecNames names(ids);
  EXPECT_THAT(names.find("035-login"), ElementsAre(0));
  EXPECT_THAT(names.find("035"), ElementsAre(0));
  EXPECT_THAT(names.find("35"), ElementsAre(0)) << "YAML takes 035 for a number";
  EXPECT_THAT(names.find("36"), ElementsAre(1, 2));
  EXPECT_THAT(names.find("007"), ElementsAre(6));
  EXPECT_THAT(names.find("E13-F04"), ElementsAre(5));
  EXPECT_THAT(names.find("E13-F03"), ElementsAre(3, 4));
  EXPECT_THAT(names.find("login"), ElementsAre(7));
  for (const char* unknown : {"", "0", "3", "035-", "logi", "E13-F", "x"})
    EXPECT_THAT(names.find(unknown), IsEmpty()) << unknown;
}

TEST(ReferencesTest, CirclesAreToldOnceAndNothingElseIs) {
  EXPECT_THAT(find_cycles({}), IsEmpty());
  EXPECT_THAT(find_cycles({{1, 2}, {2}, {}}), IsEmpty());
  EXPECT_THAT(find_cycles({{0}}), ElementsAre(ElementsAre(0)));
  // 0 leads into 1 -> 2 -> 3 -> 1, and that out to 4; 5 and 6 depend on each other.
  EXPECT_THAT(find_cycles({{1}, {2}, {3, 4}, {1}, {}, {6}, {5}}),
              ElementsAre(ElementsAre(1, 2, 3), ElementsAre(5, 6)));
  // Two circles that share 0: one of them.
  EXPECT_THAT(find_cycles({{1, 2}, {0}, {0}}), ElementsAre(ElementsAre(0, 1)));
}

TEST(ReferencesTest, AChainOfTenThousandIsNoTroubleNorAreAsManyCircles) {
  constexpr size_t kMany = 10'000;
  Links chain(kMany), pairs(kMany);
  for (size_t i = 0; i + 1 < kMany; ++i) chain[i] = {i + 1};
  EXPECT_THAT(find_cycles(chain), IsEmpty());
  chain[kMany - 1] = {0};
  ASSERT_EQ(find_cycles(chain).size(), 1U);
  EXPECT_EQ(find_cycles(chain)[0].size(), kMany);
  for (size_t i = 0; i < kMany; ++i) pairs[i] = {i ^ 1U};
  EXPECT_EQ(find_cycles(pairs).size(), kMany / 2);
}

TEST(LifecycleTest, FinishedIsWhatTheLayoutCallsSo) {
  EXPECT_TRUE(is_finished(Kind::archived, "review"));
  EXPECT_TRUE(is_finished(Kind::change, "done"));
  EXPECT_TRUE(is_finished(Kind::leanspec, "complete"));
  EXPECT_TRUE(is_finished(Kind::leanspec, "archived"));
  for (const char* status : {"", "proposing", "review", "planned", "cancelled"}) {
    EXPECT_FALSE(is_finished(Kind::change, status)) << status;
    EXPECT_FALSE(is_finished(Kind::leanspec, status)) << status;
  }
}

TEST(LifecycleTest, UnknownPrioritiesComeAfterNone) {
  int last = -1;
  for (const char* priority : {"critical", "high", "medium", "low", "", "whenever"}) {
    EXPECT_GT(priority_rank(priority), last) << priority;
    last = priority_rank(priority);
  }
  EXPECT_EQ(priority_rank("Urgent"), priority_rank("critical"));
}

}  // namespace
}  // namespace specd::spec
