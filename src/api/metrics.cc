// GET /api/v1/metrics: text/plain, as Prometheus reads it. Times are in seconds, sizes in bytes;
// what ends in _total counts since the daemon's start. Each metric says in its HELP what it is;
// docs/operations.md tells which ones to look at.

#include <algorithm>
#include <map>
#include <memory>

#include "api/answers.h"
#include "api/handlers.h"
#include "base/memory.h"
#include "proto/metrics_text.h"
#include "realtime/dialect.h"
#include "realtime/listeners.h"

namespace specd::api {
namespace {

using proto::MetricsText;
using Type = MetricsText::Type;

double seconds(SteadyTime::duration duration) {
  return std::chrono::duration<double>(duration).count();
}
double seconds(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

/// Writes them down, a group after the other: those of listeners last, on the loop, where they are
/// known; all others on a worker.
class Metrics {
 public:
  explicit Metrics(const Api& api) : api_(api), engine_(api.services.status()) {}

  void add_all() {
    add_process();
    add_sync();
    add_projects();
    add_watcher();
    add_search();
    add_desk();
    add_database();
  }

  void add_listeners(const realtime::ListenerStats& stats) {
    text_.begin("specd_realtime_listeners", Type::gauge, "Who listens to events now.");
    for (const auto* dialect : {&realtime::sse(), &realtime::websocket(), &realtime::socket_io()}) {
      const std::string_view name = dialect->name();
      const auto count = std::ranges::count(stats.listeners, name, &realtime::Listener::transport);
      text_.add(count, {{"transport", name}});
    }
    one("specd_realtime_listeners_behind", Type::gauge,
        "Of these, who reads slowly or is being left alone.",
        std::ranges::count(stats.listeners, true, &realtime::Listener::is_behind));
    one("specd_realtime_opened_total", Type::counter, "Listeners that came.", stats.opened);
    one("specd_realtime_refused_total", Type::counter,
        "Listeners that were not let in: too many, or what they wanted could not be.",
        stats.refused);
    one("specd_realtime_messages_total", Type::counter,
        "Events and batches that were sent, counted for each listener.", stats.messages);
    one("specd_realtime_resyncs_total", Type::counter,
        "Listeners that had to read everything again, since what they missed is not kept.",
        stats.resyncs);
    text_.begin("specd_realtime_given_up_total", Type::counter,
                "Listeners that were given up: they gave no sign for long, or said too much.");
    text_.add(stats.given_up - stats.said_too_much, {{"why", "silent"}});
    text_.add(stats.said_too_much, {{"why", "too_much"}});
  }

  [[nodiscard]] net::Response answer() {
    return {.headers = {{"Content-Type", std::string(proto::kMetricsType)},
                        {"Cache-Control", "no-store"}},
            .body = text_.take()};
  }

 private:
  template <class T>
  void one(std::string_view name, Type type, std::string_view help, T value) {
    text_.begin(name, type, help);
    text_.add(value);
  }

  /// A sample for each project.
  template <class Of>
  void each(std::string_view name, Type type, std::string_view help, Of of) {
    text_.begin(name, type, help);
    for (const sync::ProjectStatus& project : engine_.projects)
      text_.add(of(project), {{"project", project.slug}});
  }

  [[nodiscard]] double age(std::optional<SteadyTime> since) const {
    return since ? seconds(std::max(api_.services.clock->steady() - *since, {})) : 0;
  }

  void add_process() {
    text_.begin("specd_build_info", Type::gauge, "Which specd this is; always 1.");
    text_.add(uint64_t{1}, {{"version", api_.services.version}});
    one("process_start_time_seconds", Type::gauge, "When the daemon started, since the epoch.",
        seconds(api_.services.started_at));
    one("process_resident_memory_bytes", Type::gauge, "Memory that the daemon has in use.",
        resident_bytes());
    one("specd_ready", Type::gauge, "1 once every project has been looked at.",
        uint64_t{api_.services.is_ready() ? 1U : 0U});
  }

  void add_sync() {
    text_.begin("specd_sync_latency_seconds", Type::histogram,
                "From the watcher's hint of a change until the commit that has it.");
    text_.add(engine_.latency);
    one("specd_sync_oldest_unsynced_seconds", Type::gauge,
        "Age of the oldest change that was noticed and is not in the database; 0: all are.",
        age(engine_.oldest_unsynced));
    one("specd_sync_queue_messages", Type::gauge,
        "Hints and orders that the sync thread has not taken up yet.",
        uint64_t{engine_.waiting_messages});
    one("specd_sync_queue_dropped_total", Type::counter,
        "Hints that did not fit into that queue; each led to a complete scan.",
        engine_.dropped_messages);
    one("specd_sync_rounds_total", Type::counter, "Rounds of the sync thread.", engine_.rounds);
    one("specd_sync_failures_total", Type::counter,
        "Rounds of a project that failed and were tried again.", engine_.failures);
  }

  void add_projects() {
    using Status = sync::ProjectStatus;
    text_.begin("specd_project_state", Type::gauge, "1 for the state that the project is in.");
    for (const Status& project : engine_.projects) {
      text_.add(uint64_t{1},
                {{"project", project.slug}, {"state", store::to_string(project.state)}});
    }
    each("specd_project_agenda_paths", Type::gauge, "Paths that have to be looked at.",
         [](const Status& project) { return uint64_t{project.waiting}; });
    each("specd_project_busy_files", Type::gauge, "Files that somebody is writing.",
         [](const Status& project) { return uint64_t{project.busy}; });
    each("specd_project_pending_pushes", Type::gauge,
         "Rows that were edited and wait to be written to disk.",
         [](const Status& project) { return uint64_t{project.pending_pushes}; });
    each("specd_project_missed_files_total", Type::counter,
         "Changes of active specs that the watcher missed and a scan found.",
         [](const Status& project) { return project.missed_by_watcher; });
    text_.begin("specd_project_last_verified_timestamp_seconds", Type::gauge,
                "When the latest complete scan ended, since the epoch; none before the first.");
    for (const Status& project : engine_.projects) {
      if (project.last_scan_at)
        text_.add(seconds(*project.last_scan_at), {{"project", project.slug}});
    }
    text_.begin("specd_project_scans_total", Type::counter,
                "Complete scans by what caused them; file_watcher: it did not know enough.");
    for (const Status& project : engine_.projects) {
      for (size_t cause = 0; cause < project.scans_by_cause.size(); ++cause) {
        const auto trigger = static_cast<store::Trigger>(cause);
        // The others never cause one.
        if (trigger == store::Trigger::user_edit || trigger == store::Trigger::external_db)
          continue;
        text_.add(project.scans_by_cause[cause],
                  {{"project", project.slug}, {"cause", store::to_string(trigger)}});
      }
    }
  }

  void add_watcher() {
    const WatcherStats watcher = api_.services.watcher();
    one("specd_watcher_overflows_total", Type::counter,
        "Overflows of the kernel's queue; each led to a complete scan.", watcher.overflows);
    one("specd_watcher_restarts_total", Type::counter, "Restarts of the watcher.",
        watcher.restarts);
    one("specd_watcher_waiting_files", Type::gauge,
        "Files whose writer is at work, told when they hold still.",
        uint64_t{watcher.waiting_files});
  }

  void add_search() {
    one("specd_search_lag_seconds", Type::gauge,
        "How long something has been waiting for the search index; 0: nothing is.",
        age(api_.services.search_behind_since()));
    const auto rows = search_lag();
    if (rows) one("specd_search_lag_rows", Type::gauge, "Files that are not indexed yet.", *rows);
  }

  // Newer ones than the latest that is indexed, or, where the index is being made anew and goes no
  // such way, all that it does not have.
  [[nodiscard]] Result<int64_t> search_lag() const {
    const auto search = api_.searches.take();
    if (!search) return tl::unexpected(search.error());
    const auto extent = search->reader().extent();
    if (!extent) return tl::unexpected(extent.error());
    const auto reader = api_.readers.take();
    if (!reader) return tl::unexpected(reader.error());
    auto newer = reader->tables().reports.count_after(extent->last);
    if (!newer) return newer;
    auto all = reader->tables().reports.count_after(Rev{-1});
    if (!all) return all;
    return std::max(*newer, *all - extent->rows);
  }

  void add_desk() {
    const net::FrontDeskStats desk = api_.services.desk();
    one("specd_http_connections", Type::gauge, "Open connections.", uint64_t{desk.connections});
    one("specd_http_event_streams", Type::gauge, "Of these, event streams.",
        uint64_t{desk.streams});
    one("specd_http_waiting_jobs", Type::gauge, "Requests that no worker has yet.",
        uint64_t{desk.waiting_jobs});
    one("specd_http_turned_away_total", Type::counter,
        "Connections that were refused because too many were open.", desk.turned_away);
    text_.begin("specd_http_requests_total", Type::counter, "Answered requests by their status.");
    for (size_t i = 0; i < desk.answers.size(); ++i)
      text_.add(desk.answers[i], {{"class", std::to_string(i + 1) + "xx"}});
  }

  void add_database() {
    const store::FileSizes sizes = api_.services.file_sizes();
    one("specd_database_bytes", Type::gauge, "Size of the database file.", sizes.database);
    one("specd_database_wal_bytes", Type::gauge, "Size of its write-ahead log.", sizes.log);
    one("specd_search_database_bytes", Type::gauge, "Size of the search index.", sizes.search);
    const bool is_told = add_counts();
    one("specd_database_up", Type::gauge, "1: the database could be read for this answer.",
        uint64_t{is_told ? 1U : 0U});
  }

  /// False, and nothing is said, if the database cannot be read.
  bool add_counts() {
    struct Counts {
      int64_t specs, conflicts, failing;
    };
    std::map<ProjectId, Counts> counts;
    const auto reader = api_.readers.take();
    if (!reader) return false;
    const store::Tables& tables = reader->tables();
    for (const sync::ProjectStatus& project : engine_.projects) {
      const auto specs = tables.specs.count_live(project.id);
      const auto conflicts = tables.conflicts.count_open(project.id);
      const auto failing = tables.specs.count_failing(project.id);
      if (!specs || !conflicts || !failing) return false;
      counts[project.id] = {*specs, *conflicts, *failing};
    }
    each("specd_project_specs", Type::gauge, "Specs that are there.",
         [&](const sync::ProjectStatus& project) { return counts[project.id].specs; });
    each("specd_project_open_conflicts", Type::gauge, "Conflicts that nobody has settled.",
         [&](const sync::ProjectStatus& project) { return counts[project.id].conflicts; });
    each("specd_project_failing_specs", Type::gauge, "Specs with a sync error.",
         [&](const sync::ProjectStatus& project) { return counts[project.id].failing; });
    return true;
  }

  const Api& api_;
  const sync::EngineStatus engine_;
  MetricsText text_;
};

}  // namespace

void get_metrics(const Api& api, const net::Request&, net::Responder respond) {
  const auto metrics = std::make_shared<Metrics>(api);
  metrics->add_all();
  api.services.listeners([metrics, respond = std::move(respond)](const auto& stats) {
    metrics->add_listeners(stats);
    respond(metrics->answer());
  });
}

}  // namespace specd::api
