#include "net/url.h"
#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

using sync::Expected;
using sync::FileEnd;
using testing::HasSubstr;

/// What the API asks the engine for, and how it words what became of it.
class ApiEditsTest : public ApiTest {
 protected:
  ApiEditsTest() {
    services_.edit = [this](ProjectId id, sync::EditRequest request, SteadyTime,
                            const sync::ProjectSync::EditDone& done) {
      EXPECT_EQ(id, project_);
      asked_ = std::move(request);
      done(become_(asked_));
    };
    services_.set_fields = [this](ProjectId, sync::FieldsRequest request, SteadyTime,
                                  const sync::FieldsDone& done) {
      set_ = std::move(request.fields);
      set_on_ = request.spec.value.text;
      moves_ = request.moves;
      asked_.actor = request.actor;
      done(set_answer_);
    };
    writing([&] { EXPECT_TRUE(pull(kTasks, "- [ ] 1.1 one\n")); });
  }

  test::RawResponse ask(const std::string& method, const std::string& target,
                        const std::string& fields, const std::string& body) {
    auto client = this->client();
    client.send_request(method, target, fields, body);
    return client.read_response();
  }
  static std::string file(const std::string& path) {
    return "/api/v1/projects/alpha/files/" + net::url::encode_path(path);
  }
  static std::string if_match(const std::string& content) {
    return "If-Match: \"" + sha256(content).hex() + "\"\r\n";
  }
  static Result<sync::EditAnswer> all(const sync::EditRequest& request, FileEnd end) {
    sync::EditAnswer answer{.id = store::EditId{7}, .files = {}};
    for (const sync::FileEdit& each : request.files) {
      sync::FileAnswer told{.path = each.path, .end = end, .version = {}, .why = {}};
      if (each.content) told.version = sha256(*each.content);
      if (end == FileEnd::pending) told.why = "another program is at work on it";
      answer.files.push_back(std::move(told));
    }
    return answer;
  }

  const std::string kTasks = path("a", "tasks.md");
  sync::EditRequest asked_;
  std::optional<sync::SpecFields> set_;
  std::string set_on_;
  std::optional<sync::Moves> moves_;
  Result<sync::FieldsAnswer> set_answer_ = sync::FieldsAnswer{};
  std::function<Result<sync::EditAnswer>(const sync::EditRequest&)> become_ =
      [](const sync::EditRequest& request) { return all(request, FileEnd::written); };
};

TEST_F(ApiEditsTest, AFileIsWrittenWhereItsVersionIsNamed) {
  const auto answer =
      ask("PUT", file(kTasks), if_match("- [ ] 1.1 one\n") + "X-Specd-Actor: an agent\r\n", "new");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.headers.at("ETag"), "\"" + sha256("new").hex() + "\"");
  EXPECT_EQ(at(answer.body, "edit"), "7");
  EXPECT_EQ(at(answer.body, "files/0/path"), kTasks);
  EXPECT_EQ(at(answer.body, "files/0/state"), "written");
  EXPECT_EQ(at(answer.body, "files/0/version"), sha256("new").hex());
  ASSERT_EQ(asked_.files.size(), 1u);
  EXPECT_EQ(asked_.actor, "an agent");
  EXPECT_EQ(asked_.files[0].content, "new");
  EXPECT_EQ(asked_.files[0].expected.what, Expected::What::content);
  EXPECT_EQ(asked_.files[0].expected.digest, sha256("- [ ] 1.1 one\n"));
}

