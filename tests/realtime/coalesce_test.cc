#include "realtime/coalesce.h"

#include <gmock/gmock.h>

#include "base/json.h"

namespace specd::realtime {
namespace {

using testing::ElementsAre;

class CoalesceTest : public testing::Test {
 protected:
  void tell(const std::string& key, const std::string& type, const std::string& payload = "{}") {
    events_.push_back({.id = {7, static_cast<int64_t>(events_.size()) + 1},
                       .type = type,
                       .project = "alpha",
                       .key = key,
                       .payload = *json::parse(payload)});
  }
  /// "SEQ TYPE KEY", and the payload unless it is empty.
  std::vector<std::string> told() {
    std::vector<std::string> lines;
    for (const proto::Event& event : coalesce(std::move(events_))) {
      std::string line = std::to_string(event.id.seq) + " " + event.type + " " + event.key;
      const Value& payload = event.payload.object();
      if (!payload.entries.empty()) line += " " + json::dump(payload);
      lines.push_back(line);
    }
    events_.clear();
    return lines;
  }

  std::vector<proto::Event> events_;
};

TEST_F(CoalesceTest, EachSpecIsToldOnceWhereItWasLastHeardOf) {
  tell("a", "spec.updated");
  tell("b", "spec.updated");
  tell("a", "spec.updated");
  EXPECT_THAT(told(), ElementsAre("2 spec.updated b", "3 spec.updated a"));
}

TEST_F(CoalesceTest, WhatBecomesOfTwo) {
  const std::vector<std::array<const char*, 3>> table{
      {"created", "updated", "created"}, {"created", "renamed", "created"},
      {"created", "deleted", "deleted"}, {"updated", "updated", "updated"},
      {"updated", "renamed", "renamed"}, {"renamed", "updated", "renamed"},
      {"renamed", "renamed", "renamed"}, {"renamed", "deleted", "deleted"},
      {"deleted", "created", "created"}};
  for (const auto& [before, after, both] : table) {
    tell("a", std::string("spec.") + before);
    tell("a", std::string("spec.") + after);
    EXPECT_THAT(told(), ElementsAre("2 spec." + std::string(both) + " a"))
        << before << ", " << after;
  }
}

TEST_F(CoalesceTest, TheLatestStateWithEverythingThatChanged) {
  tell("a", "spec.updated", R"({"changes":["title","status"],"files":["x"],"metadata":{"n":1}})");
  tell("a", "spec.updated", R"({"changes":["status"],"files":["y"],"metadata":{"n":2}})");
  EXPECT_THAT(told(), ElementsAre("2 spec.updated a {\"changes\":[\"title\",\"status\"],"
                                  "\"files\":[\"x\",\"y\"],\"metadata\":{\"n\":2}}"));
}

TEST_F(CoalesceTest, ARenamedSpecIsNamedByTheIdThatWasKnown) {
  tell("a", "spec.renamed", R"({"id":"two","from":"one"})");
  tell("a", "spec.renamed", R"({"id":"three","from":"two"})");
  tell("b", "spec.renamed", R"({"id":"two","from":"one"})");
  tell("b", "spec.updated", R"({"id":"two"})");
  EXPECT_THAT(told(), ElementsAre("2 spec.renamed a {\"id\":\"three\",\"from\":\"one\"}",
                                  "4 spec.renamed b {\"id\":\"two\",\"from\":\"one\"}"));
}

TEST_F(CoalesceTest, UrgentOnesComeFirstAndAllOfThem) {
  tell("a", "spec.updated");
  tell("a", "sync.error");
  tell("", "project.state");
  tell("a", "sync.error");
  tell("b", "conflict.detected");
  tell("b", "conflict.resolved");
  tell("", "project.state");
  EXPECT_THAT(told(), ElementsAre("2 sync.error a", "3 project.state ", "4 sync.error a",
                                  "5 conflict.detected b", "6 conflict.resolved b",
                                  "7 project.state ", "1 spec.updated a"));
}

}  // namespace
}  // namespace specd::realtime
