#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

TEST_F(ApiTest, HealthIsThereAtOnce) {
  const auto answer = get("/api/v1/health");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("Content-Type"), "application/json");
  EXPECT_EQ(answer.body, R"({"status":"ok","version":"1.2.3"})");
}

TEST_F(ApiTest, ReadyWhenEveryProjectWasLookedAt) {
  expect_problem(get("/api/v1/ready"), 503, "not_ready");
  is_ready_ = true;
  EXPECT_EQ(get("/api/v1/ready").status, 200);
}

TEST_F(ApiTest, StatusSaysHowEveryProjectDoes) {
  writing([&] {
    store::Spec failing = spec("b");
    failing.sync_error = "design.md: no";
    store::must(tables().specs.insert(failing));
    store::must(tables().conflicts.add({.project = project_,
                                        .spec = key("a"),
                                        .path = "openspec/changes/a/tasks.md",
                                        .kind = store::ConflictKind::both_changed,
                                        .detected_at = store::kNow}));
  });
  status_.failure = "the disk is full";
  status_.projects.push_back({.id = project_,
                              .slug = "alpha",
                              .root = "/roots/alpha",
                              .state = store::ProjectState::held,
                              .reason = "too much is gone",
                              .specs = 3,
                              .waiting = 2,
                              .failure = "a folder cannot be listed",
                              .last_scan_at = store::kNow});
  const std::string body = get("/api/v1/status").body;
  EXPECT_EQ(at(body, "version"), "1.2.3");
  EXPECT_EQ(at(body, "ready"), "false");
  EXPECT_EQ(at(body, "failure"), "the disk is full");
  EXPECT_EQ(at(body, "started_at"), "2027-01-15T08:00:00.000000Z");
  EXPECT_EQ(at(body, "connections"), "1");
  EXPECT_EQ(at(body, "projects/0/slug"), "alpha");
  EXPECT_EQ(at(body, "projects/0/state"), "held");
  EXPECT_EQ(at(body, "projects/0/reason"), "too much is gone");
  EXPECT_EQ(at(body, "projects/0/failure"), "a folder cannot be listed");
  EXPECT_EQ(at(body, "projects/0/specs"), "3");
  EXPECT_EQ(at(body, "projects/0/open_conflicts"), "1");
  EXPECT_EQ(at(body, "projects/0/failing_specs"), "1");
  EXPECT_EQ(at(body, "projects/0/polled"), "false");
  EXPECT_EQ(at(body, "projects/0/polled_subtrees"), "7") << "F11";
  EXPECT_EQ(at(body, "projects/0/last_scan_at"), "2027-01-15T08:00:00.000000Z");
}

TEST_F(ApiTest, StatusNamesTheRowsThatWaitForASpec) {
  status_.projects.push_back({.id = project_, .slug = "alpha", .root = "/roots/alpha"});
  EXPECT_EQ(at(get("/api/v1/status").body, "projects/0/waiting_for_spec/0"),
            "nothing at projects/0/waiting_for_spec/0");
  auto other = store::must(sqlite::Database::open(store_->path(), {}));
  store::must(other.run("INSERT INTO spec_files (project, path, content) VALUES (?, ?, 'x')",
                        project_, path("nobody", "a.md")));
  EXPECT_EQ(at(get("/api/v1/status").body, "projects/0/waiting_for_spec/0"),
            path("nobody", "a.md"));
}

TEST_F(ApiTest, StatusIsWellWhenNothingHasToBeLookedAfter) {
  status_.projects.push_back({.id = project_, .slug = "alpha", .state = store::ProjectState::ok});
  sync::ProjectStatus& project = status_.projects[0];
  const auto is_well = [&] { return at(get("/api/v1/status").body, "well"); };
  EXPECT_EQ(is_well(), "true");
  project.state = store::ProjectState::read_only;
  EXPECT_EQ(is_well(), "true") << "as it was told";
  for (const auto state :
       {store::ProjectState::missing, store::ProjectState::held, store::ProjectState::paused}) {
    project.state = state;
    EXPECT_EQ(is_well(), "false") << store::to_string(state);
  }
  project.state = store::ProjectState::ok;
  project.pending_pushes = 1;
  EXPECT_EQ(is_well(), "false");
  project.pending_pushes = 0;
  project.failure = "a folder cannot be listed";
  EXPECT_EQ(is_well(), "false");
  project.failure.clear();
  status_.failure = "the disk is full";
  EXPECT_EQ(is_well(), "false");
  status_.failure.clear();
  EXPECT_EQ(is_well(), "true");
  writing([&] {
    store::must(tables().conflicts.add({.project = project_,
                                        .spec = key("a"),
                                        .path = "openspec/changes/a/tasks.md",
                                        .kind = store::ConflictKind::both_changed,
                                        .detected_at = store::kNow}));
  });
  EXPECT_EQ(is_well(), "false");
}

TEST_F(ApiTest, UnknownAddressesAndMethodsAreProblems) {
  expect_problem(get("/none"), 404, "not_found");
  expect_problem(get("/api/v1"), 404, "not_found");
  expect_problem(get("/api/v1/projects/alpha/none"), 404, "not_found");
  expect_problem(post("/api/v1/health", "{}"), 405, "method_not_allowed");
  expect_problem(post("/api/v1/events", "{}"), 405, "method_not_allowed");
  expect_problem(get("/api/v1/sync"), 405, "method_not_allowed");
  expect_problem(get("/api/v1/health%"), 400, "bad_target");
}

TEST_F(ApiTest, DatabaseThatCannotBeReadIsAProblem) {
  get("/api/v1/projects");
  store_.reset();
  std::filesystem::remove_all(folder());
  readers_.renew();
  const auto answer = get("/api/v1/projects");
  EXPECT_GE(answer.status, 400);
  EXPECT_EQ(answer.headers.at("Content-Type"), "application/problem+json");
}

}  // namespace
}  // namespace specd::api
