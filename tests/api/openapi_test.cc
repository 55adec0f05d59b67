#include "api/openapi.h"

#include <set>

#include "base/yaml.h"
#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

TEST_F(ApiTest, TheDocumentDescribesEveryRouteAndNoOther) {
  std::set<std::string> served, described;
  for (const net::App::Route& route : app_.routes()) {
    std::string pattern = route.pattern;
    if (const size_t dots = pattern.find("...}"); dots != std::string::npos) pattern.erase(dots, 3);
    served.insert(route.method + " " + pattern);
  }
  const Value document = store::must(json::parse(get("/api/v1/openapi.json").body));
  for (const auto& [path, operations] : document.find("paths")->entries) {
    for (const auto& [method, operation] : operations.entries) {
      std::string name = method;
      for (char& c : name) c = static_cast<char>(std::toupper(c));
      described.insert(name + " " + path);
    }
  }
  EXPECT_EQ(served, described);
}

TEST_F(ApiTest, TheDocumentSaysWhatItsSourceSays) {
  const auto answer = get("/api/v1/openapi.json");
  EXPECT_EQ(answer.status, 200);
  const Value source = store::must(yaml::parse(openapi_yaml(), {.bytes = size_t{1} << 20}));
  EXPECT_EQ(answer.body, json::dump(source));
  EXPECT_EQ(at(answer.body, "openapi"), "3.1.0");
  EXPECT_EQ(
      get("/api/v1/openapi.json", "If-None-Match: " + answer.headers.at("ETag") + "\r\n").status,
      304);
}

}  // namespace
}  // namespace specd::api
