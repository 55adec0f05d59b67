// GET /api/v1/queue and /api/v1/projects/{slug}/queue: what there is to do, in the order in which
// to do it. With an ETag. Query: `state` ready (default), blocked, all; `limit` 1 to 100000
// (1000).
//
// An item is a live change or LeanSpec folder that is not finished (spec/lifecycle.h). It is ready
// when everything that it depends on is finished; what is there no more, or is not one spec alone,
// can never be, so it blocks as well and says why. By priority (critical, high, medium, low, none,
// any other word), then the oldest first (by the day that its front matter or its metadata says;
// those that say none behind the others), then by project and id.
//
//   total                     integer  items in this state, listed or not
//   items                     list
//     project                 string   slug
//     key, id, kind, title    string
//     status, priority        string or null (none)
//     assignee                string or null (nobody)
//     created                 string or null: as it is written, "2026-11-21…"
//     tasks_done, tasks_total integer
//     ready                   boolean
//     blocked_by              list     empty where it is ready
//       name                  string   what stands in `depends_on`
//       why                   string   "not_done"; "none" has that name; or it is "ambiguous"
//       key, id               string, null unless why is "not_done"
//       status                string or null, likewise

#include <algorithm>
#include <tuple>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/links.h"
#include "proto/json_build.h"
#include "spec/lifecycle.h"

namespace specd::api {
namespace {

constexpr Range kLimit{.least = 1, .most = 100'000, .fallback = 1'000};

struct Item {
  const std::string* project = nullptr;
  const store::Spec* spec = nullptr;
  int rank = 0;  ///< of its priority
  std::string created;
  std::vector<Value> blocked_by;

  [[nodiscard]] auto order() const {
    return std::tuple(rank, created.empty(), std::string_view(created), std::string_view(*project),
                      std::string_view(spec->id));
  }
};

/// The live specs of one project; items point into it.
struct Project {
  std::string slug;
  std::vector<store::Spec> specs;
};

enum class State { ready, blocked, all };

Result<State> parse_state(const net::Fields& query) {
  const std::string* text = query.find("state");
  if (text == nullptr || *text == "ready") return State::ready;
  if (*text == "blocked") return State::blocked;
  if (*text == "all") return State::all;
  return fail(Code::invalid, "state must be ready, blocked or all");
}

bool is_finished(const store::Spec& spec) {
  return spec::is_finished(spec.kind, spec.status);
}

Value blocker(const Link& link, const std::vector<store::Spec>& specs) {
  const store::Spec* other = link.is_resolved() ? &specs[link.to.front()] : nullptr;
  Value value = proto::object();
  value.entries.emplace_back("name", proto::text(link.name));
  value.entries.emplace_back("why", proto::text(other != nullptr ? "not_done" : link.why()));
  value.entries.emplace_back("key", proto::text_or_null(other ? other->key.value.text : ""));
  value.entries.emplace_back("id", proto::text_or_null(other ? other->id : ""));
  value.entries.emplace_back("status", proto::text_or_null(other ? other->status : ""));
  return value;
}

void add_items(const Project& project, std::vector<Item>& items) {
  std::vector<std::vector<Value>> blocked_by(project.specs.size());
  Said said = read_front_matter(project.specs);
  for (const Link& link : said.links) {
    if (link.type != "depends_on") continue;
    if (link.is_resolved() && is_finished(project.specs[link.to.front()])) continue;
    blocked_by[link.from].push_back(blocker(link, project.specs));
  }
  for (size_t i = 0; i < project.specs.size(); ++i) {
    const store::Spec& spec = project.specs[i];
    if (spec.kind == spec::Kind::capability || is_finished(spec)) continue;
    items.push_back({&project.slug, &spec, spec::priority_rank(spec.priority),
                     std::move(said.created[i]), std::move(blocked_by[i])});
  }
}

Value to_value(Item item) {
  const store::Spec& spec = *item.spec;
  Value value = proto::object();
  auto& entries = value.entries;
  entries.emplace_back("project", proto::text(*item.project));
  entries.emplace_back("key", proto::text(spec.key.value.text));
  entries.emplace_back("id", proto::text(spec.id));
  entries.emplace_back("kind", proto::text(spec::to_string(spec.kind)));
  entries.emplace_back("title", proto::text(spec.title));
  entries.emplace_back("status", proto::text_or_null(spec.status));
  entries.emplace_back("priority", proto::text_or_null(spec.priority));
  entries.emplace_back("assignee", proto::text_or_null(spec.assignee));
  entries.emplace_back("created", proto::text_or_null(item.created));
  entries.emplace_back("tasks_done", proto::number(spec.tasks_done));
  entries.emplace_back("tasks_total", proto::number(spec.tasks_total));
  entries.emplace_back("ready", proto::boolean(item.blocked_by.empty()));
  Value blocked_by = proto::list();
  blocked_by.items = std::move(item.blocked_by);
  entries.emplace_back("blocked_by", std::move(blocked_by));
  return value;
}

Result<std::vector<Project>> read_projects(store::Reader& reader, const std::string* slug) {
  const auto snapshot = reader.snapshot();
  if (!snapshot) return tl::unexpected(snapshot.error());
  std::vector<store::Project> wanted;
  if (slug != nullptr) {
    auto project = project_called(reader.tables(), *slug);
    if (!project) return tl::unexpected(project.error());
    wanted.push_back(std::move(*project));
  } else {
    auto all = reader.tables().projects.list();
    if (!all) return tl::unexpected(all.error());
    wanted = std::move(*all);
  }
  std::vector<Project> projects;
  for (const store::Project& project : wanted) {
    auto specs = reader.tables().specs.list_live(project.id);
    if (!specs) return tl::unexpected(specs.error());
    projects.push_back({project.slug, std::move(*specs)});
  }
  return projects;
}

}  // namespace

Result<net::Response> get_queue(const Api& api, const net::Request& request) {
  const auto state = parse_state(request.query);
  if (!state) return tl::unexpected(state.error());
  const auto limit = number_in(request.query, "limit", kLimit);
  if (!limit) return tl::unexpected(limit.error());
  const std::string* slug = request.params.find("slug");
  if (slug == nullptr) slug = request.query.find("project");
  const auto reader = api.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto projects = read_projects(reader->reader(), slug);
  if (!projects) return tl::unexpected(projects.error());

  std::vector<Item> items;
  for (const Project& project : *projects) add_items(project, items);
  if (*state != State::all) {
    const bool wants_ready = *state == State::ready;
    std::erase_if(items, [&](const Item& item) { return item.blocked_by.empty() != wants_ready; });
  }
  std::sort(items.begin(), items.end(),
            [](const Item& a, const Item& b) { return a.order() < b.order(); });
  Value listed = proto::list();
  const size_t shown = std::min(items.size(), static_cast<size_t>(*limit));
  for (size_t i = 0; i < shown; ++i) listed.items.push_back(to_value(std::move(items[i])));
  Value value = proto::object();
  value.entries.emplace_back("total", proto::number(static_cast<int64_t>(items.size())));
  value.entries.emplace_back("items", std::move(listed));
  return tagged_answer(value);
}

}  // namespace specd::api
