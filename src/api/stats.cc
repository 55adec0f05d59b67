// GET /api/v1/stats: what there is, and what has been going on. With an ETag. Query: `project` (a
// slug; all of them without it), `days` 1 to 365 (30). One snapshot.
//
//   project            string or null (all)
//   totals             object
//     projects, specs  integer  specs are live ones
//     files, bytes     integer  that were read from disk and are there
//     open_conflicts, failing_specs  integer
//   kinds              list     one for each of change, archived, capability, leanspec
//     kind             string
//     specs, tasks_done, tasks_total  integer
//   statuses           list     by kind, then status
//     kind             string
//     status           string or null (none)
//     specs            integer
//   progress           object   integers by the name of the progress: "no-tasks", "in-progress",
//                               "complete"; of specs of every kind but capabilities
//   tasks              object   { done, total }: integers, over the same
//   latency            object   of the latest 10000 changes that the watcher told and that
//   succeeded
//                               (duration_us of the history): from the file's change being noticed
//                               until it was written to the database. The histogram of
//                               /api/v1/metrics, which begins anew with the daemon, is another one.
//     samples          integer
//     p50_us, p90_us, p99_us  integer or null (no samples): the least duration that so many
//                               percent did not exceed
//   activity           list     `days` days in UTC up to today, oldest first
//     day              string   "2027-01-15"
//     changes          integer  entries of the history that succeeded
//     failures         integer  and that did not, each repetition counted

#include <array>

#include "api/answers.h"
#include "api/handlers.h"
#include "base/time.h"
#include "proto/json_build.h"

