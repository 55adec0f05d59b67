#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

using testing::ElementsAre;

TEST_F(ApiTest, SyncIsAcceptedAtOnce) {
  const auto answer = post("/api/v1/sync", "");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(at(answer.body, "accepted"), "true");
  EXPECT_THAT(sync_call().projects, ElementsAre(project_));
}

TEST_F(ApiTest, ASlipInABodyIsNoOrder) {
  for (const char* body : {R"({"project":"alpha"})", R"({"wait":true,"timeout":5})"})
    expect_problem(post("/api/v1/sync", body), 400, "invalid");
  const std::string told = post("/api/v1/verify", R"({"projects":["alpha"]})").body;
  EXPECT_EQ(at(told, "detail"), "there is no \"projects\" here, but project");
  expect_problem(post("/api/v1/projects", R"({"root":"/x","name":"y"})"), 400, "invalid");
  EXPECT_EQ(sync_calls(), 0u);
}

TEST_F(ApiTest, WaitingForSyncHoldsNoWorker) {
  std::vector<std::unique_ptr<test::RawClient>> waiting;
  for (int i = 0; i < 10; ++i) {
    waiting.push_back(std::make_unique<test::RawClient>(desk_->port()));
    waiting.back()->send_request("POST", "/api/v1/sync", "", R"({"wait":true})");
  }
  ASSERT_TRUE(test::comes_true([&] { return sync_calls() == 10; }));
  EXPECT_EQ(get("/api/v1/health").status, 200);
  for (int i = 0; i < 9; ++i) sync_call().done({});
  sync_call().done({"a.md: somebody is writing it"});
  int in_step = 0;
  for (const auto& client : waiting) {
    const auto answer = client->read_response();
    EXPECT_EQ(answer.status, 200);
    if (at(answer.body, "in_step") == "true") {
      ++in_step;
    } else {
      EXPECT_EQ(at(answer.body, "left/0"), "a.md: somebody is writing it");
    }
  }
  EXPECT_EQ(in_step, 9);
}

TEST_F(ApiTest, SyncTakesProjectsBySlug) {
  ProjectId beta;
  writing([&] { beta = store::must(tables().projects.add(project("beta"))).id; });
  EXPECT_EQ(post("/api/v1/sync", R"({"projects":["beta"]})").status, 202);
  EXPECT_THAT(sync_call().projects, ElementsAre(beta));
  expect_problem(post("/api/v1/sync", R"({"projects":["none"]})"), 404, "not_found");
  for (const char* body : {R"({"projects":"beta"})", R"({"wait":"yes"})", R"({"timeout_ms":"1"})",
                           R"({"timeout_ms":1.5})", "nonsense"}) {
    expect_problem(post("/api/v1/sync", body), 400, "invalid");
  }
  EXPECT_EQ(sync_calls(), 0u);
}

TEST_F(ApiTest, VerifyAddsUpWhatItFinds) {
  writing([&] { store::must(tables().projects.add(project("beta"))); });
  verify_ = [](const store::Project& project) -> Result<sync::VerifyReport> {
    if (project.slug == "alpha") return sync::VerifyReport{.specs = 1, .files = 2, .bytes = 30};
    return sync::VerifyReport{.specs = 1,
                              .files = 3,
                              .bytes = 40,
                              .differences = {"x.md: gone"},
                              .not_imported = {"y.md: too large"}};
  };
  const std::string all = post("/api/v1/verify", "").body;
  EXPECT_EQ(at(all, "files"), "5");
  EXPECT_EQ(at(all, "bytes"), "70");
  EXPECT_EQ(at(all, "differences/0"), "beta: x.md: gone");
  const std::string one = post("/api/v1/verify", R"({"project":"beta"})").body;
  EXPECT_EQ(at(one, "files"), "3");
  EXPECT_EQ(at(one, "differences/0"), "x.md: gone");
  EXPECT_EQ(at(one, "not_imported/0"), "y.md: too large");
  expect_problem(post("/api/v1/verify", R"({"project":"none"})"), 404, "not_found");
  verify_ = [](const store::Project&) -> Result<sync::VerifyReport> {
    return fail(Code::io, "the disk is gone");
  };
  expect_problem(post("/api/v1/verify", ""), 500, "io");
}

}  // namespace
}  // namespace specd::api
