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
    services_.restore = [this](ProjectId id, const sync::RevivalRequest& request, SteadyTime,
                               const sync::NewSpecDone& done) {
      EXPECT_EQ(id, project_);
      restored_ = request;
      done(become_());
    };
  }
  test::RawResponse restore(const std::string& name, const std::string& query = "") {
    auto client = this->client();
    client.send_request("POST", "/api/v1/projects/alpha/specs/" + name + "/restore" + query,
                        "X-Specd-Actor: tester\r\n", "");
    return client.read_response();
  }
  void add_deleted(const std::string& id, const std::string& named, WallTime at) {
    writing([&] {
      store::Spec deleted = spec(named);
      deleted.key = key(id);
      store::must(tables().specs.insert(deleted));
      deleted.deleted_at = at;
      store::must(tables().specs.update(deleted));
    });
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
  sync::RevivalRequest restored_;
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

TEST_F(NewSpecsTest, ADeletedSpecIsBroughtBackByTheNameThatItHad) {
  add_deleted("older", "lost", store::kNow);
  add_deleted("later", "lost", store::kNow + std::chrono::seconds(1));
  const auto answer = restore("lost");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(restored_.spec, key("later")) << "the one that was deleted last";
  EXPECT_EQ(restored_.actor, "tester");
  EXPECT_EQ(at(answer.body, "path"), "openspec/changes/a");
  EXPECT_EQ(at(answer.body, "files/0/state"), "written");
  EXPECT_EQ(restore("KEY-older").status, 200);
  EXPECT_EQ(restored_.spec, key("older"));
  EXPECT_EQ(restore("lost", "?kind=change").status, 200);
  expect_problem(restore("lost", "?kind=capability"), 404, "not_found");
  expect_problem(restore("nobody"), 404, "not_found");
}

TEST_F(NewSpecsTest, WhatKeepsADeletedSpecAwayIsTold) {
  add_deleted("lost", "lost", store::kNow);
  become_ = [] { return fail(Code::conflict, "openspec/changes/lost is there already"); };
  expect_problem(restore("lost"), 409, "conflict");
  become_ = [this] {
    auto answer = made();
    answer.edit.files[0].end = sync::FileEnd::pending;
    return answer;
  };
  const auto pending = restore("lost");
  EXPECT_EQ(pending.status, 202) << pending.body;
  EXPECT_EQ(pending.headers.at("Location"), "/api/v1/edits/7");
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
