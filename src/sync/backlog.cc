#include "sync/backlog.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "base/json.h"
#include "spec/lifecycle.h"

namespace specd::sync {
namespace {

bool is_finished(const WorkItem& item) {
  return spec::is_finished(item.kind, item.status);
}

WorkItem item_of(const store::Spec& spec) {
  WorkItem item{.key = spec.key,
                .version = spec.version,
                .kind = spec.kind,
                .id = spec.id,
                .status = spec.status,
                .rank = spec::priority_rank(spec.priority),
                .created = {},
                .depends_on = {}};
  if (!spec.front_matter) return item;
  const auto front_matter = json::parse(*spec.front_matter);
  if (!front_matter) return item;
  item.created = spec::created_in(*front_matter);
  if (spec.kind == spec::Kind::leanspec)
    item.depends_on = spec::names_in(*front_matter, "depends_on");
  return item;
}

}  // namespace

std::string_view to_string(WorkState state) {
  constexpr std::string_view words[] = {"ready", "blocked", "claimed", "review"};
  return words[static_cast<size_t>(state)];
}

void Backlog::put(const store::Spec& spec) {
  if (spec.kind != spec::Kind::change && spec.kind != spec::Kind::leanspec) return remove(spec.key);
  WorkItem& item = items_[spec.key];
  if (item.id != spec.id || item.kind != spec.kind) names_.reset();
  item = item_of(spec);
}

void Backlog::remove(const SpecKey& key) {
  if (items_.erase(key) != 0) names_.reset();
}

Result<> Backlog::refresh(const store::Specs& specs, ProjectId project) {
  if (items_.empty()) {  // one by one takes several times as long
    const auto all = specs.list_work(project);
    if (!all) return tl::unexpected(all.error());
    for (const store::Spec& spec : *all) put(spec);
    return {};
  }
  const auto versions = specs.work_versions(project);
  if (!versions) return tl::unexpected(versions.error());
  for (const store::SpecVersion& now : *versions) {
    const WorkItem* known = find(now.key);
    if (known != nullptr && known->version == now.version) continue;
    const auto spec = specs.get(now.key);
    if (!spec) return tl::unexpected(spec.error());
    if (*spec) put(**spec);
  }
  if (items_.size() == versions->size()) return {};
  std::unordered_set<SpecKey> live;
  for (const store::SpecVersion& now : *versions) live.insert(now.key);
  if (std::erase_if(items_, [&](const auto& entry) { return !live.contains(entry.first); }) != 0)
    names_.reset();
  return {};
}

const WorkItem* Backlog::find(const SpecKey& key) const {
  const auto at = items_.find(key);
  return at == items_.end() ? nullptr : &at->second;
}

std::vector<const WorkItem*> Backlog::unfinished() const {
  std::vector<const WorkItem*> items;
  for (const auto& [key, item] : items_) {
    if (!is_finished(item)) items.push_back(&item);
  }
  return items;
}

const Backlog::Names& Backlog::names() const {
  if (names_) return *names_;
  Names& names = names_.emplace();
  for (const auto& [key, item] : items_) {
    if (item.kind != spec::Kind::leanspec) continue;
    names.ids.push_back(item.id);
    names.items.push_back(&item);
  }
  names.views.assign(names.ids.begin(), names.ids.end());
  names.by_name.emplace(names.views);
  return names;
}

std::vector<Blocker> Backlog::blockers(const WorkItem& item) const {
  std::vector<Blocker> blockers;
  std::set<const WorkItem*> seen;
  for (const std::string& name : item.depends_on) {
    const std::vector<size_t> found = names().by_name->find(name);
    if (found.size() != 1) {
      blockers.push_back({name, found.empty() ? "none" : "ambiguous", nullptr});
      continue;
    }
    // By its name and by its number, perhaps.
    const WorkItem* other = names().items[found.front()];
    if (!is_finished(*other) && seen.insert(other).second)
      blockers.push_back({name, "not_done", other});
  }
  return blockers;
}

WorkState state_of(const Backlog& backlog, const WorkItem& item, bool is_claimed,
                   const spec::Workflows& workflows) {
  if (is_claimed) return WorkState::claimed;
  if (!spec::is_to_do(workflows.of(item.kind), item.status)) return WorkState::review;
  return backlog.blockers(item).empty() ? WorkState::ready : WorkState::blocked;
}

namespace {

// The first few are looked at, seldom more: a heap spares the order of the rest.
bool is_later(const NextWork& one, const NextWork& other) {
  return one.backlog->order(*one.item) > other.backlog->order(*other.item);
}

}  // namespace

ReadyWork::ReadyWork(std::span<const Backlog* const> backlogs, const spec::Workflows& workflows)
    : workflows_(workflows) {
  for (const Backlog* backlog : backlogs) {
    for (const WorkItem* item : backlog->unfinished()) rest_.push_back({backlog, item});
  }
  std::ranges::make_heap(rest_, is_later);
}

NextWork ReadyWork::first(const std::function<bool(const NextWork&)>& is_wanted) {
  const auto found = std::ranges::find_if(found_, is_wanted);
  if (found != found_.end()) return *found;
  while (!rest_.empty()) {
    std::ranges::pop_heap(rest_, is_later);
    const NextWork next = rest_.back();
    rest_.pop_back();
    if (state_of(*next.backlog, *next.item, false, workflows_) != WorkState::ready) continue;
    found_.push_back(next);
    if (is_wanted(next)) return next;
  }
  return {};
}

}  // namespace specd::sync
