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

// A request with another one is refused.
TEST_F(ApiTest, TheDocumentHasTheParametersThatEachRouteTakes) {
  const Value document = store::must(json::parse(get("/api/v1/openapi.json").body));
  const Value* shared = document.find("components")->find("parameters");
  const auto described = [&](const Value& operation) {
    std::set<std::string> names;
    const Value* parameters = operation.find("parameters");
    if (parameters == nullptr) return names;
    for (const Value& parameter : parameters->items) {
      const Value* meant = &parameter;
      if (const Value* reference = parameter.find("$ref"); reference != nullptr)
        meant = shared->find(reference->text.substr(reference->text.rfind('/') + 1));
      if (meant->find("in")->text == "query") names.insert(meant->find("name")->text);
    }
    return names;
  };
  size_t compared = 0;
  for (const net::App::Route& route : app_.routes()) {
    std::string pattern = route.pattern, method = route.method;
    if (const size_t dots = pattern.find("...}"); dots != std::string::npos) pattern.erase(dots, 3);
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    const Value* operation = document.find("paths")->find(pattern)->find(method);
    const std::set<std::string> taken(route.parameters.begin(), route.parameters.end());
    if (taken.contains("*")) continue;
    EXPECT_EQ(taken, described(*operation)) << method << " " << pattern;
    compared += taken.size();
  }
  EXPECT_GT(compared, 40U);
}

TEST_F(ApiTest, AParameterThatARouteDoesNotTakeIsRefusedOnEveryRoute) {
  size_t tried = 0;
  for (const net::App::Route& route : app_.routes()) {
    if (route.parameters == std::vector<std::string>{"*"}) continue;
    std::string target = route.pattern;
    for (size_t open; (open = target.find('{')) != std::string::npos;)
      target.replace(open, target.find('}') - open + 1, "x");
    test::RawClient asked = client();
    asked.send_request(route.method, target + "?projct=x", "", "");
    const auto answer = asked.read_response();
    expect_problem(answer, 400, "unknown_parameter");
    ++tried;
  }
  EXPECT_GT(tried, 30U);
  EXPECT_EQ(at(get("/api/v1/stats?projct=x").body, "detail"),
            "there is no parameter \"projct\" here, but project, days");
  EXPECT_EQ(at(get("/api/v1/health?x").body, "detail"),
            "there is no parameter \"x\" here, nor any other");
  EXPECT_EQ(get("/api/v1/health?&").status, 200);
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
