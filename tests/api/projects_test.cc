#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

using testing::HasSubstr;

TEST_F(ApiTest, ListsProjects) {
  writing([&] { store::must(tables().projects.add(project("beta"))); });
  const std::string body = get("/api/v1/projects").body;
  EXPECT_EQ(at(body, "projects/0/slug"), "alpha");
  EXPECT_EQ(at(body, "projects/0/root"), "/roots/alpha");
  EXPECT_EQ(at(body, "projects/0/layout"), "openspec");
  EXPECT_EQ(at(body, "projects/0/state"), "ok");
  EXPECT_EQ(at(body, "projects/0/git/branch"), "main");
  EXPECT_EQ(at(body, "projects/0/git/commit"), "null");
  EXPECT_EQ(at(body, "projects/0/git/worktree"), "second");
  EXPECT_EQ(at(body, "projects/1/slug"), "beta");
  EXPECT_EQ(at(body, "projects/1/git"), "null");
}

TEST_F(ApiTest, AnUnchangedListIsNotSentAgain) {
  const auto first = get("/api/v1/projects");
  const std::string condition = "If-None-Match: " + first.headers.at("ETag") + "\r\n";
  const auto same = client().get("/api/v1/projects", condition);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  writing([&] { store::must(tables().projects.add(project("beta"))); });
  EXPECT_EQ(get("/api/v1/projects", condition).status, 200);
}

TEST_F(ApiTest, AddsAProject) {
  add_project_ = [&](const std::string& root, const std::string& slug) -> Result<store::Project> {
    store::Project added = project("gamma");
    added.root = root;
    EXPECT_EQ(slug, "wanted");
    return added;
  };
  const auto answer = post("/api/v1/projects", R"({"root":"/roots/c","slug":"wanted"})");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(at(answer.body, "slug"), "gamma");
  EXPECT_EQ(at(answer.body, "root"), "/roots/c");
}

TEST_F(ApiTest, SaysWhyAProjectCannotBeAdded) {
  add_project_ = [](const std::string&, const std::string&) -> Result<store::Project> {
    return fail(Code::conflict, "it is there already");
  };
  expect_problem(post("/api/v1/projects", R"({"root":"/r"})"), 409, "conflict");
  for (const char* body : {"", "{}", "[]", "nonsense", R"({"root":1})", R"({"root":"relative"})",
                           R"({"root":"/r","slug":true})", R"({"root":null})"}) {
    expect_problem(post("/api/v1/projects", body), 400, "invalid");
  }
}

TEST_F(ApiTest, ShowsOneProject) {
  EXPECT_EQ(at(get("/api/v1/projects/alpha").body, "root"), "/roots/alpha");
  expect_problem(get("/api/v1/projects/none"), 404, "not_found");
}

TEST_F(ApiTest, ChangesAProject) {
  ProjectChange seen;
  change_project_ = [&](const ProjectChange& change) -> Result<store::Project> {
    seen = change;
    return project("alpha");
  };
  const auto patch = [&](const std::string& body) {
    return client().ask("PATCH", "/api/v1/projects/alpha", body);
  };
  EXPECT_EQ(patch(R"({"paused":true})").status, 200);
  EXPECT_EQ(seen.is_paused, true);
  EXPECT_EQ(seen.is_read_only, std::nullopt);
  EXPECT_EQ(patch(R"({"root":"/b","read_only":false,"force":true})").status, 200);
  EXPECT_EQ(seen.root, "/b");
  EXPECT_EQ(seen.is_read_only, false);
  EXPECT_TRUE(seen.is_forced);
  for (const char* body : {"", "{}", "[]", R"({"force":true})", R"({"root":"b"})",
                           R"({"paused":"yes"})", R"({"pause":true})"})
    expect_problem(patch(body), 400, "invalid");
  change_project_ = [](const ProjectChange&) -> Result<store::Project> {
    return fail(Code::conflict, "none of its specs is there");
  };
  expect_problem(patch(R"({"root":"/b"})"), 409, "conflict");
  expect_problem(client().ask("PATCH", "/api/v1/projects/none", R"({"paused":true})"), 404,
                 "not_found");
}

