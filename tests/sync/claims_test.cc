// Agents that claim work under leases, through the engine: who gets what, and how it ends.

#include <gmock/gmock.h>

#include "tests/fake/hook_ops.h"
#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using std::chrono::minutes;
using testing::Contains;
using testing::HasSubstr;
using How = EndOrder::How;

/// Changes a, b and c of an OpenSpec project.
class ClaimsTest : public EngineTest {
 protected:
  enum class Fill { openspec, leanspec };

  explicit ClaimsTest(Fill fill = Fill::openspec) {
    if (fill == Fill::leanspec) return;
    for (const char* id : {"a", "b", "c"})
      put("openspec/changes/" + std::string(id) + "/tasks.md", "- [ ] 1.1 one\n");
    add();
  }
  Result<std::unique_ptr<FileOps>> open_ops(const std::string& root) override {
    auto ops = std::make_unique<HookOps>(must(posix_file_ops(root)));
    ops_ = ops.get();
    return ops;
  }

  Result<ClaimAnswer> claim(const std::string& agent, const std::string& id = "",
                            std::chrono::seconds lease = minutes(30)) {
    ClaimOrder order{.agent = agent, .lease = lease};
    if (!id.empty()) order.spec = spec(id).key;
    return wait_for([&](const ClaimDone& done) {
      engine_->claims().claim(order, clock_.steady() + minutes(1), done);
    });
  }
  Result<ClaimAnswer> end(How how, const std::string& agent, const std::string& id,
                          const std::string& status = "") {
    const EndOrder order{how, spec(id).key, agent, status};
    return wait_for([&](const ClaimDone& done) {
      engine_->claims().end(order, clock_.steady() + minutes(1), done);
    });
  }
  Result<ClaimAnswer> wait_for(const std::function<void(const ClaimDone&)>& ask) {
    std::optional<Result<ClaimAnswer>> answer;
    ask([&](Result<ClaimAnswer> told) { answer = std::move(told); });
    rounds();
    EXPECT_TRUE(answer) << "nobody answered";
    return answer ? std::move(*answer) : Result<ClaimAnswer>(fail(Code::io, "no answer"));
  }
  /// Of the spec that it got; "nothing", or why not.
  std::string got(const Result<ClaimAnswer>& answer) {
    if (!answer) return answer.error().message;
    if (answer->held) return "held by " + answer->held->agent;
    if (answer->refused) return "refused";
    return answer->spec ? answer->spec->id : "nothing";
  }
  store::Spec spec(const std::string& id) {
    for (const auto kind : {spec::Kind::change, spec::Kind::archived, spec::Kind::leanspec}) {
      if (auto found = live(kind, id)) return *found;
    }
    ADD_FAILURE() << "no spec " << id;
    return {};
  }
  std::string standing(const std::string& id) {
    const store::Spec now = spec(id);
    const auto claim = must(tables().claims.of(now.key));
    return now.status + (now.status_set ? "! " : " ") + now.assignee + "/" +
           (claim ? claim->agent : "");
  }
  void set(const std::string& id, const SpecFields& fields, Moves moves = Moves::any) {
    engine_->set_fields(project_, {spec(id).key, fields, moves, "somebody"}, clock_.steady(),
                        [](const Result<FieldsAnswer>& done) { EXPECT_TRUE(done); });
  }

  HookOps* ops_ = nullptr;
};

TEST_F(ClaimsTest, EachGetsAnotherInTheOrderOfTheQueue) {
  set("c", {.priority = "critical"});
  EXPECT_EQ(got(claim("one")), "c");
  EXPECT_EQ(got(claim("two")), "a");
  EXPECT_EQ(got(claim("three")), "b");
  EXPECT_EQ(got(claim("four")), "nothing");
  EXPECT_EQ(standing("c"), "in_progress! one/one");
}

