#include "store/search.h"
#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

using testing::HasSubstr;

class SpecsTest : public ApiTest {
 protected:
  void add(const std::string& id, spec::Kind kind) {
    store::Spec made = spec(id);
    made.kind = kind;
    made.key = key(std::string(spec::to_string(kind)) + "-" + id);
    made.dir = std::string(spec::to_string(kind)) + "/" + id;
    writing([&] { store::must(tables().specs.insert(made)); });
  }
  std::string key_of(const std::string& name) {
    return at(get("/api/v1/projects/alpha/specs/" + name).body, "key");
  }
};

TEST_F(SpecsTest, ShowsOneSpecWithItsFiles) {
  writing([&] {
    pull(path("a", "tasks.md"), "- [x] one\n");
    store::must(tables().states.set_error(project_, path("a", "bad.md"), key("a"),
                                          spec::Role::other, "not UTF-8"));
  });
  const auto answer = get("/api/v1/projects/alpha/specs/KEY-a");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(at(answer.body, "id"), "a");
  EXPECT_EQ(at(answer.body, "deleted_at"), "null");
  EXPECT_EQ(at(answer.body, "front_matter"), "null");
  EXPECT_EQ(at(answer.body, "files/0/path"), path("a", "tasks.md"));
  EXPECT_EQ(at(answer.body, "files/0/version"), sha256("- [x] one\n").hex());
  EXPECT_EQ(at(answer.body, "files/0/in_step"), "true");
  EXPECT_EQ(at(answer.body, "files/1/error"), "not UTF-8");
  EXPECT_EQ(at(answer.body, "files/1/version"), "null");
  const std::string condition = "If-None-Match: " + answer.headers.at("ETag") + "\r\n";
  EXPECT_EQ(client().get("/api/v1/projects/alpha/specs/KEY-a", condition).status, 304);
}

TEST_F(SpecsTest, FindsASpecByKeyIdKindAndNumber) {
  add("x", spec::Kind::archived);
  add("x", spec::Kind::change);
  add("deep/er", spec::Kind::capability);
  add("035-login", spec::Kind::leanspec);
  EXPECT_EQ(key_of("KEY-a"), "KEY-a");
  EXPECT_EQ(key_of("a"), "KEY-a");
  EXPECT_EQ(key_of("x"), "KEY-change-x") << "the active one";
  EXPECT_EQ(key_of("x?kind=archived"), "KEY-archived-x");
  EXPECT_EQ(key_of("deep%2Fer"), "KEY-capability-deep/er");
  EXPECT_EQ(key_of("035"), "KEY-leanspec-035-login");
  add("035-logout", spec::Kind::leanspec);
  expect_problem(get("/api/v1/projects/alpha/specs/035"), 409, "conflict");
  expect_problem(get("/api/v1/projects/alpha/specs/none"), 404, "not_found");
  expect_problem(get("/api/v1/projects/none/specs/a"), 404, "not_found");
  expect_problem(get("/api/v1/projects/alpha/specs/b?kind=none"), 400, "invalid");
}

TEST_F(SpecsTest, SearchFindsWordsAndMarksThem) {
  writing([&] {
    pull(path("a", "tasks.md"), "the quick <brown> fox & more\n");
    pull(path("a", "design.md"), "slow\n");
  });
  const auto search = store::must(store::Search::open(folder()));
  while (store::must(search->step(10))) continue;
  const auto answer = get("/api/v1/search?q=brown&project=alpha");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(at(answer.body, "hits/0/path"), path("a", "tasks.md"));
  EXPECT_EQ(at(answer.body, "hits/0/project"), "alpha");
  EXPECT_EQ(at(answer.body, "hits/0/spec"), "KEY-a");
  EXPECT_EQ(at(answer.body, "hits/0/spec_id"), "a");
  EXPECT_THAT(at(answer.body, "hits/0/snippet"), HasSubstr("quick <brown> fox & more"));
  EXPECT_THAT(at(answer.body, "hits/0/snippet_html"),
              HasSubstr("quick &lt;<mark>brown</mark>&gt; fox &amp; more"));
  EXPECT_EQ(at(answer.body, "hits/1/path"), "nothing at hits/1/path");
  EXPECT_EQ(at(get("/api/v1/search?q=qui*").body, "hits/0/spec_id"), "a");
  EXPECT_EQ(at(get("/api/v1/search?q=absent").body, "hits/0/spec_id"), "nothing at hits/0/spec_id");
  for (const char* query : {"", "?q=", "?q=%22%22", "?q=a&limit=x"})
    expect_problem(get("/api/v1/search" + std::string(query)), 400, "invalid");
  expect_problem(get("/api/v1/search?q=a&project=none"), 404, "not_found");
}

}  // namespace
}  // namespace specd::api
