#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

class RevalidateTest : public ApiTest {
 protected:
  RevalidateTest() { services_.revalidation_secret = sha256("open sesame"); }

  /// A request that is parked; its connection.
  test::RawClient ask(const std::string& address, const std::string& body) {
    test::RawClient asked = client();
    asked.send_request("POST", address, "Content-Type: application/json\r\n", body);
    return asked;
  }
};

TEST_F(RevalidateTest, AnswersWhenEverythingIsInTheDatabase) {
  for (const char* address : {"/api/revalidate", "/api/v1/revalidate"}) {
    auto asked = ask(address, R"({"secret":"open sesame"})");
    SyncCall call = sync_call();
    EXPECT_TRUE(call.projects.empty()) << "all of them";
    EXPECT_EQ(get("/api/v1/health").status, 200) << "no worker waits";
    call.done({});
    const auto answer = asked.read_response();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"revalidated":true})");
  }
}

TEST_F(RevalidateTest, AnswersWhenOnePathIs) {
  std::vector<std::string> asked_for;
  Result<std::vector<std::string>> outcome = std::vector<std::string>{};
  services_.sync_paths = [&](const std::vector<sync::ProjectPath>& places, SteadyTime,
                             const std::function<void(Result<std::vector<std::string>>)>& done) {
    for (const sync::ProjectPath& place : places)
      asked_for.push_back(std::to_string(place.project.value) + ":" + place.path);
    done(outcome);
  };
  writing([&] { store::must(tables().projects.add(project("beta"))); });
  const auto revalidate = [&](const std::string& path) {
    asked_for.clear();
    return post("/api/revalidate", R"({"secret":"open sesame","specPath":")" + path + R"("})");
  };
  EXPECT_EQ(revalidate("openspec/changes/a/").body, R"({"revalidated":true})");
  EXPECT_THAT(asked_for, testing::ElementsAre("1:openspec/changes/a", "2:openspec/changes/a"));
  EXPECT_EQ(revalidate("/roots/beta/openspec/changes/a/tasks.md").status, 200);
  EXPECT_THAT(asked_for, testing::ElementsAre("2:openspec/changes/a/tasks.md"));
  EXPECT_EQ(revalidate("/roots/beta").status, 200);
  EXPECT_THAT(asked_for, testing::ElementsAre("2:"));
  for (const char* path : {"./openspec//changes/a/.", "/roots/beta/../alpha/openspec/changes/a",
                           "openspec/specs/../changes/a"}) {
    EXPECT_EQ(revalidate(path).status, 200) << path;
    EXPECT_EQ(asked_for.front(), "1:openspec/changes/a") << path;
  }
  for (const char* path :
       {"/roots/beta2/x", "/etc/passwd", "../x", "/roots/beta/../../etc/passwd", "/", "a/../.."}) {
    expect_problem(revalidate(path), 404, "not_found");
    EXPECT_THAT(asked_for, testing::IsEmpty()) << path;
  }
  outcome = fail(Code::not_found, "no project has it");
  expect_problem(revalidate("openspec/changes/none"), 404, "not_found");
  outcome = std::vector<std::string>{"alpha: paused"};
  expect_problem(revalidate("openspec/changes/a"), 503, "busy");
}

TEST_F(RevalidateTest, NothingIsDoneWithoutTheSecret) {
  for (const char* body : {"", "{}", R"({"secret":""})", R"({"secret":"open"})",
                           R"({"secret":"open sesame "})", R"({"secret":null})"})
    expect_problem(post("/api/revalidate", body), 401, "unauthorized");
  expect_problem(post("/api/revalidate", R"({"secret":1})"), 400, "invalid");
  expect_problem(post("/api/revalidate", R"({"secret":"open sesame","specPath":1})"), 400,
                 "invalid");
  const auto slip =
      post("/api/revalidate", R"({"secret":"open sesame","specpath":"openspec/changes/a"})");
  expect_problem(slip, 400, "invalid");
  EXPECT_EQ(at(slip.body, "detail"), "there is no \"specpath\" here, but secret, specPath");
  services_.revalidation_secret.reset();
  for (const char* body : {"{}", R"({"secret":""})", R"({"secret":"open sesame"})"})
    expect_problem(post("/api/v1/revalidate", body), 401, "unauthorized");
  EXPECT_EQ(sync_calls(), 0U);
  expect_problem(get("/api/revalidate"), 405, "method_not_allowed");
}

}  // namespace
}  // namespace specd::api
