#include "net/router.h"

#include <gtest/gtest.h>

namespace specd::net {
namespace {

class RouterTest : public testing::Test {
 protected:
  Router::Match match(std::string_view method, std::string_view target) {
    return router_.match(method, *url::parse_target(target));
  }

  Router router_;
  const Router::RouteId list_ = router_.add("GET", "/projects");
  const Router::RouteId add_ = router_.add("POST", "/projects");
  const Router::RouteId file_ = router_.add("GET", "/projects/{slug}/files/{path...}");
};

TEST_F(RouterTest, TellsMethodsApart) {
  EXPECT_EQ(match("GET", "/projects").route, list_);
  EXPECT_EQ(match("HEAD", "/projects").route, list_);
  EXPECT_EQ(match("POST", "/projects?x=1").route, add_);
}

TEST_F(RouterTest, NamesWhatItsPartsStandFor) {
  const auto found = match("GET", "/projects/a%2Fb/files/x/y%20z/%2e%2e");
  EXPECT_EQ(found.route, file_);
  EXPECT_EQ(found.params.get("slug"), "a/b");
  EXPECT_EQ(found.params.get("path"), "x/y z/..");
}

TEST_F(RouterTest, NamesAreNeverEmpty) {
  EXPECT_FALSE(match("GET", "/projects//files/x").route);
  EXPECT_FALSE(match("GET", "/projects/a/files").route);
  EXPECT_EQ(match("GET", "/projects/a/files/").params.get("path"), "");
}

TEST_F(RouterTest, SaysWhatAnAddressTakes) {
  EXPECT_EQ(match("DELETE", "/projects").allowed, "GET, HEAD, POST");
  EXPECT_EQ(match("POST", "/projects/a/files/b").allowed, "GET, HEAD");
  EXPECT_EQ(match("GET", "/project").allowed, "");
  EXPECT_EQ(match("GET", "/projects/").allowed, "");
}

}  // namespace
}  // namespace specd::net
