// What is read over many specs at once: graph, queue, statistics.

#include "base/time.h"
#include "tests/api/api_fixture.h"
#include "tests/fake/fake_clock.h"

namespace specd::api {
namespace {

class OverviewTest : public ApiTest {
 protected:
  /// A LeanSpec folder of project beta.
  store::Spec lean(const std::string& id, const std::string& status,
                   const std::string& front_matter = "{}") const {
    store::Spec made = spec(id);
    made.project = beta_;
    made.kind = spec::Kind::leanspec;
    made.dir = "specs/" + id;
    made.status = status;
    made.front_matter = front_matter;
    return made;
  }
  void add_beta(const std::vector<store::Spec>& specs) {
    writing([&] {
      store::Project made = project("beta");
      made.layout = spec::Layout::leanspec;
      beta_ = store::must(tables().projects.add(made)).id;
      for (store::Spec each : specs) {
        each.project = beta_;
        store::must(tables().specs.insert(each));
      }
    });
  }
  void add(store::Spec made) {
    writing([&] { store::must(tables().specs.insert(made)); });
  }
  void add_delta(const std::string& id, const std::string& capability, const std::string& text) {
    store::must(tables().files.pull({.project = project_,
                                     .path = path(id, "specs/" + capability + "/spec.md"),
                                     .spec = key(id),
                                     .role = spec::Role::delta,
                                     .content = text,
                                     .digest = sha256(text),
                                     .fingerprint = kSeen,
                                     .facts = &facts_,
                                     .now = store::kNow}));
  }
  /// What one query lists: the items' ids, each with those that block it.
  std::string queue(const std::string& target) {
    const auto answer = json::parse(get(target).body);
    std::string told;
    for (const Value& item : answer->find("items")->items) {
      told += (told.empty() ? "" : " ") + item.find("id")->text;
      for (const Value& blocker : item.find("blocked_by")->items)
        told += "<" + blocker.find("name")->text + ":" + blocker.find("why")->text;
    }
    return told;
  }

