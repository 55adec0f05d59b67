#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

using testing::HasSubstr;

class NewSpecsTest : public ApiTest {
 protected:
  NewSpecsTest() {
    services_.create = [this](ProjectId id, sync::NewSpecRequest request, SteadyTime,
                              const sync::NewSpecDone& done) {
      EXPECT_EQ(id, project_);
      asked_ = std::move(request);
      done(become_());
    };
  }
  test::RawResponse create(const std::string& body) {
    return post("/api/v1/projects/alpha/specs", body);
  }
  sync::NewSpecAnswer made() {
    sync::NewSpecAnswer answer{.spec = spec("a"), .edit = {.id = store::EditId{7}, .files = {}}};
    answer.edit.files.push_back({.path = "openspec/changes/a/.openspec.yaml",
                                 .version = sha256("schema: x\n"),
                                 .why = {},
                                 .conflict = {}});
    return answer;
  }

  sync::NewSpecRequest asked_;
  std::function<Result<sync::NewSpecAnswer>()> become_ = [this] { return made(); };
};

TEST_F(NewSpecsTest, ASpecIsMadeAndItsAddressTold) {
  auto client = this->client();
  client.send_request("POST", "/api/v1/projects/alpha/specs", "X-Specd-Actor: tester\r\n",
                      R"({"id": "a", "title": "T", "status": "planned", "priority": "high",
                          "tags": ["x"], "files": {"b.md": "B"}, "force": true})");
  const auto answer = client.read_response();
  EXPECT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.headers.at("Location"), "/api/v1/projects/alpha/specs/KEY-a");
  EXPECT_EQ(at(answer.body, "key"), "KEY-a");
  EXPECT_EQ(at(answer.body, "id"), "a");
  EXPECT_EQ(at(answer.body, "edit"), "7");
  EXPECT_EQ(at(answer.body, "files/0/state"), "written");
  EXPECT_EQ(asked_.words.name, "a");
  EXPECT_EQ(asked_.words.title, "T");
  EXPECT_EQ(asked_.words.status, "planned");
  EXPECT_EQ(asked_.words.priority, "high");
  EXPECT_EQ(asked_.words.tags, std::vector<std::string>{"x"});
  EXPECT_EQ(asked_.files.at("b.md"), "B");
  EXPECT_TRUE(asked_.is_forced);
  EXPECT_EQ(asked_.actor, "tester");
  EXPECT_EQ(asked_.day.size(), 10u);
}

TEST_F(NewSpecsTest, TheSpecThatHasTheNameIsTold) {
  become_ = [this] {
    auto taken = made();
    taken.is_taken = true;
    taken.spec.archived_at = store::kNow;
    return taken;
  };
  const auto answer = create(R"({"id": "a"})");
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(at(answer.body, "code"), "name_taken");
  EXPECT_EQ(at(answer.body, "spec/key"), "KEY-a");
  EXPECT_EQ(at(answer.body, "spec/archived"), "true");
}

TEST_F(NewSpecsTest, WhatCannotBeMadeIsSaid) {
  become_ = []() -> Result<sync::NewSpecAnswer> { return fail(Code::invalid, "\"id\" is empty"); };
  EXPECT_EQ(create("{}").status, 400);
  become_ = []() -> Result<sync::NewSpecAnswer> { return fail(Code::refused, "read-only"); };
  EXPECT_EQ(create(R"({"id": "a"})").status, 403);
  become_ = []() -> Result<sync::NewSpecAnswer> { return fail(Code::busy, "later"); };
  EXPECT_EQ(create(R"({"id": "a"})").status, 503);
  EXPECT_EQ(post("/api/v1/projects/none/specs", R"({"id": "a"})").status, 404);
}

TEST_F(NewSpecsTest, ABodyThatMeansSomethingElseIsRefused) {
  for (const char* body :
       {R"({"id": 7})", R"({"id": "a", "name": "b"})", R"({"id": "a", "title": "two\nlines"})",
        R"({"id": "a", "title": ""})", R"({"id": "a", "tags": "x"})", R"({"id": "a", "tags": [1]})",
        R"({"id": "a", "files": []})", R"({"id": "a", "files": {"b": 1}})", "[]"}) {
    EXPECT_EQ(create(body).status, 400) << body;
  }
  EXPECT_EQ(asked_.words.name, "") << "nobody was asked";
}

}  // namespace
}  // namespace specd::api
