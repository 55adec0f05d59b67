#include "tests/api/api_fixture.h"
#include "tests/fake/fake_clock.h"

namespace specd::api {
namespace {

using testing::HasSubstr;
using testing::Not;

class MetricsTest : public ApiTest {
 protected:
  MetricsTest() { services_.clock = &clock_; }
  std::string metrics() {
    const auto answer = get("/api/v1/metrics");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.headers.at("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    return answer.body;
  }
  FakeClock clock_;
};

TEST_F(MetricsTest, TellHowSyncAndItsProjectsDo) {
  status_.latency.observe(std::chrono::milliseconds(3));
  status_.oldest_unsynced = clock_.steady() - std::chrono::milliseconds(1500);
  status_.waiting_messages = 4;
  status_.dropped_messages = 5;
  sync::ProjectStatus project{.id = project_,
                              .slug = "al\"pha",
                              .state = store::ProjectState::held,
                              .waiting = 6,
                              .missed_by_watcher = 7,
                              .last_scan_at = store::kNow};
  project.scans_by_cause[static_cast<size_t>(store::Trigger::periodic)] = 8;
  status_.projects.push_back(project);
  watcher_ = {.overflows = 9, .restarts = 10, .waiting_files = 11};
  behind_since_ = clock_.steady() - std::chrono::milliseconds(250);
  writing([&] {
    store::Spec failing = spec("b");
    failing.sync_error = "design.md: no";
    store::must(tables().specs.insert(failing));
  });
  const std::string told = metrics();
  for (const char* line : {
           "\nspecd_build_info{version=\"1.2.3\"} 1\n",
           "\nspecd_sync_latency_seconds_bucket{le=\"0.0025\"} 0\n",
           "\nspecd_sync_latency_seconds_bucket{le=\"0.005\"} 1\n",
           "\nspecd_sync_latency_seconds_sum 0.003\n",
           "\nspecd_sync_oldest_unsynced_seconds 1.5\n",
           "\nspecd_sync_queue_messages 4\n",
           "\nspecd_sync_queue_dropped_total 5\n",
           "\nspecd_project_agenda_paths{project=\"al\\\"pha\"} 6\n",
           "\nspecd_project_missed_files_total{project=\"al\\\"pha\"} 7\n",
           "\nspecd_project_scans_total{project=\"al\\\"pha\",cause=\"periodic\"} 8\n",
           "\nspecd_project_scans_total{project=\"al\\\"pha\",cause=\"manual\"} 0\n",
           "\nspecd_project_state{project=\"al\\\"pha\",state=\"held\"} 1\n",
           "\nspecd_project_last_verified_timestamp_seconds{project=\"al\\\"pha\"} 1800000000\n",
           "\nspecd_project_specs{project=\"al\\\"pha\"} 2\n",
           "\nspecd_project_failing_specs{project=\"al\\\"pha\"} 1\n",
           "\nspecd_project_open_conflicts{project=\"al\\\"pha\"} 0\n",
           "\nspecd_watcher_overflows_total 9\n",
           "\nspecd_watcher_restarts_total 10\n",
           "\nspecd_watcher_waiting_files 11\n",
           "\nspecd_search_lag_seconds 0.25\n",
           "\nspecd_http_connections 1\n",
           "\nspecd_database_up 1\n",
           "\nspecd_realtime_listeners{transport=\"sse\"} 0\n",
           "\nspecd_realtime_opened_total 0\n",
           "\nspecd_ready 0\n",
       })
    EXPECT_THAT(told, HasSubstr(line));
  EXPECT_THAT(told, Not(HasSubstr("specd_database_bytes 0\n")));
  EXPECT_THAT(told, Not(HasSubstr("process_resident_memory_bytes 0\n")));
}

TEST_F(MetricsTest, TellWhoListensAndHowThatGoes) {
  test::RawClient stream = client(), another = client();
  stream.send_request("GET", "/api/v1/events");
  stream.read_until("id: ");
  another.send_request("GET", "/api/v1/events?since=1-1");
  another.read_until("event: resync");
  EXPECT_EQ(get("/api/v1/events?types=none").status, 400);
  commit_event("spec.updated");
  stream.read_until("event: spec.updated");
  another.read_until("event: spec.updated");
  const std::string told = metrics();
  for (const char* line : {
           "\nspecd_realtime_listeners{transport=\"sse\"} 2\n",
           "\nspecd_realtime_listeners{transport=\"websocket\"} 0\n",
           "\nspecd_realtime_listeners{transport=\"socket.io\"} 0\n",
           "\nspecd_realtime_listeners_behind 0\n",
           "\nspecd_realtime_opened_total 2\n",
           "\nspecd_realtime_refused_total 1\n",
           "\nspecd_realtime_messages_total 2\n",
           "\nspecd_realtime_resyncs_total 1\n",
           "\nspecd_realtime_given_up_total{why=\"silent\"} 0\n",
           "\nspecd_realtime_given_up_total{why=\"too_much\"} 0\n",
       })
    EXPECT_THAT(told, HasSubstr(line));
}

TEST_F(MetricsTest, RequestsAreCountedByTheirStatus) {
  get("/none");
  get("/none");
  client().send("no HTTP\r\n\r\n");
  ASSERT_TRUE(test::comes_true([&] { return desk_->stats().answers[3] == 3; }));
  const std::string told = metrics();
  EXPECT_THAT(told, HasSubstr("specd_http_requests_total{class=\"4xx\"} 3\n"));
  EXPECT_THAT(told, HasSubstr("specd_http_requests_total{class=\"2xx\"} 0\n"));
  EXPECT_THAT(metrics(), HasSubstr("specd_http_requests_total{class=\"2xx\"} 1\n"));
}

TEST_F(MetricsTest, RowsThatAreNotIndexedYetAreCounted) {
  writing([&] { pull(path("a", "tasks.md"), "one\n"); });
  const auto search = store::must(store::Search::open(folder()));
  EXPECT_THAT(metrics(), HasSubstr("specd_search_lag_rows 1\n"));
  while (store::must(search->step(10))) continue;
  EXPECT_THAT(metrics(), HasSubstr("specd_search_lag_rows 0\n"));
  writing([&] {
    pull(path("a", "tasks.md"), "two\n");
    pull(path("a", "design.md"), "three\n");
  });
  EXPECT_THAT(metrics(), HasSubstr("specd_search_lag_rows 2\n"));
  store::must(search->rebuild());
  EXPECT_THAT(metrics(), HasSubstr("specd_search_lag_rows 2\n")) << "all of them";
  EXPECT_TRUE(store::must(search->step(1)));
  EXPECT_THAT(metrics(), HasSubstr("specd_search_lag_rows 1\n")) << "the newest goes first";
}

TEST_F(MetricsTest, WhatCannotBeReadIsLeftOut) {
  status_.projects.push_back({.id = project_, .slug = "alpha"});
  store_.reset();
  std::filesystem::remove_all(folder());
  readers_.renew();
  searches_.renew();
  const std::string told = metrics();
  EXPECT_THAT(told, HasSubstr("specd_database_up 0\n"));
  EXPECT_THAT(told, HasSubstr("specd_sync_latency_seconds_count 0\n"));
  EXPECT_THAT(told, Not(HasSubstr("specd_project_specs")));
  EXPECT_THAT(told, Not(HasSubstr("specd_search_lag_rows")));
}

}  // namespace
}  // namespace specd::api
