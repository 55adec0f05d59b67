#include "proto/spec_json.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "proto/problem.h"

namespace specd::proto {
namespace {

std::string json_of(const Spec& spec) {
  JsonWriter writer;
  writer.begin_object();
  write_fields(writer, spec, spec_fields());
  writer.end_object();
  return writer.take();
}

TEST(SpecJson, SaysNoneAsNull) {
  const std::vector<std::string> tags{"x", "y"};
  const std::string json = json_of(Spec{.key = "K", .id = "a", .tags = &tags, .tasks_total = 3});
  const Value value = json::parse(json).value();
  for (const char* name : {"change_id", "priority", "assignee", "sync_error", "last_synced_at"}) {
    ASSERT_NE(value.find(name), nullptr) << name;
    EXPECT_EQ(value.find(name)->kind, Value::Kind::null) << name;
  }
  EXPECT_NE(json.find(R"("tags":["x","y"])"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("tasks_total":3)"), std::string::npos) << json;
}

TEST(SpecJson, WritesWhatParsesAsWhatItWas) {
  const std::string odd = "q\" b\\ \n \x01 \xc3\xa9 \xff";
  const Value value = json::parse(json_of(Spec{.title = odd})).value();
  EXPECT_EQ(value.find("title")->text, "q\" b\\ \n \x01 \xc3\xa9 \xef\xbf\xbd");
  EXPECT_EQ(value.find("tags")->items.size(), 0u);
  EXPECT_EQ(value.entries.size(), spec_fields().size());
}

TEST(SpecJson, ListsAndObjectsAreSetApart) {
  JsonWriter writer;
  writer.begin_object();
  writer.name("a");
  writer.begin_list();
  writer.number(-1);
  writer.begin_list();
  writer.end_list();
  writer.texts({"x", "y"});
  writer.end_list();
  writer.name("b");
  writer.null();
  writer.end_object();
  EXPECT_EQ(writer.take(), R"({"a":[-1,[],["x","y"]],"b":null})");
}

TEST(SpecJson, TextThatLooksLikeANumberStaysText) {
  const std::string json = json_of(Spec{.id = "035", .title = "42", .status = "true"});
  EXPECT_NE(json.find(R"("id":"035")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("title":"42","status":"true")"), std::string::npos) << json;
}

TEST(SpecJson, ProjectHistoryAndStatusAreWhole) {
  EXPECT_EQ(
      json::dump(to_value(Project{.slug = "a",
                                  .uuid = "u",
                                  .root = "/r",
                                  .source = "folder",
                                  .layout = "openspec",
                                  .state = "ok",
                                  .git = GitHead{.branch = "main"}})),
      R"({"slug":"a","uuid":"u","root":"/r","source":"folder","layout":"openspec",)"
      R"("state":"ok","state_reason":null,"git":{"branch":"main","commit":null,"worktree":null},)"
      R"("added_at":"1970-01-01T00:00:00.000000Z"})");
  EXPECT_EQ(json::dump(to_value(HistoryEntry{.id = 5,
                                             .project = "a",
                                             .spec_name = "x",
                                             .change = "renamed",
                                             .sync_direction = "fs_to_db",
                                             .triggered_by = "startup",
                                             .origin = "disk",
                                             .success = false,
                                             .error_message = "no",
                                             .files_changed = {"x"}})),
            R"({"id":5,"project":"a","spec":null,"spec_id":null,"spec_name":"x",)"
            R"("change":"renamed","status_from":null,"status_to":null,"sync_direction":"fs_to_db",)"
            R"("triggered_by":"startup","origin":"disk","actor":null,"success":false,)"
            R"("error_message":"no","files_changed":["x"],"duration_us":0,)"
            R"("synced_at":"1970-01-01T00:00:00.000000Z",)"
            R"("last_at":"1970-01-01T00:00:00.000000Z","count":1})");
  const std::string status =
      json::dump(to_value(Status{.version = "1", .is_ready = true, .projects = {{.slug = "a"}}}));
  EXPECT_NE(status.find(R"("ready":true)"), std::string::npos) << status;
  EXPECT_NE(status.find(R"("projects":[{"slug":"a",)"), std::string::npos) << status;
}

TEST(Problem, ComesFromTheErrorsCode) {
  const std::vector<std::pair<Code, int>> all = {{Code::invalid, 400},  {Code::not_found, 404},
                                                 {Code::conflict, 409}, {Code::busy, 503},
                                                 {Code::refused, 403},  {Code::io, 500}};
  for (const auto& [code, status] : all) {
    const Problem problem = problem_of({.code = code, .message = "why"});
    EXPECT_EQ(problem.status, status);
    EXPECT_EQ(problem.code, to_string(code));
    EXPECT_EQ(problem.detail, "why");
  }
  EXPECT_EQ(to_json(problem_of({.code = Code::not_found, .message = "no \"x\""})),
            R"({"type":"about:blank","title":"Not Found","status":404,)"
            R"("detail":"no \"x\"","code":"not_found"})");
}

}  // namespace
}  // namespace specd::proto