TEST_F(ApiEditsTest, ANewFileAndADeletionSayWhatTheyExpect) {
  EXPECT_EQ(ask("PUT", file(path("a", "design.md")), "If-None-Match: *\r\n", "").status, 201);
  EXPECT_EQ(asked_.files.at(0).expected.what, Expected::What::nothing);
  EXPECT_EQ(asked_.files.at(0).content, "");
  const auto gone =
      ask("DELETE", file(kTasks), "If-Match: W/\"" + sha256("x").hex() + "\"\r\n", "");
  EXPECT_EQ(gone.status, 200);
  EXPECT_EQ(at(gone.body, "files/0/version"), "null");
  EXPECT_EQ(asked_.files.at(0).content, std::nullopt);
  EXPECT_EQ(ask("PUT", file(kTasks) + "?force=true", "", "x").status, 200);
  EXPECT_EQ(asked_.files.at(0).expected.what, Expected::What::anything);
}

TEST_F(ApiEditsTest, AnEditWithoutAVersionIsRefused) {
  for (const char* method : {"PUT", "DELETE"}) {
    expect_problem(ask(method, file(kTasks), "", "x"), 428, "precondition_required");
    expect_problem(ask(method, file(kTasks), "If-Match: *\r\n", "x"), 400, "invalid");
    expect_problem(ask(method, file(kTasks), "If-Match: \"abc\"\r\n", "x"), 400, "invalid");
    expect_problem(ask(method, file("../x"), if_match("x"), "x"), 404, "not_found");
  }
  EXPECT_TRUE(asked_.files.empty());
}

TEST_F(ApiEditsTest, SaysWhatElseCanBecomeOfAnEdit) {
  become_ = [](const auto&) { return fail(Code::conflict, "tasks.md: has changed"); };
  const auto stale = ask("PUT", file(kTasks), if_match("old"), "x");
  expect_problem(stale, 412, "stale");
  EXPECT_THAT(at(stale.body, "detail"), HasSubstr("read it again"));
  become_ = [](const auto&) { return fail(Code::refused, "read-only"); };
  expect_problem(ask("PUT", file(kTasks), if_match("old"), "x"), 403, "refused");
  become_ = [](const auto& request) { return all(request, FileEnd::pending); };
  const auto pending = ask("PUT", file(kTasks), if_match("old"), "x");
  EXPECT_EQ(pending.status, 202);
  EXPECT_EQ(pending.headers.at("Location"), "/api/v1/edits/7");
  EXPECT_EQ(at(pending.body, "files/0/why"), "another program is at work on it");
}

TEST_F(ApiEditsTest, AnOverruledEditComesWithTheConflict) {
  become_ = [this](const sync::EditRequest& request) {
    auto answer = all(request, FileEnd::overruled);
    writing([&] {
      answer->files[0].conflict =
          store::must(tables().conflicts.add({.project = project_,
                                              .spec = key("a"),
                                              .path = kTasks,
                                              .kind = store::ConflictKind::both_changed,
                                              .base = sha256("base"),
                                              .disk = sha256("- [ ] 1.1 one\n"),
                                              .row = sha256("x"),
                                              .detected_at = store::kNow}));
    });
    return answer;
  };
  const auto answer = ask("PUT", file(kTasks), if_match("base"), "x");
  expect_problem(answer, 409, "overruled");
  EXPECT_EQ(at(answer.body, "files/0/state"), "overruled");
  EXPECT_EQ(at(answer.body, "conflict/path"), kTasks);
  EXPECT_EQ(at(answer.body, "conflict/disk"), "- [ ] 1.1 one\n");
}

TEST_F(ApiEditsTest, SeveralFilesAreOneEdit) {
  const std::string body = R"({"files": [{"path": ")" + kTasks +
                           R"(", "content": "one", "version": ")" + sha256("x").hex() +
                           R"("}, {"path": ")" + path("a", "design.md") +
                           R"(", "content": null, "version": null}]})";
  const auto answer = post("/api/v1/projects/alpha/edits", body);
  EXPECT_EQ(answer.status, 200) << answer.body;
  ASSERT_EQ(asked_.files.size(), 2u);
  EXPECT_EQ(asked_.files[0].expected.digest, sha256("x"));
  EXPECT_EQ(asked_.files[1].expected.what, Expected::What::nothing);
  EXPECT_EQ(asked_.files[1].content, std::nullopt);
  for (const char* bad :
       {"{}", R"({"files": []})", R"({"files": [{"path": "a"}]})",
        R"({"files": [{"content": "a"}]})", R"({"files": [{"path": "a", "content": "b"}]})",
        R"({"files": [{"path": "a", "content": "b", "version": "c"}]})",
        R"({"files": [{"path": "a", "content": "b", "version": null, "mode": 1}]})"})
    expect_problem(post("/api/v1/projects/alpha/edits", bad), 400, "invalid");
}

