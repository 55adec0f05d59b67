#include "sync/free_work.h"

#include <algorithm>

#include "sync/project_sync.h"

namespace specd::sync {

Result<> FreeWork::look(const std::optional<ProjectId>& project) {
  ready_.reset();
  looked_.clear();
  taken_.clear();
  const auto version = store_.data_version();
  if (!version) return tl::unexpected(version.error());
  now_ = {*version, store_.changes()};
  const auto claims = store_.tables.claims.list();
  if (!claims) return tl::unexpected(claims.error());
  for (const store::Claim& claim : *claims) taken_.insert(claim.spec);
  if (auto found = find_backlogs(project); !found) return found;
  std::vector<const Backlog*> backlogs;
  backlogs.reserve(looked_.size());
  for (const auto& [id, known] : looked_) backlogs.push_back(&known->backlog);
  ready_.emplace(backlogs, options_.workflows);
  return {};
}

Result<> FreeWork::find_backlogs(const std::optional<ProjectId>& wanted) {
  const auto projects = store_.tables.projects.list();
  if (!projects) return tl::unexpected(projects.error());
  std::erase_if(known_, [&](const auto& known) {
    return std::ranges::find(*projects, known.first, &store::Project::id) == projects->end();
  });
  for (const store::Project& project : *projects) {
    if (wanted && project.id != *wanted) continue;
    const ProjectSync* sync = project_(project.id);
    if (sync == nullptr || !sync->takes_edits()) continue;
    Known& known = known_.try_emplace(project.id, Backlog(project.slug)).first->second;
    if (known.seen != now_) {
      known.seen.reset();
      if (auto done = known.backlog.refresh(store_.tables.specs, project.id); !done) return done;
      known.seen = now_;
    }
    looked_.emplace(project.id, &known);
  }
  return {};
}

Result<std::optional<store::Spec>> FreeWork::first(const std::optional<ProjectId>& project,
                                                   const std::set<SpecKey>& passed_over) {
  const auto at = project ? looked_.find(*project) : looked_.end();
  if (project && at == looked_.end()) return std::optional<store::Spec>();
  const Backlog* wanted = project ? &at->second->backlog : nullptr;
  const auto found = ready_->first([&](const NextWork& work) {
    return (wanted == nullptr || work.backlog == wanted) && !taken_.contains(work.item->key) &&
           !passed_over.contains(work.item->key);
  });
  if (found.item == nullptr) return std::optional<store::Spec>();
  return store_.tables.specs.get(found.item->key);
}

void FreeWork::committed(std::span<const store::Spec> specs) {
  ready_.reset();  // it refers to what is put now
  for (const store::Spec& spec : specs) {
    if (const auto at = looked_.find(spec.project); at != looked_.end())
      at->second->backlog.put(spec);
  }
  // What others have committed since is not known: that number stays as it was at the look.
  now_.ours = store_.changes();
  for (const auto& [id, known] : looked_) known->seen = now_;
}

}  // namespace specd::sync