TEST_F(ClaimsTest, ManyWhoAskAtOnceAreServedInTheirOrderByOneCommit) {
  set("c", {.priority = "critical"});
  std::vector<std::string> told;
  const auto ask = [&](ClaimOrder order) {
    const std::string agent = order.agent;
    order.lease = minutes(30);
    engine_->claims().claim(order, clock_.steady() + minutes(1),
                            [&, agent](const Result<ClaimAnswer>& answer) {
                              told.push_back(agent + ": " + got(answer));
                            });
  };
  ask({.agent = "one"});
  ask({.agent = "two", .spec = spec("a").key});
  ask({.agent = "three"});
  ask({.agent = "four", .spec = spec("a").key});
  ask({.agent = "two", .spec = spec("a").key});
  ask({.agent = "five", .spec = SpecKey{Ulid{"none"}}});
  ask({.agent = "six"});
  ask({.agent = "seven", .project = ProjectId{99}});
  EXPECT_THAT(told, testing::IsEmpty());
  const int before = commits_;
  rounds();
  EXPECT_THAT(told,
              testing::ElementsAre("one: c", "two: a", "three: b", "four: held by two", "two: a",
                                   "five: the spec is gone", "six: nothing", "seven: nothing"));
  EXPECT_EQ(commits_, before + 1);
  EXPECT_EQ(standing("a"), "in_progress! two/two");
  EXPECT_EQ(standing("b"), "in_progress! three/three");
  EXPECT_EQ(standing("c"), "in_progress! one/one");
}

TEST_F(ClaimsTest, WhoAsksBeforeSomebodyGivesBackIsServedBefore) {
  ASSERT_EQ(got(claim("ann", "a")), "a");
  std::string told;
  const ClaimOrder order{.agent = "bob", .lease = minutes(1), .spec = spec("a").key};
  engine_->claims().claim(order, clock_.steady() + minutes(1),
                          [&](const Result<ClaimAnswer>& answer) { told = got(answer); });
  EXPECT_EQ(got(end(How::release, "ann", "a")), "a");
  EXPECT_EQ(told, "held by ann");
}

TEST_F(ClaimsTest, WhatOthersWroteSinceTheLastClaimCounts) {
  EXPECT_EQ(got(claim("one")), "a");
  auto client = must(sqlite::Database::open(store_->path(), {}));
  must(client.run("UPDATE openspec_specs SET status = 'done' WHERE id = 'b'"));
  engine_->notice_log(Lookout::Writer::others);
  rounds();
  EXPECT_EQ(got(claim("two")), "c");
  put("openspec/changes/0/tasks.md", "- [ ] 1.1 one\n");
  saved("openspec/changes/0/tasks.md");
  EXPECT_EQ(got(claim("three")), "0");
  EXPECT_EQ(got(end(How::release, "one", "a")), "a");
  EXPECT_EQ(got(claim("four")), "a");
  EXPECT_EQ(got(claim("five")), "nothing");
}

TEST_F(ClaimsTest, WhoHasItIsToldToOthersAndMayRenew) {
  const auto first = claim("ann", "a");
  ASSERT_TRUE(first && first->claim);
  const auto other = claim("bob", "a");
  ASSERT_TRUE(other && other->held);
  EXPECT_EQ(other->held->agent, "ann");
  EXPECT_EQ(other->held->expires_at, first->claim->expires_at);
  const size_t told = events().size(), written = history().size();
  wait(minutes(20));
  const auto again = claim("ann", "a");
  ASSERT_TRUE(again && again->claim);
  EXPECT_TRUE(again->is_renewed);
  EXPECT_EQ(again->claim->claimed_at, first->claim->claimed_at);
  EXPECT_GT(again->claim->expires_at, first->claim->expires_at);
  EXPECT_EQ(history().size(), written) << "to go on is no move";
  EXPECT_EQ(events().size(), told);
  wait(minutes(20));
  EXPECT_EQ(standing("a"), "in_progress! ann/ann") << "the first lease would be over";
}

TEST_F(ClaimsTest, WhatIsReleasedIsAsItWasBefore) {
  set("b", {.status = "approved", .assignee = "paul"});
  ASSERT_EQ(got(claim("ann", "a")), "a");
  ASSERT_EQ(got(claim("ann", "b")), "b");
  EXPECT_EQ(got(end(How::release, "ann", "a")), "a");
  EXPECT_EQ(got(end(How::release, "ann", "b")), "b");
  EXPECT_EQ(standing("a"), "proposing /");
  EXPECT_EQ(standing("b"), "approved! paul/");
}