TEST_F(ApiEditsTest, TellsWhatHasBecomeOfAnEdit) {
  store::EditId id;
  writing([&] {
    id = store::must(tables().edits.add({.project = project_,
                                         .spec = key("a"),
                                         .origin = "api",
                                         .actor = "tester",
                                         .at = store::kNow}));
    ASSERT_TRUE(store::must(tables().files.edit({.project = project_,
                                                 .path = kTasks,
                                                 .spec = key("a"),
                                                 .role = spec::Role::tasks,
                                                 .planned = rev(kTasks),
                                                 .content = "new",
                                                 .edit = id,
                                                 .now = store::kNow})));
  });
  const auto answer = get("/api/v1/edits/" + std::to_string(id.value));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(at(answer.body, "actor"), "tester");
  EXPECT_EQ(at(answer.body, "pending/0"), kTasks);
  expect_problem(get("/api/v1/edits/99"), 404, "not_found");
  expect_problem(get("/api/v1/edits/x"), 400, "invalid");
}

TEST_F(ApiEditsTest, AnEarlierVersionIsRestored) {
  writing([&] { ASSERT_TRUE(pull(kTasks, "second")); });
  const std::string sha = sha256("- [ ] 1.1 one\n").hex();
  const std::string base = "/api/v1/projects/alpha/versions/";
  const auto answer = ask("POST", base + sha + "/restore?path=" + net::url::encode_path(kTasks),
                          if_match("second"), "");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(asked_.files.at(0).content, "- [ ] 1.1 one\n");
  EXPECT_EQ(asked_.files.at(0).path, kTasks);
  expect_problem(ask("POST", base + sha + "/restore?path=other", if_match("x"), ""), 404,
                 "not_found");
  expect_problem(ask("POST", base + sha + "/restore?path=" + net::url::encode_path(kTasks), "", ""),
                 428, "precondition_required");
}