  ProjectId beta_;
};

TEST_F(OverviewTest, GraphTellsLinksAndWhereTheyLeadNowhere) {
  add_beta({lean("001-base", "complete"),
            lean("002-api", "planned",
                 R"({"depends_on":["1","001-base","003"],"parent":"E1-epic","related":["004"]})"),
            lean("003-one", "planned"), lean("003-two", "planned"),
            lean("004-ui", "in-progress", R"({"depends_on":"none-such","related":"002-api"})"),
            lean("E1-epic", "planned")});
  const auto answer = get("/api/v1/projects/beta/graph");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(at(answer.body, "project"), "beta");
  EXPECT_EQ(at(answer.body, "layout"), "leanspec");
  EXPECT_EQ(at(answer.body, "nodes/1/key"), "KEY-002-api");
  EXPECT_EQ(at(answer.body, "nodes/1/kind"), "leanspec");
  EXPECT_EQ(at(answer.body, "nodes/1/status"), "planned");
  const auto edge = [&](int i) {
    const std::string in = "edges/" + std::to_string(i) + "/";
    return at(answer.body, in + "type") + " " + at(answer.body, in + "from") + " " +
           at(answer.body, in + "to");
  };
  EXPECT_EQ(edge(0), "depends_on KEY-002-api KEY-001-base");
  EXPECT_EQ(edge(1), "parent KEY-002-api KEY-E1-epic") << "its number says nothing new";
  EXPECT_EQ(edge(2), "related KEY-002-api KEY-004-ui");
  EXPECT_EQ(edge(3), "related KEY-004-ui KEY-002-api");
  EXPECT_EQ(at(answer.body, "edges/4"), "nothing at edges/4");
  EXPECT_EQ(at(answer.body, "broken/0/name"), "003");
  EXPECT_EQ(at(answer.body, "broken/0/type"), "depends_on");
  EXPECT_EQ(at(answer.body, "broken/0/from"), "KEY-002-api");
  EXPECT_EQ(at(answer.body, "broken/0/why"), "ambiguous");
  EXPECT_EQ(at(answer.body, "broken/0/candidates/1"), "KEY-003-two");
  EXPECT_EQ(at(answer.body, "broken/1/name"), "none-such");
  EXPECT_EQ(at(answer.body, "broken/1/why"), "none");
  EXPECT_EQ(at(answer.body, "broken/1/candidates/0"), "nothing at broken/1/candidates/0");
  EXPECT_EQ(at(answer.body, "cycles/0"), "nothing at cycles/0");
  const std::string condition = "If-None-Match: " + answer.headers.at("ETag") + "\r\n";
  EXPECT_EQ(get("/api/v1/projects/beta/graph", condition).status, 304);
  expect_problem(get("/api/v1/projects/none/graph"), 404, "not_found");
}

TEST_F(OverviewTest, GraphTellsCirclesOfDependenciesAlone) {
  add_beta({lean("001-a", "planned", R"({"depends_on":["002"]})"),
            lean("002-b", "planned", R"({"depends_on":["001"],"related":["003"]})"),
            lean("003-c", "planned", R"({"related":["002"]})")});
  const std::string body = get("/api/v1/projects/beta/graph").body;
  EXPECT_EQ(at(body, "cycles/0/0"), "KEY-001-a");
  EXPECT_EQ(at(body, "cycles/0/1"), "KEY-002-b");
  EXPECT_EQ(at(body, "cycles/0/2"), "nothing at cycles/0/2");
  EXPECT_EQ(at(body, "cycles/1"), "nothing at cycles/1");
}

TEST_F(OverviewTest, GraphTellsWhichActiveChangesTouchTheSameRequirement) {
  add(spec("b"));
  add(spec("c"));
  store::Spec archived = spec("old");
  archived.kind = spec::Kind::archived;
  add(archived);
  writing([&] {
    add_delta("a", "auth/login",
              "## MODIFIED Requirements\n### Requirement: Lock\nMUST.\n"
              "#### Scenario: x\n- WHEN\n\n## ADDED Requirements\n### Requirement: Own\nMUST.\n");
    add_delta("b", "auth/login", "## REMOVED Requirements\n### Requirement: Lock\n");
    add_delta("c", "auth/login",
              "## RENAMED Requirements\n- FROM: `### Requirement: Lock`\n"
              "- TO: `### Requirement: Bolt`\n");
    add_delta("c", "other", "## ADDED Requirements\n### Requirement: Own\nMUST.\n");
    add_delta("old", "auth/login", "## ADDED Requirements\n### Requirement: Own\nMUST.\n");
  });
  const std::string body = get("/api/v1/projects/alpha/graph").body;
  EXPECT_EQ(at(body, "overlaps/0/capability"), "auth/login");
  EXPECT_EQ(at(body, "overlaps/0/requirement"), "Lock");
  EXPECT_EQ(at(body, "overlaps/0/changes/0/id"), "a");
  EXPECT_EQ(at(body, "overlaps/0/changes/0/key"), "KEY-a");
  EXPECT_EQ(at(body, "overlaps/0/changes/0/operations/0"), "modified");
  EXPECT_EQ(at(body, "overlaps/0/changes/1/operations/0"), "removed");
  EXPECT_EQ(at(body, "overlaps/0/changes/2/operations/0"), "renamed");
  EXPECT_EQ(at(body, "overlaps/0/changes/3"), "nothing at overlaps/0/changes/3");
  EXPECT_EQ(at(body, "overlaps/1"), "nothing at overlaps/1")
      << "an archived change and another capability are none";
  EXPECT_EQ(at(body, "overlaps_complete"), "true");
}

TEST_F(OverviewTest, QueueIsWhatIsReadyByPriorityThenAge) {
  const auto with = [&](store::Spec made, const std::string& priority) {
    made.priority = priority;
    return made;
  };
  add_beta(
      {with(lean("001-done", "complete"), "critical"),
       with(lean("002-low", "planned", R"({"created":"2026-01-01","depends_on":["001"]})"), "low"),
       with(lean("003-new", "planned", R"({"created":"2026-03-01"})"), "high"),
       with(lean("004-old", "in-progress", R"({"created":"2026-02-01"})"), "high"),
       with(lean("005-odd", "planned", R"({"created":"2026-01-01"})"), "whenever"),
       with(lean("006-undated", "planned"), "high"),
       with(lean("007-waits", "planned", R"({"depends_on":["003","1","nope"]})"), "critical"),
       with(lean("008-gone", "archived"), "critical"),
       lean("009-none", "wip", R"({"created":"2026-01-01"})")});
  const std::string one = "/api/v1/projects/beta/queue";
  EXPECT_EQ(queue(one), "004-old 003-new 006-undated 002-low 009-none 005-odd");
  EXPECT_EQ(queue(one + "?state=blocked"), "007-waits<003:not_done<nope:none");
  EXPECT_EQ(queue(one + "?state=all"),
            "007-waits<003:not_done<nope:none 004-old 003-new 006-undated 002-low 009-none "
            "005-odd");
  EXPECT_EQ(queue(one + "?limit=1"), "004-old");
  EXPECT_EQ(at(get(one + "?limit=1").body, "total"), "6");
  const std::string first = get(one).body;
  EXPECT_EQ(at(first, "items/0/project"), "beta");
  EXPECT_EQ(at(first, "items/0/status"), "in-progress");
  EXPECT_EQ(at(first, "items/0/priority"), "high");
  EXPECT_EQ(at(first, "items/0/assignee"), "null");
  EXPECT_EQ(at(first, "items/0/created"), "2026-02-01");
  EXPECT_EQ(at(first, "items/0/ready"), "true");
  EXPECT_EQ(at(get(one + "?state=blocked").body, "items/0/blocked_by/0/id"), "003-new");
  EXPECT_EQ(at(get(one + "?state=blocked").body, "items/0/blocked_by/1/id"), "null");
  expect_problem(get(one + "?state=some"), 400, "invalid");
  expect_problem(get("/api/v1/projects/none/queue"), 404, "not_found");
}

TEST_F(OverviewTest, QueueOfAllProjectsTakesTheirUnfinishedChangesAlong) {
  store::Spec done = spec("b"), archived = spec("c"), capability = spec("d");
  done.status = "done";
  archived.kind = spec::Kind::archived;
  capability.kind = spec::Kind::capability;
  for (const store::Spec& each : {done, archived, capability}) add(each);
  store::Spec urgent = lean("001-x", "planned");
  urgent.priority = "critical";
  add_beta({urgent});
  EXPECT_EQ(queue("/api/v1/queue"), "001-x a");
  EXPECT_EQ(queue("/api/v1/projects/alpha/queue"), "a");
  EXPECT_EQ(queue("/api/v1/queue?project=alpha"), "a");
  expect_problem(get("/api/v1/queue?project=nope"), 404, "not_found");
}

TEST_F(OverviewTest, QueueTellsWhatAgentsHaveAndWhatWaitsForAReview) {
  store::Spec reviewed = spec("b"), taken = spec("c");
  reviewed.status = "review";
  for (const store::Spec& each : {reviewed, taken}) add(each);
  writing([&] {
    store::must(tables().claims.add({.spec = key("c"),
                                     .project = project_,
                                     .agent = "ann",
                                     .claimed_at = store::kNow,
                                     .renewed_at = store::kNow,
                                     .expires_at = store::kNow + std::chrono::minutes(30)}));
  });
  EXPECT_EQ(queue("/api/v1/queue"), "a");
  EXPECT_EQ(queue("/api/v1/queue?state=review"), "b");
  EXPECT_EQ(queue("/api/v1/queue?state=claimed"), "c");
  EXPECT_EQ(queue("/api/v1/queue?state=all"), "a b c");
  const std::string claimed = get("/api/v1/queue?state=claimed").body;
  EXPECT_EQ(at(claimed, "items/0/claimed_by"), "ann");
  EXPECT_EQ(at(claimed, "items/0/claim_expires_at"), "2027-01-15T08:30:00.000000Z");
  EXPECT_EQ(at(claimed, "items/0/state"), "claimed");
  EXPECT_EQ(at(claimed, "items/0/ready"), "false");
  const auto next = get("/api/v1/queue/next");
  EXPECT_EQ(at(next.body, "item/id"), "a");
  EXPECT_EQ(at(next.body, "item/claimed_by"), "null");
  const std::string condition = "If-None-Match: " + next.headers.at("ETag") + "\r\n";
  EXPECT_EQ(get("/api/v1/queue/next", condition).status, 304);
  expect_problem(get("/api/v1/queue/next?project=none"), 404, "not_found");
  add_beta({});
  EXPECT_EQ(at(get("/api/v1/queue/next?project=beta").body, "item"), "null");
}

TEST_F(OverviewTest, StatsCountByKindStatusAndProgress) {
  store::Spec second = spec("b"), archived = spec("c"), capability = spec("d");
  second.status = "review";
  second.progress = spec::Progress::complete;
  second.tasks_done = second.tasks_total = 3;
  archived.kind = spec::Kind::archived;
  archived.status = "done";
  archived.progress = spec::Progress::in_progress;
  archived.tasks_done = 1;
  archived.tasks_total = 2;
  archived.sync_error = "no";
  capability.kind = spec::Kind::capability;
  for (const store::Spec& each : {second, archived, capability}) add(each);
  writing([&] { pull(path("a", "tasks.md"), "- [x] one\n"); });
  add_beta({lean("001-x", "planned")});
  const std::string body = get("/api/v1/stats?project=alpha").body;
  EXPECT_EQ(at(body, "project"), "alpha");
  EXPECT_EQ(at(body, "totals/projects"), "1");
  EXPECT_EQ(at(body, "totals/specs"), "4");
  EXPECT_EQ(at(body, "totals/files"), "1");
  EXPECT_EQ(at(body, "totals/bytes"), "3") << "as the fingerprint says";
  EXPECT_EQ(at(body, "totals/failing_specs"), "1");
  EXPECT_EQ(at(body, "kinds/0/kind"), "change");
  EXPECT_EQ(at(body, "kinds/0/specs"), "2");
  EXPECT_EQ(at(body, "kinds/0/tasks_total"), "3");
  EXPECT_EQ(at(body, "kinds/3/specs"), "0");
  EXPECT_EQ(at(body, "progress/no-tasks"), "1") << "a capability has no progress";
  EXPECT_EQ(at(body, "progress/in-progress"), "1");
  EXPECT_EQ(at(body, "progress/complete"), "1");
  EXPECT_EQ(at(body, "tasks/done"), "4");
  EXPECT_EQ(at(body, "tasks/total"), "5");
  EXPECT_EQ(at(body, "statuses/0/status"), "done");
  EXPECT_EQ(at(body, "statuses/2/kind"), "change");
  EXPECT_EQ(at(body, "statuses/2/status"), "null");
  EXPECT_EQ(at(body, "statuses/3/status"), "review");
  EXPECT_EQ(at(body, "latency/samples"), "0");
  EXPECT_EQ(at(body, "latency/p99_us"), "null");
  const std::string all = get("/api/v1/stats").body;
  EXPECT_EQ(at(all, "project"), "null");
  EXPECT_EQ(at(all, "totals/projects"), "2");
  EXPECT_EQ(at(all, "totals/specs"), "5");
  expect_problem(get("/api/v1/stats?project=none"), 404, "not_found");
  for (const char* days : {"x", "0", "366", "-1", "1.5"})
    expect_problem(get(std::string("/api/v1/stats?days=") + days), 400, "invalid");
}

TEST_F(OverviewTest, StatsTellEachDayAndHowLongChangesTook) {
  FakeClock clock;
  services_.clock = &clock;
  const auto today = std::chrono::floor<std::chrono::days>(clock.wall());
  const auto entry = [&](WallTime when, store::Trigger trigger, int64_t duration_us) {
    return store::HistoryEntry{.project = project_,
                               .trigger = trigger,
                               .origin = "disk",
                               .duration_us = duration_us,
                               .at = when};
  };
  writing([&] {
    for (int i = 1; i <= 100; ++i)
      store::must(tables().history.add(entry(today, store::Trigger::file_watcher, i)));
    const WallTime before = today - std::chrono::days(1) - std::chrono::microseconds(1);
    store::must(tables().history.add(entry(before, store::Trigger::startup, 1'000'000)));
    store::must(tables().history.add(
        entry(today - std::chrono::days(40), store::Trigger::file_watcher, 101)));
    store::HistoryEntry failure = entry(before, store::Trigger::file_watcher, 5'000'000);
    failure.success = false;
    failure.error_message = "no";
    store::must(tables().history.add(failure));
    failure.at = today;
    for (int i = 0; i < 3; ++i) store::must(tables().history.add(failure));
  });
  const std::string body = get("/api/v1/stats?days=3").body;
  const auto day = [&](int i) {
    const std::string in = "activity/" + std::to_string(i) + "/";
    return at(body, in + "day") + " " + at(body, in + "changes") + " " + at(body, in + "failures");
  };
  const auto name = [&](int ago) { return rfc3339(today - std::chrono::days(ago)).substr(0, 10); };
  EXPECT_EQ(day(0), name(2) + " 1 1");
  EXPECT_EQ(day(1), name(1) + " 0 0");
  EXPECT_EQ(day(2), name(0) + " 100 3") << "a repeated failure counts when it came again";
  EXPECT_EQ(at(body, "activity/3"), "nothing at activity/3");
  EXPECT_EQ(at(body, "latency/samples"), "101");
  EXPECT_EQ(at(body, "latency/p50_us"), "51");
  EXPECT_EQ(at(body, "latency/p90_us"), "91");
  EXPECT_EQ(at(body, "latency/p99_us"), "100");
  EXPECT_EQ(at(get("/api/v1/stats").body, "activity/29/changes"), "100");
  EXPECT_EQ(at(get("/api/v1/stats?days=365").body, "activity/324/changes"), "1");
}

}  // namespace
}  // namespace specd::api
