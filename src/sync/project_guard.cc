// What state a project is in, what of it the guard holds, and what a person says to that.

#include "base/json.h"
#include "base/log.h"
#include "sync/project_sync.h"

namespace specd::sync {
namespace {

// A setting, since what is held stays held after a restart.
constexpr const char* kHeldRows = "held_rows";

}  // namespace

Result<> ProjectSync::set_state(store::ProjectState state, const std::string& reason) {
  if (project_.state == state && project_.state_reason == reason) return {};
  auto tx = workshop_.store.begin();
  if (!tx) return tl::unexpected(tx.error());
  store::Tables& tables = workshop_.store.tables;
  if (auto done = tables.projects.set_state(project_.id, state, reason); !done) return done;
  Value payload{.kind = Value::Kind::map};
  const auto add = [&](const char* name, std::string_view text) {
    payload.entries.emplace_back(
        name, Value{.kind = Value::Kind::scalar, .text = std::string(text), .quoted = true});
  };
  add("slug", project_.slug);
  add("state", store::to_string(state));
  add("reason", reason);
  store::Event event;
  event.type = "project.state";
  event.project = project_.id;
  event.origin = "disk";
  event.payload = json::dump(payload);
  event.at = workshop_.clock.wall();
  if (auto added = tables.events.append(std::move(event)); !added)
    return tl::unexpected(added.error());
  if (auto done = tx->commit(); !done) return done;
  log::info("project-state",
            {{"project", project_.slug}, {"state", store::to_string(state)}, {"reason", reason}});
  project_.state = state;
  project_.state_reason = reason;
  workshop_.committed();
  return {};
}

/// What the guard says, and else whether files may be written.
Result<> ProjectSync::settle_state() {
  const std::string& rows = row_guard_.reason();
  const std::string reason =
      tree_reason_.empty() || rows.empty() ? tree_reason_ + rows : tree_reason_ + "; " + rows;
  auto held = std::make_shared<HeldChanges>();
  held->files = row_guard_.held();
  held->specs.assign(held_gone_.begin(), held_gone_.end());
  held_ = std::move(held);
  if (!reason.empty()) return set_state(store::ProjectState::held, reason);
  const std::string why = why_read_only();
  return set_state(why.empty() ? store::ProjectState::ok : store::ProjectState::read_only, why);
}

/// Before anything of what SQL clients wrote goes to disk.
Result<> ProjectSync::look_at_rows() {
  const std::string before = row_guard_.reason();
  if (auto looked = row_guard_.look(workshop_.clock.steady()); !looked) return looked;
  if (row_guard_.reason() == before && before.empty()) return {};
  if (auto remembered = remember_hold(); !remembered) return remembered;
  // Any other state says more.
  const bool is_plain = project_.state != store::ProjectState::missing && !is_paused();
  return is_plain ? settle_state() : Result<>();
}

Result<> ProjectSync::remember_hold() {
  const auto settings = json::parse(project_.settings);
  const Value* setting = settings ? settings->find(kHeldRows) : nullptr;
  const std::string& reason = row_guard_.reason();
  if ((setting != nullptr ? setting->text : "") == reason) return {};
  return change_setting(kHeldRows, {.kind = Value::Kind::scalar, .text = reason, .quoted = true});
}

/// After a restart.
void ProjectSync::resume_hold() {
  const auto settings = json::parse(project_.settings);
  const Value* setting = settings ? settings->find(kHeldRows) : nullptr;
  if (setting != nullptr && !setting->text.empty()) row_guard_.resume_hold(setting->text);
}

/// That somebody decided is history.
Result<> ProjectSync::decided(const std::string& how, const Decided& what,
                              const std::string& actor) {
  log::info("held-changes", {{"project", project_.slug},
                             {"decision", how},
                             {"files", what.files},
                             {"specs", what.specs},
                             {"actor", actor}});
  auto tx = workshop_.store.begin();
  if (!tx) return tl::unexpected(tx.error());
  store::HistoryEntry entry;
  entry.project = project_.id;
  entry.direction = what.files != 0 ? store::Direction::db_to_fs : store::Direction::fs_to_db;
  entry.trigger = store::Trigger::manual;
  entry.origin = "api";
  entry.actor = actor;
  for (const RowGuard::Held& file : held_->files) entry.files_changed.push_back(file.path);
  for (const std::string& dir : held_->specs) entry.files_changed.push_back(dir + "/");
  entry.at = workshop_.clock.wall();
  if (auto added = workshop_.store.tables.history.add(entry); !added)
    return tl::unexpected(added.error());
  if (auto done = tx->commit(); !done) return done;
  workshop_.committed();
  count_pending();
  return settle_state();
}

Result<> ProjectSync::check_held() const {
  if (!tree_reason_.empty() || !row_guard_.reason().empty()) return {};
  return fail(Code::conflict, "nothing is held in " + project_.slug);
}

Result<ProjectSync::Decided> ProjectSync::confirm(const std::string& actor) {
  if (auto held = check_held(); !held) return tl::unexpected(held.error());
  const Decided what{held_->files.size(), held_->specs.size()};
  if (!tree_reason_.empty()) {
    is_released_ = true;
    want_scan(store::Trigger::manual);
  }
  row_guard_.release();
  has_to_push_ = true;
  if (auto done = remember_hold(); !done) return tl::unexpected(done.error());
  if (auto done = decided("confirm", what, actor); !done) return tl::unexpected(done.error());
  return what;
}

Result<ProjectSync::Decided> ProjectSync::revert(const std::string& actor) {
  if (auto held = check_held(); !held) return tl::unexpected(held.error());
  if (!tree_reason_.empty() && held_->specs.empty())
    return fail(Code::refused, tree_reason_ + "; there is nothing to write to until it is back");
  if (!held_->specs.empty() && !pusher_.is_attached())
    return fail(Code::refused, "nothing can be written below " + project_.root);
  Reversion reversion(workshop_.store, workshop_.disk, workshop_.clock);
  std::vector<std::string> paths;
  for (const RowGuard::Held& file : held_->files) paths.push_back(file.path);
  Author author{.direction = store::Direction::fs_to_db,
                .trigger = store::Trigger::manual,
                .origin = "api",
                .actor = actor};
  auto files = reversion.revert_rows(view(), paths, author);
  if (!files) return tl::unexpected(files.error());
  Decided what{.files = *files};
  if (!held_->specs.empty()) {
    auto specs = reversion.bring_back(view(), pusher_.ops(), held_->specs, author);
    if (!specs) return tl::unexpected(specs.error());
    what.specs = *specs;
    has_to_push_ = true;
    want_scan(store::Trigger::manual);
  }
  if (auto done = look_at_rows(); !done) return tl::unexpected(done.error());
  if (auto done = decided("revert", what, actor); !done) return tl::unexpected(done.error());
  return what;
}

}  // namespace specd::sync