TEST_F(ApiEditsTest, ATaskIsTickedInTheTextThatIsThere) {
  const std::string target = "/api/v1/projects/alpha/specs/" + key("a").value.text + "/tasks";
  const auto answer = ask("PATCH", target, "", R"({"line": 1, "text": "1.1 one", "done": true})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  ASSERT_EQ(asked_.files.size(), 1u);
  EXPECT_EQ(asked_.files[0].path, kTasks);
  EXPECT_EQ(store::must(asked_.files[0].change("- [ ] 1.1 one\n")), "- [x] 1.1 one\n");
  EXPECT_EQ(asked_.files[0].change("- [ ] other\n").error().code, Code::conflict);
  expect_problem(ask("PATCH", target, "", R"({"line": 0, "text": "x", "done": true})"), 400,
                 "invalid");
  expect_problem(ask("PATCH", target, "", R"({"line": 1, "text": "x"})"), 400, "invalid");
  expect_problem(ask("PATCH", target, "", R"({"line": 1, "text": "x", "done": true, "path": "y"})"),
                 404, "not_found");
}

TEST_F(ApiEditsTest, WhatPeopleSayOfAnOpenSpecSpecIsKeptInTheDatabase) {
  const std::string target = "/api/v1/projects/alpha/specs/" + key("a").value.text;
  const auto answer = ask("PATCH", target, "X-Specd-Actor: me\r\n",
                          R"({"status": "approved", "priority": null, "tags": ["x", "y"]})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  ASSERT_TRUE(set_);
  EXPECT_EQ(set_on_, key("a").value.text);
  EXPECT_EQ(set_->status, "approved");
  EXPECT_EQ(set_->priority, "");
  EXPECT_EQ(set_->assignee, std::nullopt);
  EXPECT_EQ(set_->tags, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(asked_.actor, "me");
  for (const char* bad : {"{}", R"({"status": 1})", R"({"status": ""})", R"({"status": "a\nb"})",
                          R"({"tags": "x"})", R"({"tags": [1]})", R"({"state": "x"})"})
    expect_problem(ask("PATCH", target, "", bad), 400, "invalid");
}

TEST_F(ApiEditsTest, ADeletedSpecIsGoneForWhoeverEditsIt) {
  writing([&] {
    store::Spec deleted = spec("lost");
    store::must(tables().specs.insert(deleted));
    deleted.deleted_at = store::kNow;
    store::must(tables().specs.update(deleted));
  });
  become_ = [](const auto&) { return fail(Code::gone, "the spec lost was deleted"); };
  const std::string specs = "/api/v1/projects/alpha/specs/", lost = path("lost", "tasks.md");
  for (const std::string& name : {std::string("lost"), key("lost").value.text}) {
    const auto task =
        ask("PATCH", specs + name + "/tasks", "", R"({"line": 1, "text": "x", "done": true})");
    expect_problem(task, 410, "gone");
    EXPECT_THAT(at(task.body, "detail"), HasSubstr("specd restore lost"));
    expect_problem(ask("PATCH", specs + name, "", R"({"status": "done"})"), 410, "gone");
  }
  EXPECT_FALSE(set_);
  expect_problem(ask("PATCH", specs + "nobody", "", R"({"status": "done"})"), 404, "not_found");
  for (const char* method : {"PUT", "DELETE"})
    expect_problem(ask(method, file(lost), if_match("x"), "y"), 410, "gone");
  const std::string edit =
      R"({"files": [{"path": ")" + lost + R"(", "content": "y", "version": null}]})";
  expect_problem(post("/api/v1/projects/alpha/edits", edit), 410, "gone");
  EXPECT_EQ(get(specs + key("lost").value.text).status, 200) << "it can still be read";
  expect_problem(get(specs + "lost"), 404, "not_found");
}

TEST_F(ApiEditsTest, WhatWasSetBeforeIsWhatAnotherPatchTakes) {
  set_answer_->previous = {.status = "", .priority = "low", .tags = std::vector<std::string>{"x"}};
  const auto answer = ask("PATCH", "/api/v1/projects/alpha/specs/a?force=true", "",
                          R"({"status": "done", "priority": null, "tags": []})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(moves_, sync::Moves::any);
  EXPECT_EQ(at(answer.body, "previous/status"), "null");
  EXPECT_EQ(at(answer.body, "previous/priority"), "low");
  EXPECT_EQ(at(answer.body, "previous/tags/0"), "x");
  EXPECT_EQ(at(answer.body, "previous/assignee"), "nothing at previous/assignee");
}

TEST_F(ApiEditsTest, AMoveThatIsNotAllowedNamesThoseThatAre) {
  set_answer_->refused = sync::RefusedMove{{"proposing", "done"}, {"approved", "archived"}};
  const auto answer = ask("PATCH", "/api/v1/projects/alpha/specs/a", "", R"({"status": "done"})");
  expect_problem(answer, 409, "move_not_allowed");
  EXPECT_EQ(moves_, sync::Moves::as_allowed);
  EXPECT_EQ(at(answer.body, "allowed/0"), "approved");
  EXPECT_EQ(at(answer.body, "allowed/1"), "archived");
  EXPECT_NE(at(answer.body, "detail").find("from proposing a spec may go to approved, archived"),
            std::string::npos)
      << answer.body;
}

}  // namespace
}  // namespace specd::api
