// GET /api/v1/queue and /api/v1/projects/{slug}/queue: what there is to do, in the order in which
// to do it. With an ETag. Query: `state` ready (default), blocked, claimed, review, all; `limit` 1
// to 100000 (1000). GET /api/v1/queue/next: {"item": …}, the first that is ready, which is what a
// claim would take; null where nothing is. Query: `project`.
//
// An item is a live change or LeanSpec folder that is not finished (spec/lifecycle.h). Where an
// agent has it, it is claimed; where its status says that its work is done, it waits for a review;
// else it is ready when everything that it depends on is finished. What is there no more, or is not
// one spec alone, can never be, so it blocks as well and says why. By priority (critical, high,
// medium, low, none, any other word), then the oldest first (by the day that its front matter or
// its metadata says; those that say none behind the others), then by project and id.
//
//   total                     integer  items in this state, listed or not
//   items                     list
//     project                 string   slug
//     key, id, kind, title    string
//     status, priority        string or null (none)
//     assignee                string or null (nobody)
//     created                 string or null: as it is written, "2026-11-21…"
//     tasks_done, tasks_total integer
//     state                   string   ready, blocked, claimed, review
//     ready                   boolean
//     claimed_by              string or null (nobody)
//     claim_expires_at        string or null
//     blocked_by              list     empty where it waits for nothing
//       name                  string   what stands in `depends_on`
//       why                   string   "not_done"; "none" has that name; or it is "ambiguous"
//       key, id               string, null unless why is "not_done"
//       status                string or null, likewise

#include <algorithm>
#include <map>

#include "api/answers.h"
#include "api/handlers.h"
#include "proto/json_build.h"
#include "sync/backlog.h"

namespace specd::api {
namespace {

using sync::WorkState;

constexpr Range kLimit{.least = 1, .most = 100'000, .fallback = 1'000};

/// The live specs of one project.
struct Project {
  std::map<SpecKey, store::Spec> specs;
  std::map<SpecKey, store::Claim> claims;
  sync::Backlog backlog;
  bool is_kept = true;  ///< neither paused nor away: its work is handed out
};

struct Item {
  const Project* project = nullptr;
  const sync::WorkItem* work = nullptr;
  WorkState state{};

