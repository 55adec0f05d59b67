// Which projects there are, and what a person may change about one.

#include <algorithm>

#include "base/json.h"
#include "base/path.h"
#include "sync/engine.h"
#include "sync/scanner.h"

namespace specd::sync {

Result<> Engine::take_up(store::Project project, store::Trigger why) {
  const ProjectId id = project.id;
  auto fs = hooks_.open_fs(project.root);
  auto sync = std::make_unique<ProjectSync>(workshop_, std::move(project), std::move(fs));
  // Known before it starts: whoever is asked to watch it may ask for it.
  ProjectSync& taken = *sync;
  projects_[id] = std::move(sync);
  auto started = taken.start(why);
  if (!started) projects_.erase(id);
  return started;
}

Result<> Engine::start() {
  auto projects = store_.tables.projects.list();
  if (!projects) return tl::unexpected(projects.error());
  for (store::Project& project : *projects) {
    if (auto taken = take_up(std::move(project), store::Trigger::startup); !taken) return taken;
  }
  if (auto done = claims_.start(); !done) return done;
  publish();
  return {};
}

Result<store::Project> Engine::add_project(const std::string& root, const std::string& slug,
                                           SlugFrom from, store::Trigger why) {
  for (const auto& [id, sync] : projects_) {
    const store::Project& kept = sync->project();
    if (kept.root != root) continue;
    if (from == SlugFrom::folder || kept.slug == slug) return kept;
    return fail(Code::conflict, root + " is kept already, as \"" + kept.slug +
                                    "\", and a slug never changes; leave it out");
  }
  auto fs = hooks_.open_fs(root);
  const auto stat = fs->attach();
  if (!stat) return fail(Code::not_found, root + ": no such folder");
  const auto layout = Scanner(*fs, options_).detect_layout();
  if (!layout) return fail_within(root, layout.error());
  if (!*layout) {
    return fail(Code::invalid,
                root + ": no specs found. Make them with `openspec init`, or a folder " +
                    "`specs/001-name` with a README.md (LeanSpec), and try again");
  }
  store::Project project;
  project.uuid = Ulid::make(clock_, random_).text;
  project.slug = slug;
  project.root = root;
  project.source = "folder";
  project.layout = **layout;
  project.root_dev = stat->fingerprint.dev;
  project.root_ino = stat->fingerprint.ino;
  project.added_at = clock_.wall();
  auto tx = store_.begin();
  if (!tx) return tl::unexpected(tx.error());
  auto added = store_.tables.projects.add(project);
  if (!added) return added;
  if (auto told = tell(*added, "project.added"); !told) return tl::unexpected(told.error());
  if (auto done = tx->commit(); !done) return tl::unexpected(done.error());
  if (auto taken = take_up(*added, why); !taken) return tl::unexpected(taken.error());
  workshop_.committed();
  publish();
  return added;
}

ProjectSync* Engine::project(ProjectId id) {
  const auto at = projects_.find(id);
  return at == projects_.end() ? nullptr : at->second.get();
}

void Engine::let_go(ProjectId id) {
  hooks_.unwatch(id);
  projects_.erase(id);
}

// What is in the database and nowhere else, for people; empty: nothing. Inside the transaction that
// removes it, so that no client commits in between.
Result<std::string> Engine::only_copies(const store::Project& project) const {
  auto edits = store_.tables.dirty.count_files(project.id);
  if (!edits) return tl::unexpected(edits.error());
  auto conflicts = store_.tables.conflicts.count_open(project.id);
  if (!conflicts) return tl::unexpected(conflicts.error());
  auto displaced = store_.tables.versions.count_displaced(project.id);
  if (!displaced) return tl::unexpected(displaced.error());
  if (*edits + *conflicts + *displaced == 0) return "";
  return "the database alone has: edits that are not on disk (" + std::to_string(*edits) +
         "), open conflicts (" + std::to_string(*conflicts) + "), texts that were overruled (" +
         std::to_string(*displaced) + ")";
}

Result<> Engine::remove_project(ProjectId id, Losses losses) {
  const ProjectSync* sync = project(id);
  if (sync == nullptr) return fail(Code::not_found, "no such project");
  const store::ProjectState state = sync->project().state;
  const bool is_away = state == store::ProjectState::missing ||
                       state == store::ProjectState::held ||
                       !hooks_.open_fs(sync->project().root)->attach();
  if (is_away && losses == Losses::refused)
    return fail(Code::conflict, sync->project().slug +
                                    ": its files are not where they were, and the database may "
                                    "have the last copy. Relink it, or remove it with --force");
  auto tx = store_.begin();
  if (!tx) return tl::unexpected(tx.error());
  if (losses == Losses::refused) {
    auto lost = only_copies(sync->project());
    if (!lost) return tl::unexpected(lost.error());
    if (!lost->empty())
      return fail(Code::conflict,
                  sync->project().slug + ": " + *lost +
                      "; removing it would lose that. `specd remove --force` does it "
                      "all the same");
  }
  if (auto told = tell(sync->project(), "project.removed"); !told) return told;
  if (auto removed = store_.tables.projects.remove(id); !removed) return removed;
  if (auto done = tx->commit(); !done) return done;
  let_go(id);
  workshop_.committed();
  publish();
  return {};
}

// So that a view of all projects need not ask again and again.
Result<> Engine::tell(const store::Project& project, const char* type) {
  Value payload{.kind = Value::Kind::map};
  const auto add = [&](const char* name, const std::string& text) {
    payload.entries.emplace_back(
        name, Value{.kind = Value::Kind::scalar, .text = printable_utf8(text), .quoted = true});
  };
  add("slug", project.slug);
  add("root", project.root);
  store::Event event;
  event.type = type;
  event.project = project.id;
  event.origin = "api";
  event.payload = json::dump(payload);
  event.at = clock_.wall();
  auto added = store_.tables.events.append(std::move(event));
  return added ? Result<>() : tl::unexpected(added.error());
}

// One spec in its place is enough to know the folder by.
Result<> Engine::check_is_there(const store::Project& project, Fs& fs) const {
  auto dirs = store_.tables.specs.live_dirs(project.id);
  if (!dirs) return tl::unexpected(dirs.error());
  const auto is_there = [&](const std::string& dir) {
    const auto stat = fs.stat(dir);
    return stat && stat->kind == FileKind::directory;
  };
  if (dirs->empty() || std::any_of(dirs->begin(), dirs->end(), is_there)) return {};
  return fail(Code::conflict, "none of the " + std::to_string(dirs->size()) + " specs of " +
                                  project.slug + " is in that folder; all of them would be " +
                                  "deleted. Add it as a project of its own, or force it");
}

Result<store::Project> Engine::relink_project(ProjectId id, const std::string& root,
                                              Losses losses) {
  const ProjectSync* sync = project(id);
  if (sync == nullptr) return fail(Code::not_found, "no such project");
  store::Project moved = sync->project();
  for (const auto& [other, there] : projects_) {
    if (other != id && there->project().root == root)
      return fail(Code::conflict, root + " is the folder of " + there->project().slug);
  }
  auto fs = hooks_.open_fs(root);
  const auto stat = fs->attach();
  if (!stat) return fail(Code::not_found, root + ": no such folder");
  const auto layout = Scanner(*fs, options_).detect_layout();
  if (!layout) return fail_within(root, layout.error());
  if (*layout != moved.layout) {
    return fail(Code::invalid, root + ": " + std::string(spec::to_string(moved.layout)) +
                                   " specs, as " + moved.slug + " has them, are not in there");
  }
  if (losses == Losses::refused) {
    if (auto there = check_is_there(moved, *fs); !there) return tl::unexpected(there.error());
  }
  moved.root = root;
  moved.root_dev = stat->fingerprint.dev;
  moved.root_ino = stat->fingerprint.ino;
  auto tx = store_.begin();
  if (!tx) return tl::unexpected(tx.error());
  auto set = store_.tables.projects.set_root(id, root, moved.root_dev, moved.root_ino);
  if (!set) return tl::unexpected(set.error());
  if (auto told = tell(moved, "project.changed"); !told) return tl::unexpected(told.error());
  if (auto done = tx->commit(); !done) return tl::unexpected(done.error());
  let_go(id);
  if (auto taken = take_up(moved, store::Trigger::manual); !taken)
    return tl::unexpected(taken.error());
  workshop_.committed();
  publish();
  return moved;
}

Result<store::Project> Engine::pause_project(ProjectId id) {
  ProjectSync* sync = project(id);
  if (sync == nullptr) return fail(Code::not_found, "no such project");
  if (auto paused = sync->pause(); !paused) return tl::unexpected(paused.error());
  publish();
  return sync->project();
}

Result<store::Project> Engine::resume_project(ProjectId id) {
  ProjectSync* sync = project(id);
  if (sync == nullptr) return fail(Code::not_found, "no such project");
  if (auto resumed = sync->resume(); !resumed) return tl::unexpected(resumed.error());
  publish();
  return sync->project();
}

Result<store::Project> Engine::set_writing(ProjectId id, Writing writing) {
  ProjectSync* sync = project(id);
  if (sync == nullptr) return fail(Code::not_found, "no such project");
  auto set = sync->set_read_only_by_settings(writing == Writing::forbidden);
  if (!set) return tl::unexpected(set.error());
  publish();
  return sync->project();
}

}  // namespace specd::sync