TEST_F(ApiTest, RemovesAProject) {
  std::vector<bool> forced;
  remove_project_ = [&](bool is_forced) -> Result<> {
    forced.push_back(is_forced);
    if (!is_forced) return fail(Code::conflict, "edits would be lost");
    return {};
  };
  expect_problem(client().ask("DELETE", "/api/v1/projects/alpha", ""), 409, "conflict");
  const auto removed = client().ask("DELETE", "/api/v1/projects/alpha?force=true", "");
  EXPECT_EQ(removed.status, 204);
  EXPECT_EQ(removed.body, "");
  EXPECT_EQ(forced, (std::vector<bool>{false, true}));
  expect_problem(client().ask("DELETE", "/api/v1/projects/none", ""), 404, "not_found");
}

TEST_F(ApiTest, ListsSpecsWithEverythingThatAListShows) {
  writing([&] {
    store::Spec full = spec("b");
    full.title = "Title \"b\"";
    full.status = "in-progress";
    full.tags = {"x"};
    full.tasks_done = 2;
    full.tasks_total = 5;
    full.progress = spec::Progress::in_progress;
    full.sync_error = "design.md: no";
    full.last_synced_at = store::kNow;
    store::must(tables().specs.insert(full));
  });
  const auto answer = get("/api/v1/projects/alpha/specs");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(at(answer.body, "total"), "2");
  EXPECT_EQ(at(answer.body, "specs/0/id"), "a");
  EXPECT_EQ(at(answer.body, "specs/0/sync_error"), "null");
  EXPECT_EQ(at(answer.body, "specs/1/key"), "KEY-b");
  EXPECT_EQ(at(answer.body, "specs/1/project"), "alpha");
  EXPECT_EQ(at(answer.body, "specs/1/kind"), "change");
  EXPECT_EQ(at(answer.body, "specs/1/title"), "Title \"b\"");
  EXPECT_EQ(at(answer.body, "specs/1/status"), "in-progress");
  EXPECT_EQ(at(answer.body, "specs/1/progress"), "in-progress");
  EXPECT_EQ(at(answer.body, "specs/1/tasks_done"), "2");
  EXPECT_EQ(at(answer.body, "specs/1/tasks_total"), "5");
  EXPECT_EQ(at(answer.body, "specs/1/sync_error"), "design.md: no");
  EXPECT_EQ(at(answer.body, "specs/1/last_synced_at"), "2027-01-15T08:00:00.000000Z");
}

TEST_F(ApiTest, FiltersSpecs) {
  writing([&] {
    store::Spec capability = spec("c");
    capability.kind = spec::Kind::capability;
    capability.dir = "openspec/specs/c";
    store::must(tables().specs.insert(capability));
    store::Spec done = spec("d");
    done.status = "complete";
    store::must(tables().specs.insert(done));
  });
  const auto ids = [&](const std::string& query) {
    const std::string body = get("/api/v1/projects/alpha/specs?" + query).body;
    return at(body, "total") + " " + at(body, "specs/0/id");
  };
  EXPECT_EQ(ids("kind=capability"), "1 c");
  EXPECT_EQ(ids("status=complete"), "1 d");
  EXPECT_EQ(ids("kind=change&status=complete"), "1 d");
  EXPECT_EQ(ids("kind=archived"), "0 nothing at specs/0/id");
  const std::string limited = get("/api/v1/projects/alpha/specs?limit=1&total=true").body;
  EXPECT_EQ(at(limited, "total"), "3");
  EXPECT_EQ(at(limited, "specs/1/id"), "nothing at specs/1/id");
}

TEST_F(ApiTest, SpecsOfNoProjectAndBadFiltersAreProblems) {
  expect_problem(get("/api/v1/projects/none/specs"), 404, "not_found");
  expect_problem(get("/api/v1/projects/alpha/specs?kind=x"), 400, "invalid");
  expect_problem(get("/api/v1/projects/alpha/specs?limit=x"), 400, "invalid");
}

}  // namespace
}  // namespace specd::api