TEST_F(ClaimsTest, WhatSomebodyChangedMeanwhileStays) {
  ASSERT_EQ(got(claim("ann", "a")), "a");
  set("a", {.status = "review"});
  EXPECT_EQ(got(end(How::release, "ann", "a")), "a");
  EXPECT_EQ(standing("a"), "review! /");
  ASSERT_EQ(got(claim("ann", "b")), "b");
  set("b", {.assignee = "paul"});
  EXPECT_EQ(got(end(How::release, "ann", "b")), "b");
  EXPECT_EQ(standing("b"), "proposing paul/");
}

TEST_F(ClaimsTest, WhatIsCompleteWaitsForAReviewAndIsNotHandedOutAgain) {
  ASSERT_EQ(got(claim("ann")), "a");
  EXPECT_EQ(got(end(How::complete, "ann", "a")), "a");
  EXPECT_EQ(standing("a"), "review! ann/");
  EXPECT_EQ(got(claim("bob")), "b");
  EXPECT_EQ(got(end(How::complete, "bob", "b", "done")), "b");
  EXPECT_EQ(standing("b"), "done! bob/");
  EXPECT_EQ(got(claim("eve")), "c");
  EXPECT_EQ(got(claim("zoe")), "nothing");
}

TEST_F(ClaimsTest, OnlyWhoHasItMayEndIt) {
  EXPECT_THAT(got(end(How::release, "ann", "a")), HasSubstr("nobody has claimed a"));
  ASSERT_EQ(got(claim("ann", "a")), "a");
  EXPECT_EQ(got(end(How::complete, "bob", "a")), "held by ann");
  EXPECT_EQ(standing("a"), "in_progress! ann/ann");
  set("b", {.status = "done"});
  EXPECT_THAT(got(claim("ann", "b")), HasSubstr("b is done"));
}

TEST_F(ClaimsTest, EachMoveIsInTheHistoryWithItsAgentAndToldOnce) {
  const size_t before = events().size();
  (void)claim("ann", "a");
  const auto moved = [&] {
    const store::HistoryEntry entry = history().front();
    return entry.status_from + ">" + entry.status_to + " by " + entry.actor + ", " +
           std::string(store::to_string(entry.trigger));
  };
  EXPECT_EQ(moved(), "proposing>in_progress by ann, user_edit");
  (void)end(How::complete, "ann", "a");
  EXPECT_EQ(moved(), "in_progress>review by ann, user_edit");
  (void)claim("bob", "b");
  wait(minutes(31));
  EXPECT_EQ(moved(), "in_progress>proposing by bob, periodic");
  EXPECT_EQ(events().size(), before + 4);
  const auto latest = must(tables().events.latest());
  for (const auto& event : must(tables().events.after({latest.epoch, {}}, 1000)).events) {
    if (event.seq.value > static_cast<int64_t>(before)) {
      EXPECT_THAT(event.payload, HasSubstr("claimed_by"));
    }
  }
}

// ---- leases

TEST_F(ClaimsTest, WithoutAClaimNothingIsDue) {
  EXPECT_EQ(engine_->claims().next(), std::nullopt);
  (void)claim("ann", "a");
  EXPECT_EQ(engine_->claims().next().value() - clock_.steady() > minutes(29), true);
  (void)end(How::release, "ann", "a");
  EXPECT_EQ(engine_->claims().next(), std::nullopt);
}

TEST_F(ClaimsTest, ALeaseThatIsOverGivesTheSpecBack) {
  (void)claim("ann", "a");
  wait(minutes(29));
  EXPECT_EQ(standing("a"), "in_progress! ann/ann");
  wait(minutes(2));
  EXPECT_EQ(standing("a"), "proposing /");
  EXPECT_EQ(got(claim("bob")), "a");
}

TEST_F(ClaimsTest, AClockThatIsSetBackMakesNoLeaseEternal) {
  (void)claim("ann", "a");
  clock_.jump(-std::chrono::hours(24));
  wait(minutes(31));
  EXPECT_EQ(standing("a"), "proposing /");
}

TEST_F(ClaimsTest, TimeThatPassedAsleepCounts) {
  (void)claim("ann", "a");
  clock_.jump(std::chrono::hours(8));
  rounds();
  EXPECT_EQ(standing("a"), "proposing /");
}