  [[nodiscard]] auto order() const { return project->backlog.order(*work); }
};

/// None: all.
Result<std::optional<WorkState>> parse_state(const net::Fields& query) {
  const std::string* text = query.find("state");
  if (text == nullptr) return WorkState::ready;
  if (*text == "all") return std::optional<WorkState>();
  for (const auto state :
       {WorkState::ready, WorkState::blocked, WorkState::claimed, WorkState::review}) {
    if (*text == sync::to_string(state)) return state;
  }
  return fail(Code::invalid, "state must be ready, blocked, claimed, review or all");
}

Value to_value(const sync::Blocker& blocker) {
  const sync::WorkItem* other = blocker.other;
  Value value = proto::object();
  value.entries.emplace_back("name", proto::text(blocker.name));
  value.entries.emplace_back("why", proto::text(blocker.why));
  value.entries.emplace_back("key", proto::text_or_null(other ? other->key.value.text : ""));
  value.entries.emplace_back("id", proto::text_or_null(other ? other->id : ""));
  value.entries.emplace_back("status", proto::text_or_null(other ? other->status : ""));
  return value;
}

Value to_value(const Item& item) {
  const Project& project = *item.project;
  const store::Spec& spec = project.specs.at(item.work->key);
  const auto claim = project.claims.find(spec.key);
  const bool is_claimed = claim != project.claims.end();
  Value value = proto::object();
  auto& entries = value.entries;
  entries.emplace_back("project", proto::text(project.backlog.slug()));
  entries.emplace_back("key", proto::text(spec.key.value.text));
  entries.emplace_back("id", proto::text(spec.id));
  entries.emplace_back("kind", proto::text(spec::to_string(spec.kind)));
  entries.emplace_back("title", proto::text(spec.title));
  entries.emplace_back("status", proto::text_or_null(spec.status));
  entries.emplace_back("priority", proto::text_or_null(spec.priority));
  entries.emplace_back("assignee", proto::text_or_null(spec.assignee));
  entries.emplace_back("created", proto::text_or_null(item.work->created));
  entries.emplace_back("tasks_done", proto::number(spec.tasks_done));
  entries.emplace_back("tasks_total", proto::number(spec.tasks_total));
  entries.emplace_back("state", proto::text(sync::to_string(item.state)));
  entries.emplace_back("ready", proto::boolean(item.state == WorkState::ready));
  entries.emplace_back("claimed_by", proto::text_or_null(is_claimed ? claim->second.agent : ""));
  entries.emplace_back("claim_expires_at",
                       proto::timestamp(is_claimed ? claim->second.expires_at : std::nullopt));
  Value blocked_by = proto::list();
  for (const sync::Blocker& blocker : project.backlog.blockers(*item.work))
    blocked_by.items.push_back(to_value(blocker));
  entries.emplace_back("blocked_by", std::move(blocked_by));
  return value;
}

Result<Project> read_project(const store::Tables& tables, const store::Project& wanted) {
  using State = store::ProjectState;
  Project project{{}, {}, sync::Backlog(wanted.slug)};
  project.is_kept = wanted.state == State::ok || wanted.state == State::read_only;
  auto specs = tables.specs.list_live(wanted.id);
  if (!specs) return tl::unexpected(specs.error());
  for (store::Spec& spec : *specs) {
    project.backlog.put(spec);
    project.specs.emplace(spec.key, std::move(spec));
  }
  auto claims = tables.claims.list(wanted.id);
  if (!claims) return tl::unexpected(claims.error());
  for (store::Claim& claim : *claims) project.claims.emplace(claim.spec, std::move(claim));
  return project;
}

/// Of one project, or of all where the request names none.
Result<std::vector<Project>> read_projects(const Api& api, const net::Request& request) {
  const std::string* slug = request.params.find("slug");
  if (slug == nullptr) slug = request.query.find("project");
  const auto lease = api.readers.take();
  if (!lease) return tl::unexpected(lease.error());
  const auto snapshot = lease->reader().snapshot();
  if (!snapshot) return tl::unexpected(snapshot.error());
  const store::Tables& tables = lease->tables();
  std::vector<store::Project> wanted;
  if (slug != nullptr) {
    auto project = project_called(tables, *slug);
    if (!project) return tl::unexpected(project.error());
    wanted.push_back(std::move(*project));
  } else {
    auto all = tables.projects.list();
    if (!all) return tl::unexpected(all.error());
    wanted = std::move(*all);
  }
  std::vector<Project> projects;
  for (const store::Project& each : wanted) {
    auto project = read_project(tables, each);
    if (!project) return tl::unexpected(project.error());
    projects.push_back(std::move(*project));
  }
  return projects;
}

std::vector<Item> items_of(const std::vector<Project>& projects, std::optional<WorkState> wanted,
                           const spec::Workflows& workflows) {
  std::vector<Item> items;
  for (const Project& project : projects) {
    for (const sync::WorkItem* work : project.backlog.unfinished()) {
      const bool is_claimed = project.claims.contains(work->key);
      const WorkState state = sync::state_of(project.backlog, *work, is_claimed, workflows);
      if (!wanted || state == *wanted) items.push_back({&project, work, state});
    }
  }
  std::ranges::sort(items,
                    [](const Item& one, const Item& other) { return one.order() < other.order(); });
  return items;
}

}  // namespace

Result<net::Response> get_queue(const Api& api, const net::Request& request) {
  const auto state = parse_state(request.query);
  if (!state) return tl::unexpected(state.error());
  const auto limit = number_in(request.query, "limit", kLimit);
  if (!limit) return tl::unexpected(limit.error());
  const auto projects = read_projects(api, request);
  if (!projects) return tl::unexpected(projects.error());
  const std::vector<Item> items = items_of(*projects, *state, api.services.workflows);
  Value listed = proto::list();
  const size_t shown = std::min(items.size(), static_cast<size_t>(*limit));
  for (size_t i = 0; i < shown; ++i) listed.items.push_back(to_value(items[i]));
  Value value = proto::object();
  value.entries.emplace_back("total", proto::number(static_cast<int64_t>(items.size())));
  value.entries.emplace_back("items", std::move(listed));
  return tagged_answer(value);
}

Result<net::Response> get_next(const Api& api, const net::Request& request) {
  auto projects = read_projects(api, request);
  if (!projects) return tl::unexpected(projects.error());
  std::erase_if(*projects, [](const Project& project) { return !project.is_kept; });
  const auto ready = items_of(*projects, WorkState::ready, api.services.workflows);
  Value value = proto::object();
  value.entries.emplace_back("item", ready.empty() ? Value() : to_value(ready.front()));
  return tagged_answer(value);
}

}  // namespace specd::api
