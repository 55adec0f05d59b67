#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

class ApiHistoryTest : public ApiTest {
 protected:
  void add(const std::string& file, std::optional<SpecKey> spec) {
    writing([&] {
      store::must(tables().history.add({.project = project_,
                                        .spec = std::move(spec),
                                        .direction = store::Direction::fs_to_db,
                                        .trigger = store::Trigger::file_watcher,
                                        .origin = "disk",
                                        .files_changed = {file},
                                        .duration_us = 77,
                                        .at = store::kNow}));
    });
  }
};

TEST_F(ApiHistoryTest, LatestComesFirst) {
  add("one.md", key("a"));
  add("two.md", std::nullopt);
  const std::string body = get("/api/v1/history").body;
  EXPECT_EQ(at(body, "history/0/files_changed/0"), "two.md");
  EXPECT_EQ(at(body, "history/0/spec"), "null");
  EXPECT_EQ(at(body, "history/1/files_changed/0"), "one.md");
  EXPECT_EQ(at(body, "history/1/project"), "alpha");
  EXPECT_EQ(at(body, "history/1/spec"), "KEY-a");
  EXPECT_EQ(at(body, "history/1/spec_id"), "a");
  EXPECT_EQ(at(body, "history/1/sync_direction"), "fs_to_db");
  EXPECT_EQ(at(body, "history/1/triggered_by"), "file_watcher");
  EXPECT_EQ(at(body, "history/1/success"), "true");
  EXPECT_EQ(at(body, "history/1/duration_us"), "77");
  EXPECT_EQ(at(body, "history/1/synced_at"), "2027-01-15T08:00:00.000000Z");
  EXPECT_EQ(at(body, "before"), "null");
}

TEST_F(ApiHistoryTest, PagesByCursorWithoutGapOrRepeat) {
  for (int i = 0; i < 7; ++i) add(std::to_string(i), key("a"));
  std::string seen;
  std::string cursor;
  do {
    const std::string body =
        get("/api/v1/history?limit=3" + (cursor.empty() ? "" : "&before=" + cursor)).body;
    for (int i = 0; i < 3; ++i) {
      const std::string file = at(body, "history/" + std::to_string(i) + "/files_changed/0");
      if (file.size() == 1) seen += file;
    }
    cursor = at(body, "before");
  } while (cursor != "null" && seen.size() < 20);
  EXPECT_EQ(seen, "6543210");
}

TEST_F(ApiHistoryTest, WhoAsksForWhatIsNewerGetsTheOldestFirstAndNothingTwice) {
  for (int i = 0; i < 7; ++i)
    add(std::to_string(i), i % 2 == 0 ? std::optional(key("a")) : std::nullopt);
  std::string seen;
  std::string cursor = at(get("/api/v1/history?limit=1&before=3").body, "history/0/id");
  EXPECT_EQ(cursor, "2");
  do {
    const std::string body = get("/api/v1/history?limit=3&after=" + cursor).body;
    for (int i = 0; i < 3; ++i) {
      const std::string file = at(body, "history/" + std::to_string(i) + "/files_changed/0");
      if (file.size() == 1) seen += file;
    }
    cursor = at(body, "after");
  } while (cursor != "null" && seen.size() < 20);
  EXPECT_EQ(seen, "23456");
  const std::string of_spec = get("/api/v1/history?after=1&spec=KEY-a&project=alpha").body;
  EXPECT_EQ(at(of_spec, "history/0/files_changed/0"), "2");
  EXPECT_EQ(at(of_spec, "history/1/files_changed/0"), "4");
  EXPECT_EQ(at(get("/api/v1/history?after=7").body, "history/0"), "nothing at history/0");
  expect_problem(get("/api/v1/history?after=x"), 400, "invalid");
  expect_problem(get("/api/v1/history?after=1&before=3"), 400, "invalid");
}

TEST_F(ApiHistoryTest, Filters) {
  add("mine.md", key("a"));
  add("other.md", std::nullopt);
  EXPECT_EQ(at(get("/api/v1/history?spec=KEY-a").body, "history/0/files_changed/0"), "mine.md");
  EXPECT_EQ(at(get("/api/v1/history?project=alpha").body, "history/1/files_changed/0"), "mine.md");
  EXPECT_EQ(at(get("/api/v1/history?spec=a").body, "history/0/files_changed/0"), "mine.md");
  expect_problem(get("/api/v1/history?spec=none"), 404, "not_found");
  EXPECT_EQ(at(get("/api/v1/history?spec=01ARZ3NDEKTSV4RRFFQ69G5FAV").body, "history/0"),
            "nothing at history/0")
      << "a key can be of a spec that is long gone";
  const std::string one_too_many = get("/api/v1/history?limit=1001").body;
  EXPECT_EQ(at(one_too_many, "detail"), "limit must be a whole number, 1 to 1000");
  expect_problem(get("/api/v1/history?before=-1"), 400, "invalid");
  expect_problem(get("/api/v1/history?project=none"), 404, "not_found");
  expect_problem(get("/api/v1/history?before=x"), 400, "invalid");
  expect_problem(get("/api/v1/history?limit="), 400, "invalid");
}

}  // namespace
}  // namespace specd::api