namespace specd::api {
namespace {

using Days = std::chrono::sys_days;

constexpr Range kDays{.least = 1, .most = 365, .fallback = 30};
constexpr int64_t kSamples = 10'000;
constexpr std::array kKinds = {spec::Kind::change, spec::Kind::archived, spec::Kind::capability,
                               spec::Kind::leanspec};
constexpr std::array kProgresses = {spec::Progress::no_tasks, spec::Progress::in_progress,
                                    spec::Progress::complete};

/// What was asked for.
struct Scope {
  std::optional<store::Project> project;
  int64_t days = 0;
  [[nodiscard]] std::optional<ProjectId> id() const {
    return project ? std::optional(project->id) : std::nullopt;
  }
};

Result<Scope> parse_scope(const net::Fields& query, const store::Tables& tables) {
  Scope scope;
  const auto days = number_in(query, "days", kDays);
  if (!days) return tl::unexpected(days.error());
  scope.days = *days;
  if (const std::string* slug = query.find("project"); slug != nullptr) {
    auto project = project_called(tables, *slug);
    if (!project) return tl::unexpected(project.error());
    scope.project = std::move(*project);
  }
  return scope;
}

Result<Value> totals_of(const store::Tables& tables, const Scope& scope, int64_t specs) {
  const auto files = tables.reports.files(scope.id());
  if (!files) return tl::unexpected(files.error());
  std::vector<store::Project> projects;
  if (scope.project) {
    projects.push_back(*scope.project);
  } else {
    auto all = tables.projects.list();
    if (!all) return tl::unexpected(all.error());
    projects = std::move(*all);
  }
  int64_t conflicts = 0, failing = 0;
  for (const store::Project& project : projects) {
    const auto open = tables.conflicts.count_open(project.id);
    if (!open) return tl::unexpected(open.error());
    const auto ill = tables.specs.count_failing(project.id);
    if (!ill) return tl::unexpected(ill.error());
    conflicts += *open;
    failing += *ill;
  }
  Value totals = proto::object();
  totals.entries.emplace_back("projects", proto::number(static_cast<int64_t>(projects.size())));
  totals.entries.emplace_back("specs", proto::number(specs));
  totals.entries.emplace_back("files", proto::number(files->files));
  totals.entries.emplace_back("bytes", proto::number(files->bytes));
  totals.entries.emplace_back("open_conflicts", proto::number(conflicts));
  totals.entries.emplace_back("failing_specs", proto::number(failing));
  return totals;
}

Value kinds_of(const std::vector<store::SpecCount>& counts) {
  Value kinds = proto::list();
  for (spec::Kind kind : kKinds) {
    int64_t specs = 0, done = 0, total = 0;
    for (const store::SpecCount& count : counts) {
      if (count.kind != kind) continue;
      specs += count.specs;
      done += count.tasks_done;
      total += count.tasks_total;
    }
    Value told = proto::object();
    told.entries.emplace_back("kind", proto::text(spec::to_string(kind)));
    told.entries.emplace_back("specs", proto::number(specs));
    told.entries.emplace_back("tasks_done", proto::number(done));
    told.entries.emplace_back("tasks_total", proto::number(total));
    kinds.items.push_back(std::move(told));
  }
  return kinds;
}

// The counts come by kind and status: equal ones stand together.
Value statuses_of(const std::vector<store::SpecCount>& counts) {
  Value statuses = proto::list();
  for (size_t i = 0; i < counts.size();) {
    const store::SpecCount& first = counts[i];
    int64_t specs = 0;
    for (; i < counts.size() && counts[i].kind == first.kind && counts[i].status == first.status;
         ++i)
      specs += counts[i].specs;
    Value told = proto::object();
    told.entries.emplace_back("kind", proto::text(spec::to_string(first.kind)));
    told.entries.emplace_back("status", proto::text_or_null(first.status));
    told.entries.emplace_back("specs", proto::number(specs));
    statuses.items.push_back(std::move(told));
  }
  return statuses;
}

void add_progress(const std::vector<store::SpecCount>& counts, Value& stats) {
  Value progress = proto::object();
  int64_t done = 0, total = 0;
  for (spec::Progress each : kProgresses) {
    int64_t specs = 0;
    for (const store::SpecCount& count : counts) {
      if (count.kind == spec::Kind::capability || count.progress != each) continue;
      specs += count.specs;
      done += count.tasks_done;
      total += count.tasks_total;
    }
    progress.entries.emplace_back(std::string(spec::to_string(each)), proto::number(specs));
  }
  Value tasks = proto::object();
  tasks.entries.emplace_back("done", proto::number(done));
  tasks.entries.emplace_back("total", proto::number(total));
  stats.entries.emplace_back("progress", std::move(progress));
  stats.entries.emplace_back("tasks", std::move(tasks));
}

Value latency_of(const std::vector<int64_t>& sorted) {
  Value latency = proto::object();
  latency.entries.emplace_back("samples", proto::number(static_cast<int64_t>(sorted.size())));
  for (const auto& [name, percent] : {std::pair{"p50_us", 50}, {"p90_us", 90}, {"p99_us", 99}}) {
    // The nearest rank: percent of the samples, rounded up.
    const size_t rank = (sorted.size() * static_cast<size_t>(percent) + 99) / 100;
    latency.entries.emplace_back(name, sorted.empty() ? Value() : proto::number(sorted[rank - 1]));
  }
  return latency;
}

Result<Value> activity_of(const store::Tables& tables, const Scope& scope, WallTime now) {
  const Days today = std::chrono::floor<std::chrono::days>(now);
  const Days first = today - std::chrono::days(scope.days - 1);
  const auto counts = tables.reports.activity(scope.id(), first);
  if (!counts) return tl::unexpected(counts.error());
  Value days = proto::list();
  auto count = counts->begin();
  for (Days day = first; day <= today; day += std::chrono::days(1)) {
    const int64_t number = day.time_since_epoch().count();
    while (count != counts->end() && count->day < number) ++count;
    const bool has_any = count != counts->end() && count->day == number;
    Value told = proto::object();
    told.entries.emplace_back("day", proto::text(rfc3339(day).substr(0, 10)));
    told.entries.emplace_back("changes", proto::number(has_any ? count->changes : 0));
    told.entries.emplace_back("failures", proto::number(has_any ? count->failures : 0));
    days.items.push_back(std::move(told));
  }
  return days;
}

}  // namespace

Result<net::Response> get_stats(const Api& api, const net::Request& request) {
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const store::Tables& tables = reader->tables();
  const auto snapshot = reader->reader().snapshot();
  if (!snapshot) return tl::unexpected(snapshot.error());
  const auto scope = parse_scope(request.query, tables);
  if (!scope) return tl::unexpected(scope.error());
  const auto counts = tables.reports.specs(scope->id());
  if (!counts) return tl::unexpected(counts.error());
  int64_t specs = 0;
  for (const store::SpecCount& count : *counts) specs += count.specs;
  auto totals = totals_of(tables, *scope, specs);
  if (!totals) return tl::unexpected(totals.error());
  const auto durations = tables.reports.durations_us(scope->id(), kSamples);
  if (!durations) return tl::unexpected(durations.error());
  auto activity = activity_of(tables, *scope, api.services.clock->wall());
  if (!activity) return tl::unexpected(activity.error());

  Value stats = proto::object();
  stats.entries.emplace_back("project",
                             proto::text_or_null(scope->project ? scope->project->slug : ""));
  stats.entries.emplace_back("totals", std::move(*totals));
  stats.entries.emplace_back("kinds", kinds_of(*counts));
  stats.entries.emplace_back("statuses", statuses_of(*counts));
  add_progress(*counts, stats);
  stats.entries.emplace_back("latency", latency_of(*durations));
  stats.entries.emplace_back("activity", std::move(*activity));
  return tagged_answer(stats);
}

}  // namespace specd::api
