// Claim, release and complete over HTTP: what is asked of sync, and how its answers are told.

#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

using How = sync::EndOrder::How;

class ApiClaimsTest : public ApiTest {
 protected:
  ApiClaimsTest() {
    services_.claim = [this](sync::ClaimOrder order, SteadyTime, const sync::ClaimDone& done) {
      claimed_ = std::move(order);
      done(answer_);
    };
    services_.end_claim = [this](sync::EndOrder order, SteadyTime, const sync::ClaimDone& done) {
      ended_ = std::move(order);
      done(answer_);
    };
    answer_->spec = spec("a");
    answer_->spec->status = "in_progress";
    answer_->spec->assignee = "ann";
  }
  [[nodiscard]] store::Claim claim(const std::string& agent) const {
    return {.spec = key("a"),
            .project = project_,
            .agent = agent,
            .claimed_at = store::kNow,
            .renewed_at = store::kNow,
            .expires_at = store::kNow + std::chrono::minutes(30)};
  }
  test::RawResponse ask(const std::string& verb, const std::string& body) {
    return post("/api/v1/queue/" + verb, body);
  }

  std::optional<sync::ClaimOrder> claimed_;
  std::optional<sync::EndOrder> ended_;
  Result<sync::ClaimAnswer> answer_ = sync::ClaimAnswer{};
};

TEST_F(ApiClaimsTest, AClaimSaysWhatItTookAndUntilWhen) {
  answer_->claim = claim("ann");
  const auto answer = ask("claim", R"({"agent": "ann", "lease_s": 60})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  ASSERT_TRUE(claimed_);
  EXPECT_EQ(claimed_->agent, "ann");
  EXPECT_EQ(claimed_->lease, std::chrono::seconds(60));
  EXPECT_EQ(claimed_->spec, std::nullopt);
  EXPECT_EQ(claimed_->project, std::nullopt);
  EXPECT_EQ(at(answer.body, "spec/project"), "alpha");
  EXPECT_EQ(at(answer.body, "spec/key"), "KEY-a");
  EXPECT_EQ(at(answer.body, "spec/status"), "in_progress");
  EXPECT_EQ(at(answer.body, "claim/agent"), "ann");
  EXPECT_EQ(at(answer.body, "claim/expires_at"), "2027-01-15T08:30:00.000000Z");
  EXPECT_EQ(at(answer.body, "renewed"), "false");
  EXPECT_EQ(at(answer.body, "edit"), "null");
}

TEST_F(ApiClaimsTest, ASpecIsNamedByItsIdInOneProjectOrInAny) {
  EXPECT_EQ(ask("claim", R"({"agent": "ann", "spec": "a", "project": "alpha"})").status, 200);
  EXPECT_EQ(claimed_->spec, key("a"));
  EXPECT_EQ(claimed_->project, project_);
  EXPECT_EQ(claimed_->lease, std::chrono::minutes(30));
  EXPECT_EQ(ask("release", R"({"agent": "ann", "spec": "a"})").status, 200);
  EXPECT_EQ(ended_->how, How::release);
  EXPECT_EQ(ended_->spec, key("a"));
  EXPECT_EQ(ask("complete", R"({"agent": "ann", "spec": "a", "status": "done"})").status, 200);
  EXPECT_EQ(ended_->how, How::complete);
  EXPECT_EQ(ended_->status, "done");
  for (const char* verb : {"claim", "release", "complete"}) {
    expect_problem(ask(verb, R"({"agent": "ann", "spec": "nope"})"), 404, "not_found");
    expect_problem(ask(verb, R"({"agent": "ann", "spec": "a", "project": "nope"})"), 404,
                   "not_found");
  }
}

TEST_F(ApiClaimsTest, WhereNothingIsReadyThereIsNoSpec) {
  answer_ = sync::ClaimAnswer{};
  const auto answer = ask("claim", R"({"agent": "ann"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(at(answer.body, "spec"), "null");
  EXPECT_EQ(at(answer.body, "claim"), "null");
}

TEST_F(ApiClaimsTest, WhoHasItIsTold) {
  answer_->held = claim("bob");
  for (const char* verb : {"claim", "release", "complete"}) {
    const auto answer = ask(verb, R"({"agent": "ann", "spec": "a"})");
    expect_problem(answer, 409, "claimed");
    EXPECT_EQ(at(answer.body, "claim/agent"), "bob");
    EXPECT_EQ(at(answer.body, "detail"), "a is claimed by bob until 2027-01-15T08:30:00.000000Z");
  }
}

TEST_F(ApiClaimsTest, WhatCannotBeDoneSaysWhy) {
  answer_->refused = sync::RefusedMove{{"in_progress", "shipped"}, {"review"}};
  const auto refused = ask("complete", R"({"agent": "ann", "spec": "a", "status": "shipped"})");
  expect_problem(refused, 409, "move_not_allowed");
  EXPECT_EQ(at(refused.body, "allowed/0"), "review");
  answer_ = fail(Code::conflict, "nobody has claimed a");
  expect_problem(ask("release", R"({"agent": "ann", "spec": "a"})"), 409, "conflict");
}

TEST_F(ApiClaimsTest, WhatNobodyUnderstandsIsRefused) {
  for (const char* bad :
       {"{}", R"({"agent": ""})", R"({"agent": "a\nb"})", R"({"agent": 1})",
        R"({"agent": "ann", "lease_s": 0})", R"({"agent": "ann", "lease_s": 86401})",
        R"({"agent": "ann", "lease_s": "30m"})", R"({"agent": "ann", "status": "done"})",
        R"({"agent": "ann", "specs": "a"})"})
    expect_problem(ask("claim", bad), 400, "invalid");
  expect_problem(ask("claim", R"({"agent": ")" + std::string(101, 'x') + "\"}"), 400, "invalid");
  expect_problem(ask("release", R"({"agent": "ann"})"), 400, "invalid");
  expect_problem(ask("release", R"({"agent": "ann", "spec": "a", "status": "done"})"), 400,
                 "invalid");
  expect_problem(ask("complete", R"({"agent": "ann", "spec": "a", "status": ""})"), 400, "invalid");
  EXPECT_FALSE(claimed_);
  EXPECT_FALSE(ended_);
}

}  // namespace
}  // namespace specd::api
