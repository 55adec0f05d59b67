#include "cli/browser.h"

#include <gmock/gmock.h>

namespace specd::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kPage = "file:///run/open.html";

TEST(BrowserTest, TheAddressGoesWhereItIsWantedOrBehindAllElse) {
  EXPECT_THAT(browser_commands("firefox", kPage), ElementsAre(ElementsAre("firefox", kPage)));
  EXPECT_THAT(browser_commands(" firefox  --new-window\t", kPage),
              ElementsAre(ElementsAre("firefox", "--new-window", kPage)));
  EXPECT_THAT(browser_commands("w --url=%s --then %s -x", kPage),
              ElementsAre(ElementsAre("w", "--url=" + kPage, "--then", kPage, "-x")));
  EXPECT_THAT(browser_commands("w 100% %d", "100%s"),
              ElementsAre(ElementsAre("w", "100%", "%d", "100%s")));
  EXPECT_THAT(browser_commands("w %s%s", "a%sb"), ElementsAre(ElementsAre("w", "a%sba%sb")));
}

TEST(BrowserTest, CommandsStandBetweenColonsBestFirst) {
  EXPECT_THAT(browser_commands("firefox:lynx -x:w3m %s &", kPage),
              ElementsAre(ElementsAre("firefox", kPage), ElementsAre("lynx", "-x", kPage),
                          ElementsAre("w3m", kPage)));
  EXPECT_THAT(browser_commands("::firefox: ::", kPage), ElementsAre(ElementsAre("firefox", kPage)));
}

TEST(BrowserTest, WhatIsNoProgramIsPassedOver) {
  for (const char* nothing : {"", " ", ":", "-c", "--help:-x %s", "&", "%s", "%s -x"})
    EXPECT_THAT(browser_commands(nothing, kPage), IsEmpty()) << nothing;
  EXPECT_THAT(browser_commands("-x:w", kPage), ElementsAre(ElementsAre("w", kPage)));
}

TEST(BrowserTest, NothingIsExpanded) {
  EXPECT_THAT(browser_commands("w $(id) * \"a b\" ;id", kPage),
              ElementsAre(ElementsAre("w", "$(id)", "*", "\"a", "b\"", ";id", kPage)));
}

}  // namespace
}  // namespace specd::cli
