// What the real daemon tells Prometheus, read by a parser of somebody else; and the hook by which
// others tell it to look.

#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "base/json.h"
#include "tests/net/raw_client.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using testing::HasSubstr;

class MetricsSystemTest : public testing::Test {
 protected:
  MetricsSystemTest() { put("tasks.md", "- [ ] a\n"); }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }

  void put(const std::string& name, const std::string& text) const {
    const std::string path = root_ + "/openspec/changes/x/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path + "~", std::ios::binary) << text;
    std::filesystem::rename(path + "~", path);
  }
  void start() { ASSERT_THAT(daemon_.start({root_}), HasSubstr("ready")); }

  /// Everything that is told now, by name; an empty object if the parser does not take it.
  Value scrape() const {
    const auto answer = daemon_.client().get("/api/v1/metrics");
    EXPECT_EQ(answer.status, 200) << answer.body;
    const std::string file = daemon_.folder() + "/metrics.txt";
    std::ofstream(file, std::ios::binary) << answer.body;
    const std::string source = SPECD_SOURCE_DIR;
    const std::string modules = source + "/tests/tools/node_modules";
    const auto parsed = daemon_.run({"sh", "-c", R"(NODE_PATH="$0" "$0/.bin/node" "$1" <"$2")",
                                     modules, source + "/tests/system/parse_metrics.cjs", file});
    EXPECT_EQ(parsed.exit_code, 0) << parsed.err << answer.body;
    return json::parse(parsed.out).value_or(Value{.kind = Value::Kind::map});
  }
  /// One sample; -1 where there is none.
  static double sample(const Value& metrics, const std::string& name, const std::string& at = "") {
    const Value* metric = metrics.find(name);
    const Value* samples = metric == nullptr ? nullptr : metric->find("samples");
    const Value* value = samples == nullptr ? nullptr : samples->find(at);
    return value == nullptr ? -1 : std::stod(value->text);
  }
  double now(const std::string& name, const std::string& at = "") const {
    return sample(scrape(), name, at);
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
};

TEST_F(MetricsSystemTest, AreWellFormedAndKeepToTheConventions) {
  start();
  const Value metrics = scrape();
  EXPECT_GE(metrics.entries.size(), 41U);
  const std::regex good("(specd|process)(_[a-z]+)+");
  for (const auto& [name, metric] : metrics.entries) {
    EXPECT_TRUE(std::regex_match(name, good)) << name;
    EXPECT_TRUE(metric.find("help")->text.ends_with(".")) << name << " says what it is";
    EXPECT_FALSE(metric.find("samples")->entries.empty()) << name;
    const std::string& type = metric.find("type")->text;
    EXPECT_NE(type, "UNTYPED") << name;
    EXPECT_EQ(type == "COUNTER", name.ends_with("_total")) << name;
  }
  EXPECT_EQ(sample(metrics, "specd_ready"), 1);
  EXPECT_EQ(sample(metrics, "specd_database_up"), 1);
  EXPECT_EQ(sample(metrics, "specd_project_specs", "project=app"), 1);
  EXPECT_EQ(sample(metrics, "specd_project_state", "project=app,state=ok"), 1);
  EXPECT_EQ(sample(metrics, "specd_project_scans_total", "project=app,cause=startup"), 1);
  EXPECT_GT(sample(metrics, "specd_project_last_verified_timestamp_seconds", "project=app"), 1e9);
  EXPECT_GE(sample(metrics, "specd_database_bytes"), 4096);
  EXPECT_GT(sample(metrics, "specd_search_database_bytes"), 0);
  EXPECT_GT(sample(metrics, "process_resident_memory_bytes"), 1e6);
  EXPECT_EQ(sample(metrics, "specd_http_connections"), 1);
  EXPECT_EQ(sample(metrics, "specd_realtime_listeners", "transport=socket.io"), 0);
  EXPECT_EQ(sample(metrics, "specd_realtime_given_up_total", "why=too_much"), 0);
}

TEST_F(MetricsSystemTest, MoveWithASaveAScanAndARequest) {
  start();
  const Value before = scrape();
  EXPECT_EQ(sample(before, "specd_sync_latency_seconds", "count"), 0);
  put("tasks.md", "- [x] a\n");
  EXPECT_TRUE(test::comes_true([&] { return now("specd_sync_latency_seconds", "count") >= 1; }));
  const Value saved = scrape();
  EXPECT_GT(sample(saved, "specd_sync_latency_seconds", "sum"), 0);
  EXPECT_EQ(sample(saved, "specd_sync_latency_seconds", "le=+Inf"),
            sample(saved, "specd_sync_latency_seconds", "count"));
  EXPECT_TRUE(test::comes_true([&] { return now("specd_search_lag_rows") == 0; }));

  EXPECT_EQ(daemon_.specd({"sync", "--wait"}).exit_code, 0);
  const Value scanned = scrape();
  EXPECT_EQ(sample(scanned, "specd_project_scans_total", "project=app,cause=manual"), 1);
  EXPECT_GT(sample(scanned, "specd_sync_rounds_total"), sample(before, "specd_sync_rounds_total"));

  const double found = sample(scanned, "specd_http_requests_total", "class=4xx");
  EXPECT_GT(sample(scanned, "specd_http_requests_total", "class=2xx"), 0);
  EXPECT_EQ(daemon_.client().get("/none").status, 404);
  EXPECT_EQ(now("specd_http_requests_total", "class=4xx"), found + 1);
}

TEST_F(MetricsSystemTest, ARevalidatedPathIsInTheDatabaseWhenItIsAnswered) {
  daemon_.add_to_environment("REVALIDATION_SECRET=open sesame");
  start();
  const auto revalidate = [&](const std::string& body) {
    return daemon_.client().post("/api/revalidate", body);
  };
  EXPECT_EQ(revalidate(R"({"secret":"open"})").status, 401);
  put("new.md", "# New\n");
  const auto answer =
      revalidate(R"({"secret":"open sesame","specPath":"openspec/changes/x/new.md"})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body, R"({"revalidated":true})");
  const auto history = daemon_.client().get("/api/v1/history?limit=1");
  EXPECT_THAT(history.body, HasSubstr("new.md"));
  EXPECT_EQ(revalidate(R"({"secret":"open sesame"})").body, R"({"revalidated":true})");
  EXPECT_EQ(revalidate(R"({"secret":"open sesame","specPath":"openspec/changes/none"})").status,
            404);
  const auto shown = daemon_.specd({"config", "show"});
  EXPECT_THAT(shown.out, HasSubstr("revalidation_secret: \"(hidden)\"  # REVALIDATION_SECRET"));
  EXPECT_EQ(shown.out.find("sesame"), std::string::npos);
  EXPECT_EQ(daemon_.log().find("sesame"), std::string::npos);
}

}  // namespace
}  // namespace specd
