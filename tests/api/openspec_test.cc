#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class OpenSpecApiTest : public ApiTest {
 protected:
  OpenSpecApiTest() {
    services_.openspec = [this](const std::string&, const std::vector<std::string>& arguments,
                                const ToolDone& done) {
      asked_ = arguments;
      done(become_());
    };
    services_.sync_paths = [this](
                               const std::vector<sync::ProjectPath>& places, SteadyTime,
                               const std::function<void(Result<std::vector<std::string>>)>& done) {
      synced_ += places.size();
      if (const auto act = std::exchange(when_synced_, nullptr)) act();
      done(std::vector<std::string>());
    };
    writing([&] {
      add("gone", spec::Kind::archived);
      add("-x", spec::Kind::change);
      add("lean", spec::Kind::leanspec);
      add("cap", spec::Kind::capability);
    });
  }
  void add(const std::string& id, spec::Kind kind) {
    store::Spec made = spec(id);
    made.kind = kind;
    store::must(tables().specs.insert(made));
  }
  test::RawResponse ask(const std::string& what, const std::string& body = "{}") {
    return post("/api/v1/projects/alpha/specs/" + what, body);
  }

  std::vector<std::string> asked_;
  size_t synced_ = 0;
  std::function<void()> when_synced_;  ///< once
  std::function<Result<ToolEnd>()> become_ = [] { return ToolEnd{0, R"({"items":[]})", ""}; };
};

TEST_F(OpenSpecApiTest, WhatItPrintsIsPassedOn) {
  become_ = [] { return ToolEnd{1, R"({"items":[{"valid":false}]})", ""}; };
  const auto validated = ask("a/validate", R"({"strict": true})");
  EXPECT_EQ(validated.status, 200) << validated.body;
  EXPECT_EQ(at(validated.body, "exit_code"), "1");
  EXPECT_EQ(at(validated.body, "result/items/0/valid"), "false");
  EXPECT_THAT(asked_, ElementsAre("validate", "a", "--type", "change", "--json", "--no-interactive",
                                  "--strict"));
  EXPECT_EQ(ask("cap/validate").status, 200);
  EXPECT_EQ(asked_[3], "spec");
  become_ = [] { return ToolEnd{0, R"({"archive":{"archivedAs":"2026-11-22-a"}})", ""}; };
  const auto archived = ask("a/archive", R"({"skip_specs": true, "no_validate": true})");
  EXPECT_EQ(archived.status, 200) << archived.body;
  EXPECT_EQ(at(archived.body, "result/archive/archivedAs"), "2026-11-22-a");
  EXPECT_THAT(asked_,
              ElementsAre("archive", "a", "--yes", "--json", "--skip-specs", "--no-validate"));
  EXPECT_EQ(synced_, 2u) << "the database has it by then";
}

TEST_F(OpenSpecApiTest, AllOfAProjectIsValidatedByOneCall) {
  become_ = [] { return ToolEnd{1, R"({"items":[{"id":"a","valid":false},{"id":"cap"}]})", ""}; };
  const std::string address = "/api/v1/projects/alpha/validate";
  const auto validated = post(address, R"({"strict": true})");
  EXPECT_EQ(validated.status, 200) << validated.body;
  EXPECT_EQ(at(validated.body, "exit_code"), "1");
  EXPECT_EQ(at(validated.body, "result/items/1/id"), "cap");
  EXPECT_THAT(asked_, ElementsAre("validate", "--all", "--json", "--no-interactive", "--strict"));
  expect_problem(post(address, R"({"sure": true})"), 400, "invalid");
  expect_problem(post("/api/v1/projects/none/validate", "{}"), 404, "not_found");
  become_ = [] { return ToolEnd{134, "no JSON", ""}; };
  expect_problem(post(address, "{}"), 422, "openspec_failed");
  become_ = []() -> Result<ToolEnd> { return fail(Code::not_found, "install it"); };
  expect_problem(post(address, "{}"), 501, "openspec_missing");
}

TEST_F(OpenSpecApiTest, WhatItCannotDoIsToldInItsWords) {
  become_ = [] { return ToolEnd{1, R"({"archive":null,"status":[{"code":"x"}]})", "warn"}; };
  const auto failed = ask("a/archive");
  EXPECT_EQ(failed.status, 422);
  EXPECT_EQ(at(failed.body, "code"), "openspec_failed");
  EXPECT_EQ(at(failed.body, "exit_code"), "1");
  EXPECT_EQ(at(failed.body, "output/status/0/code"), "x");
  EXPECT_EQ(synced_, 0u);
  become_ = [] { return ToolEnd{134, "no JSON", " at all"}; };
  EXPECT_EQ(at(ask("a/validate").body, "output"), "no JSON at all");
  become_ = []() -> Result<ToolEnd> { return fail(Code::not_found, "install it"); };
  EXPECT_EQ(ask("a/archive").status, 501);
  const auto missing = ask("a/validate");
  EXPECT_EQ(missing.status, 501);
  EXPECT_EQ(at(missing.body, "code"), "openspec_missing");
  become_ = []() -> Result<ToolEnd> { return fail(Code::busy, "later"); };
  EXPECT_EQ(ask("a/archive").status, 503);
}

TEST_F(OpenSpecApiTest, AnArchiveWaitsUntilTheEditsOfTheChangeAreOnDisk) {
  const std::string tasks = path("a", "tasks.md");
  writing([&] { ASSERT_TRUE(pull(tasks, "- [ ] one\n")); });
  {
    auto other = store::must(sqlite::Database::open(store_->path(), {}));
    store::must(other.run("UPDATE spec_files SET content = 'by sql' WHERE path = ?", tasks));
  }
  const auto refused = ask("a/archive");
  expect_problem(refused, 409, "conflict");
  EXPECT_THAT(at(refused.body, "detail"), HasSubstr(tasks));
  EXPECT_THAT(asked_, testing::IsEmpty()) << "the CLI would have archived the text before";
  EXPECT_EQ(synced_, 2u) << "it was tried";
  when_synced_ = [&] { writing([&] { ASSERT_TRUE(pull(tasks, "by sql")); }); };
  become_ = [] { return ToolEnd{0, R"({"archive":{}})", ""}; };
  EXPECT_EQ(ask("a/archive").status, 200);
  EXPECT_EQ(asked_[0], "archive");
}

TEST_F(OpenSpecApiTest, ADeletedChangeIsGone) {
  writing([&] {
    store::Spec deleted = spec("lost");
    store::must(tables().specs.insert(deleted));
    deleted.deleted_at = store::kNow;
    store::must(tables().specs.update(deleted));
  });
  for (const char* what : {"lost/archive", "lost/validate"}) expect_problem(ask(what), 410, "gone");
  EXPECT_THAT(asked_, testing::IsEmpty());
}

TEST_F(OpenSpecApiTest, WhatIsNotForItIsRefusedBeforeItRuns) {
  for (const char* what : {"gone/archive", "lean/archive", "lean/validate", "-x/archive",
                           "-x/validate", "cap/archive", "gone/validate"})
    EXPECT_EQ(ask(what).status, 403) << what;
  EXPECT_EQ(ask("a/archive", R"({"store": "x"})").status, 400);
  EXPECT_EQ(ask("a/validate", R"({"strict": "yes"})").status, 400);
  EXPECT_EQ(ask("none/validate").status, 404);
  EXPECT_THAT(asked_, ElementsAre()) << "nothing was run";
}

}  // namespace
}  // namespace specd::api