TEST_F(ClaimsTest, ClaimsOutliveARestartAndEndIfTheirTimeCameMeanwhile) {
  (void)claim("ann", "a");
  (void)claim("bob", "b", std::chrono::hours(2));
  reopen();
  EXPECT_EQ(standing("a"), "in_progress! ann/ann");
  engine_.reset();
  store_.reset();
  clock_.advance(minutes(40));
  open();
  rounds();
  EXPECT_EQ(standing("a"), "proposing /");
  EXPECT_EQ(standing("b"), "in_progress! bob/bob");
  clock_.jump(-std::chrono::hours(24));
  reopen();
  wait(std::chrono::hours(2));
  EXPECT_EQ(standing("b"), "proposing /") << "set back while it was down";
}

TEST_F(ClaimsTest, AClaimGoesWithItsSpec) {
  (void)claim("ann", "a");
  (void)claim("bob", "b");
  rename("openspec/changes/a", "openspec/changes/archive/2026-01-01-a");
  remove("openspec/changes/b");
  batch();
  grace();
  batch();
  EXPECT_TRUE(must(tables().claims.list()).empty());
  wait(minutes(31));
  EXPECT_EQ(engine_->claims().next(), std::nullopt);
}

// ---- moves

TEST_F(ClaimsTest, AMoveThatIsNotAllowedIsRefusedAndSaysWhichAre) {
  const auto set_status = [&](const std::string& status, Moves moves) {
    std::optional<Result<FieldsAnswer>> answer;
    engine_->set_fields(project_, {spec("a").key, {.status = status}, moves, ""}, clock_.steady(),
                        [&](Result<FieldsAnswer> told) { answer = std::move(told); });
    return must(std::move(answer.value()));
  };
  const size_t told = events().size();
  const FieldsAnswer refused = set_status("done", Moves::as_allowed);
  ASSERT_TRUE(refused.refused);
  EXPECT_EQ(refused.refused->open, std::vector<std::string>{"approved"});
  EXPECT_EQ(standing("a"), "proposing /");
  EXPECT_EQ(events().size(), told);
  EXPECT_EQ(set_status("approved", Moves::as_allowed).previous.status, "");
  EXPECT_EQ(set_status("done", Moves::any).previous.status, "approved");
  EXPECT_FALSE(set_status("parked", Moves::as_allowed).refused) << "an unknown word is data";
  EXPECT_FALSE(set_status("", Moves::as_allowed).refused);
  EXPECT_EQ(standing("a"), "proposing /");
}

// ---- LeanSpec: what is said of a spec stands in its file

const std::string kReadme = "specs/001-one/README.md";
const std::string kText =
    "---\nstatus: planned\ncreated: 2026-01-01\n# a word\ntags: [x]\n---\n\n# One\r\n\nText  \n";

