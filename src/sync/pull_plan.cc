#include "sync/pull_plan.h"

#include <span>

#include "base/fold.h"
#include "base/path.h"

namespace specd::sync {
namespace {

using States = std::map<std::string, store::FileState>;

// A path belongs to the spec it lies in; to the deepest one, where capabilities nest. Null: to
// none.
SpecWork* owner_of(std::span<SpecWork> specs, const std::string& path) {
  SpecWork* owner = nullptr;
  for (SpecWork& spec : specs) {
    if (path::is_within(path, spec.found.dir) &&
        (owner == nullptr || spec.found.dir.size() > owner->found.dir.size())) {
      owner = &spec;
    }
  }
  return owner;
}

// Whose a problem is: that spec's, or, of a folder that is no spec's own, all that lie in it.
std::vector<SpecWork*> concerned(std::span<SpecWork> specs, const std::string& path) {
  if (SpecWork* owner = owner_of(specs, path)) return {owner};
  std::vector<SpecWork*> within;
  for (SpecWork& spec : specs) {
    if (path::is_within(spec.found.dir, path)) within.push_back(&spec);
  }
  return within;
}

// What cannot be imported is remembered with its reason; what was remembered and is no more,
// forgotten.
void plan_problems(const UnitListing& listing, std::span<SpecWork> specs, States& states,
                   PullPlan& plan) {
  const auto tell = [](SpecWork& spec, const spec::FileProblem& problem) {
    if (spec.first_problem.empty())
      spec.first_problem = printable_utf8(problem.path) + ": " + printable_utf8(problem.message);
  };
  for (const spec::FileProblem& problem : listing.problems) {
    const auto owners = concerned(specs, problem.path);
    if (owners.empty()) continue;
    for (SpecWork* owner : owners) tell(*owner, problem);
    const std::string shown = printable_utf8(problem.message);
    const auto known = states.find(problem.path);
    if (known == states.end() || known->second.facts.error != shown) {
      plan.problems.emplace_back(owners.front()->record.key,
                                 spec::FileProblem{problem.path, shown});
    }
    if (known != states.end())
      states.erase(known);  // it is there, and cannot be read: base and row stay
  }
}

// Two names that another machine, with another file system, takes for one: both are kept, and
// somebody is told.
void plan_twins(std::span<SpecWork> specs) {
  for (SpecWork& spec : specs) {
    std::map<std::string, const std::string*> names;
    for (const spec::FoundFile& file : spec.found.files) {
      const auto [twin, is_first] = names.emplace(folded(file.path), &file.path);
      if (is_first || !spec.first_problem.empty()) continue;
      spec.first_problem = printable_utf8(file.path) + ": the same name as " +
                           printable_utf8(*twin->second) +
                           " where case or Unicode form do not count; rename one of them";
    }
  }
}

// Files in folders that cannot be listed are taken to be as they were.
void keep_unlisted(const UnitListing& listing, SpecWork& spec, States& states) {
  for (auto known = states.begin(); known != states.end();) {
    store::FileState& state = known->second;
    const bool is_problem = listing.unlisted.contains(state.path);
    if (state.spec != spec.record.key || is_problem || !listing.is_unlisted(state.path)) {
      ++known;
      continue;
    }
    if (state.base) {
      FileWork file{.file = found_file(state.path, state.role), .is_listed = true};
      file.state = std::move(state);
      spec.found.files.push_back(file.file);
      spec.files.push_back(std::move(file));
    }
    known = states.erase(known);
  }
}

// And so are specs.
void find_unlisted(const UnitListing& listing, const std::vector<store::Spec>& live,
                   std::vector<spec::FoundSpec>& found) {
  for (const store::Spec& spec : live) {
    const auto is_it = [&](const spec::FoundSpec& other) { return other.dir == spec.dir; };
    if (listing.is_unlisted(spec.dir) && std::none_of(found.begin(), found.end(), is_it))
      found.push_back({spec.kind, spec.id, spec.change_id, spec.dir, {}});
  }
}

// What is left of the states has no file in the listing.
void plan_absent(States& states, std::span<SpecWork> specs, PullPlan& plan) {
  for (auto& [path, state] : states) {
    if (!state.base) {
      if (!state.facts.error.empty()) plan.forgotten.push_back(path);
      continue;
    }
    const auto owner = std::find_if(specs.begin(), specs.end(), [&](const SpecWork& spec) {
      return spec.record.key == state.spec;
    });
    if (owner == specs.end()) continue;  // its whole spec is gone
    owner->files.push_back(
        {.file = {path, state.role, false}, .state = std::move(state), .is_to_read = true});
  }
}

}  // namespace

FileWork& SpecWork::file(const std::string& path, spec::Role role) {
  const auto known =
      std::ranges::find_if(files, [&](const FileWork& file) { return file.file.path == path; });
  if (known != files.end()) return *known;
  files.push_back({.file = found_file(path, role)});
  return files.back();
}

void SpecWork::list_files() {
  found.files.clear();
  for (const FileWork& file : files) {
    if (file.is_listed) found.files.push_back(file.file);
  }
}

spec::FoundFile found_file(const std::string& path, spec::Role role) {
  return {path, role, role == spec::Role::tasks || role == spec::Role::readme};
}

Result<SpecWork> work_from_rows(store::Tables& tables, store::Spec record) {
  SpecWork work;
  work.found = {record.kind, record.id, record.change_id, record.dir, {}};
  work.folder.dev = record.dir_dev;
  work.folder.ino = record.dir_ino;
  auto states = tables.states.of_spec(record.key);
  if (!states) return tl::unexpected(states.error());
  for (store::FileState& state : *states) {
    if (!state.base && state.facts.error.empty()) continue;
    const bool is_problem = !state.base;
    if (is_problem && work.first_problem.empty())
      work.first_problem = state.path + ": " + state.facts.error;
    if (is_problem) continue;
    if (state.fingerprint)
      work.latest_mtime_ns = std::max(work.latest_mtime_ns, state.fingerprint->mtime_ns);
    FileWork file{.file = found_file(state.path, state.role), .is_listed = true};
    file.state = std::move(state);
    work.found.files.push_back(file.file);
    work.files.push_back(std::move(file));
  }
  work.record = std::move(record);
  return work;
}

std::vector<spec::FoundSpec> find_specs(const ProjectView& project, const UnitListing& listing) {
  std::vector<std::string> paths;
  paths.reserve(listing.files.size());
  for (const DiskFile& file : listing.files) paths.push_back(file.path);
  // Which schema a change follows matters only where there is more than the built-in one.
  std::string meta;
  const std::string meta_path = path::join(listing.unit.dir, ".openspec.yaml");
  if (project.config.task_files.size() > 1 &&
      std::binary_search(paths.begin(), paths.end(), meta_path)) {
    if (auto read = project.fs.read(meta_path, ReadMode::plain, 1 << 20))
      meta = std::move(read->content);
  }
  return spec::specs_in(project.config, listing.unit, paths, meta);
}

Result<store::Spec> PullPlanner::record_of(const ProjectView& project, const UnitWork& unit,
                                           const spec::FoundSpec& found, bool& is_new) {
  is_new = false;
  if (const auto claim = unit.claims.find(found.dir); claim != unit.claims.end()) {
    auto claimed = tables_.specs.get(claim->second);
    if (!claimed) return tl::unexpected(claimed.error());
    if (*claimed) return std::move(**claimed);
  }
  auto resident = tables_.specs.live_at(project.id, found.dir);
  if (!resident) return tl::unexpected(resident.error());
  if (*resident) return std::move(**resident);
  is_new = true;
  store::Spec record;
  record.key = SpecKey{Ulid::make(clock_, random_)};
  record.project = project.id;
  return record;
}

// Programs that save by renaming write a file beside it first, under a name of their own: `sed -i`
// calls it sedXXXXXX. What has no extension and no part in its spec may be such a one while it is
// young.
bool PullPlanner::may_be_scratch(const spec::FoundFile& file,
                                 const Fingerprint& fingerprint) const {
  constexpr std::chrono::milliseconds young{1'000};
  const bool is_plain =
      file.role == spec::Role::other && path::name(file.path).find('.') == std::string_view::npos;
  const auto age = clock_.wall() - from_us(fingerprint.ctime_ns / 1000);
  return is_plain && age >= WallTime::duration(0) && age < young;
}

Result<SpecWork> PullPlanner::plan_spec(const ProjectView& project, const UnitWork& unit,
                                        spec::FoundSpec found, States& states,
                                        const std::set<std::string>& done, PullPlan& plan) {
  SpecWork work{.found = std::move(found)};
  auto record = record_of(project, unit, work.found, work.is_new);
  if (!record) return tl::unexpected(record.error());
  work.record = std::move(*record);
  work.folder.dev = work.record.dir_dev;
  work.folder.ino = work.record.dir_ino;
  if (const Fingerprint* folder = unit.listing.folder(work.found.dir)) work.folder = *folder;

  std::map<std::string, Rev> revs;
  if (!work.is_new) {
    auto rows = tables_.files.of_spec(work.record.key);
    if (!rows) return tl::unexpected(rows.error());
    for (const store::FileRow& row : *rows) revs.emplace(row.path, row.rev);
  }
  const auto listed_as = [&](const spec::FoundFile& file) {
    return std::lower_bound(unit.listing.files.begin(), unit.listing.files.end(), file.path,
                            [](const DiskFile& a, const std::string& b) { return a.path < b; });
  };
  std::erase_if(work.found.files, [&](const spec::FoundFile& file) {
    if (states.contains(file.path) || !may_be_scratch(file, listed_as(file)->fingerprint))
      return false;
    plan.young.push_back(file.path);
    return true;
  });
  for (const spec::FoundFile& file : work.found.files) {
    const auto listed = listed_as(file);
    FileWork entry{.file = file, .is_listed = true, .is_done = done.contains(file.path)};
    if (const auto known = states.find(file.path); known != states.end()) {
      entry.state = std::move(known->second);
      states.erase(known);
    }
    work.latest_mtime_ns = std::max(work.latest_mtime_ns, listed->fingerprint.mtime_ns);
    const auto rev = revs.find(file.path);
    const bool is_row_in_step =
        entry.state && rev != revs.end() && rev->second == entry.state->pushed_rev;
    entry.is_moved =
        entry.state && (entry.state->spec != work.record.key || entry.state->role != file.role);
    entry.is_to_read = project.is_reread || !is_row_in_step || entry.is_moved ||
                       entry.state->fingerprint != listed->fingerprint || !entry.state->base;
    work.files.push_back(std::move(entry));
  }
  if (!unit.listing.unlisted.empty()) keep_unlisted(unit.listing, work, states);
  return work;
}

Result<> PullPlanner::add(const ProjectView& project, const UnitWork& unit,
                          const std::set<std::string>& done, PullPlan& plan) {
  auto below = tables_.states.below(project.id, unit.listing.unit.dir);
  if (!below) return tl::unexpected(below.error());
  States states;
  for (store::FileState& state : *below) states.emplace(state.path, std::move(state));
  auto live = tables_.specs.live_below(project.id, unit.listing.unit.dir);
  if (!live) return tl::unexpected(live.error());

  const size_t first = plan.specs.size();
  std::vector<spec::FoundSpec> all = find_specs(project, unit.listing);
  find_unlisted(unit.listing, *live, all);
  for (spec::FoundSpec& found : all) {
    auto work = plan_spec(project, unit, std::move(found), states, done, plan);
    if (!work) return tl::unexpected(work.error());
    plan.specs.push_back(std::move(*work));
  }
  const std::span<SpecWork> specs(plan.specs.begin() + static_cast<ptrdiff_t>(first),
                                  plan.specs.end());
  plan_problems(unit.listing, specs, states, plan);
  plan_twins(specs);
  plan_absent(states, specs, plan);
  for (const store::Spec& spec : *live) {
    const auto is_it = [&](const SpecWork& work) { return work.record.key == spec.key; };
    if (std::none_of(specs.begin(), specs.end(), is_it)) plan.gone.push_back(spec.key);
  }
  return {};
}

}  // namespace specd::sync
