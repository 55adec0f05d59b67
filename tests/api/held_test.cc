#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

constexpr const char* kHeld = "/api/v1/projects/alpha/held";

TEST_F(ApiTest, TellsWhatTheGuardHolds) {
  auto held = std::make_shared<sync::HeldChanges>();
  held->files = {{"openspec/changes/a/tasks.md", sync::Suspicion::deleted},
                 {"openspec/changes/b/tasks.md", sync::Suspicion::emptied},
                 {"openspec/changes/c/tasks.md", sync::Suspicion::made_identical}};
  held->specs = {"openspec/changes/d"};
  status_.projects.push_back({.id = project_,
                              .slug = "alpha",
                              .state = store::ProjectState::held,
                              .reason = "too much is gone",
                              .held = held});
  const std::string body = get(kHeld).body;
  EXPECT_EQ(at(body, "reason"), "too much is gone");
  EXPECT_EQ(at(body, "files/0/path"), "openspec/changes/a/tasks.md");
  EXPECT_EQ(at(body, "files/0/what"), "deleted");
  EXPECT_EQ(at(body, "files/1/what"), "emptied");
  EXPECT_EQ(at(body, "files/2/what"), "made_identical");
  EXPECT_EQ(at(body, "specs/0"), "openspec/changes/d");
}

TEST_F(ApiTest, TellsThatTheGuardHoldsNothing) {
  expect_problem(get(kHeld), 503, "busy");
  status_.projects.push_back({.id = project_, .slug = "alpha", .reason = "paused"});
  EXPECT_EQ(get(kHeld).body, R"({"reason":null,"files":[],"specs":[]})");
  expect_problem(get("/api/v1/projects/none/held"), 404, "not_found");
}

TEST_F(ApiTest, DecidesWhatIsHeld) {
  using Decision = sync::Engine::Decision;
  std::vector<std::pair<Decision, std::string>> seen;
  decide_held_ = [&](Decision decision, const std::string& actor) {
    seen.emplace_back(decision, actor);
    return sync::ProjectSync::Decided{.files = 30, .specs = 2};
  };
  test::RawClient client(desk_->port());
  client.send_request("POST", kHeld, "Content-Type: application/json\r\nX-Specd-Actor: ann\r\n",
                      R"({"decision":"revert"})");
  const auto answer = client.read_response();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"files":30,"specs":2})");
  EXPECT_EQ(post(kHeld, R"({"decision":"confirm"})").status, 200);
  const std::vector<std::pair<Decision, std::string>> expected{{Decision::revert, "ann"},
                                                               {Decision::confirm, ""}};
  EXPECT_EQ(seen, expected);
  for (const char* body : {"", "{}", R"({"decision":"maybe"})", R"({"decision":true})",
                           R"({"decision":"confirm","force":true})"})
    expect_problem(post(kHeld, body), 400, "invalid");
  expect_problem(post("/api/v1/projects/none/held", R"({"decision":"confirm"})"), 404, "not_found");
  decide_held_ = [](Decision, const std::string&) -> Result<sync::ProjectSync::Decided> {
    return fail(Code::conflict, "nothing is held in alpha");
  };
  expect_problem(post(kHeld, R"({"decision":"confirm"})"), 409, "conflict");
}

}  // namespace
}  // namespace specd::api