class LeanClaimsTest : public ClaimsTest {
 protected:
  LeanClaimsTest() : ClaimsTest(Fill::leanspec) {
    std::filesystem::remove_all(root_ + "/openspec");
    put(kReadme, kText);
    put("specs/002-two/README.md",
        "---\nstatus: planned\ncreated: 2025-01-01\ndepends_on: [001]\n---\n# Two\n");
    settle(kReadme);
    settle("specs/002-two/README.md");
    add();
  }
  [[nodiscard]] std::string text() const {
    std::ifstream in(at(kReadme), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static std::string with(const std::string& status, const std::string& assignee) {
    std::string text = kText;
    text.replace(text.find("planned"), 7, status);
    if (!assignee.empty()) text.insert(text.find("---\n\n"), "assignee: " + assignee + "\n");
    return text;
  }
};

TEST_F(LeanClaimsTest, AClaimWritesOnlyTheBytesOfItsFields) {
  EXPECT_EQ(got(claim("ann")), "001-one") << "the older one waits for it";
  EXPECT_EQ(text(), with("in-progress", "ann"));
  EXPECT_EQ(standing("001-one"), "in-progress ann/ann");
  const store::HistoryEntry entry = history().front();
  EXPECT_EQ(entry.status_from + ">" + entry.status_to + " by " + entry.actor,
            "planned>in-progress by ann");
  EXPECT_EQ(got(claim("bob")), "nothing");
}

TEST_F(LeanClaimsTest, OfTwoWhoAskAtOnceOnlyOneGetsTheFile) {
  std::vector<std::string> told;
  for (const char* agent : {"ann", "bob"}) {
    engine_->claims().claim(
        {.agent = agent, .lease = minutes(1)}, clock_.steady() + minutes(1),
        [&](const Result<ClaimAnswer>& answer) { told.push_back(got(answer)); });
  }
  rounds();
  EXPECT_THAT(told, testing::ElementsAre("001-one", "nothing"));
  EXPECT_EQ(text(), with("in-progress", "ann"));
}

TEST_F(LeanClaimsTest, WhatIsReleasedIsTheFileAsItWas) {
  (void)claim("ann");
  EXPECT_EQ(got(end(How::release, "ann", "001-one")), "001-one");
  EXPECT_EQ(text(), kText);
  EXPECT_EQ(standing("001-one"), "planned /");
}

TEST_F(LeanClaimsTest, ALeaseThatIsOverGivesTheFileBack) {
  (void)claim("ann");
  wait(minutes(31));
  EXPECT_EQ(text(), kText);
  EXPECT_EQ(standing("001-one"), "planned /");
  EXPECT_EQ(history().front().actor, "ann");
  EXPECT_EQ(history().front().status_to, "planned");
}

TEST_F(LeanClaimsTest, WhatIsCompleteLetsOthersGoOn) {
  (void)claim("ann");
  EXPECT_EQ(got(end(How::complete, "ann", "001-one")), "001-one");
  EXPECT_EQ(text(), with("complete", "ann"));
  EXPECT_EQ(got(claim("bob")), "002-two");
}

TEST_F(LeanClaimsTest, WhatIsOnDiskSaysWhetherThereIsWorkToDo) {
  put(kReadme, with("complete", ""));  // and nobody has told yet
  settle(kReadme);
  EXPECT_EQ(got(claim("ann")), "002-two");
}

TEST_F(LeanClaimsTest, AnEditThatIsRefusedTakesTheClaimBack) {
  put(kReadme, "---\nstatus: planned\n<<<<<<< ours\n=======\n>>>>>>> theirs\n---\n# One\n");
  settle(kReadme);
  const std::string before = text();
  const auto answer = claim("ann", "001-one");
  EXPECT_FALSE(answer);
  EXPECT_EQ(text(), before);
  EXPECT_FALSE(must(tables().claims.of(spec("001-one").key)));
  EXPECT_EQ(engine_->claims().next(), std::nullopt);
}

TEST_F(LeanClaimsTest, AFileThatCannotBeEditedKeepsNobodyFromTheOthers) {
  put(kReadme, "---\n{status: planned, created: 2020-01-01}\n---\n# One\n");
  put("specs/003-three/README.md", "---\nstatus: planned\ncreated: 2026-02-01\n---\n# Three\n");
  for (const char* id : {"001-one", "003-three"}) settle("specs/" + std::string(id) + "/README.md");
  batch();
  EXPECT_FALSE(claim("ann", "001-one"));
  EXPECT_EQ(got(claim("ann")), "003-three");
  EXPECT_EQ(must(tables().claims.list()).size(), 1u);
  EXPECT_FALSE(claim("bob")) << "nothing else is left, and why is told";
}

TEST_F(LeanClaimsTest, WhatIsPausedIsNotHandedOut) {
  must(engine_->pause_project(project_));
  EXPECT_EQ(got(claim("ann")), "nothing");
  EXPECT_FALSE(claim("ann", "001-one")) << "whoever names it is told why";
}

TEST_F(LeanClaimsTest, ALeaseEndsAlsoWhereNothingMayBeWritten) {
  (void)claim("ann");
  must(engine_->set_writing(project_, Engine::Writing::forbidden));
  wait(minutes(31));
  EXPECT_EQ(text(), with("in-progress", "ann"));
  EXPECT_FALSE(must(tables().claims.of(spec("001-one").key)));
  EXPECT_EQ(engine_->claims().next(), std::nullopt);
}

}  // namespace
}  // namespace specd::sync
