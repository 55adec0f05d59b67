#include "store/projects.h"

#include "store/columns.h"

namespace specd::store {
namespace {

constexpr std::string_view kStates[] = {"ok", "missing", "held", "paused", "read_only"};

#define SPECD_PROJECT_COLUMNS                                                                 \
  "id, uuid, slug, root, source, layout, settings, state, state_reason, root_dev, root_ino, " \
  "added_at"

Project project_of(sqlite::Row& row) {
  Project project;
  project.id = ProjectId{row.integer()};
  project.uuid = row.text();
  project.slug = row.text();
  project.root = row.text();
  project.source = row.text();
  project.layout = checked_word(row, spec::parse_layout);
  project.settings = row.text();
  project.state = checked_word(row, parse_project_state);
  project.state_reason = row.text();
  project.root_dev = row.bits();
  project.root_ino = row.bits();
  project.added_at = row.time();
  return project;
}

Result<> one_row(Result<int64_t> changed) {
  if (!changed) return Failure(std::move(changed.error()));
  if (*changed == 0) return fail(Code::not_found, "no such project");
  return {};
}

}  // namespace

std::string_view to_string(ProjectState state) {
  return kStates[static_cast<size_t>(state)];
}

std::optional<ProjectState> parse_project_state(std::string_view text) {
  for (size_t i = 0; i < std::size(kStates); ++i) {
    if (kStates[i] == text) return static_cast<ProjectState>(i);
  }
  return std::nullopt;
}

Result<Project> Projects::add(Project project) {
  assert_writing(db_);
  auto slug = free_slug(project.slug);
  if (!slug) return Failure(std::move(slug.error()));
  project.slug = std::move(*slug);
  SPECD_TRY(db_.run(
      "INSERT INTO projects (uuid, slug, root, source, layout, settings, state, state_reason, "
      "root_dev, root_ino, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      project.uuid, project.slug, project.root, project.source, to_string(project.layout),
      project.settings, to_string(project.state), project.state_reason, project.root_dev,
      project.root_ino, project.added_at));
  project.id = ProjectId{db_.last_insert_rowid()};
  return project;
}

Result<std::string> Projects::free_slug(const std::string& wanted) const {
  std::string slug = wanted;
  for (int number = 2;; ++number) {
    auto taken = db_.integer("SELECT count(*) FROM projects WHERE slug = ?", slug);
    if (!taken) return Failure(std::move(taken.error()));
    if (*taken == 0) return slug;
    slug = wanted + "-" + std::to_string(number);
  }
}

Result<> Projects::set_state(ProjectId id, ProjectState state, std::string_view reason) {
  assert_writing(db_);
  return one_row(db_.run("UPDATE projects SET state = ?, state_reason = ? WHERE id = ?",
                         to_string(state), reason, id));
}

Result<> Projects::set_root(ProjectId id, std::string_view root, uint64_t dev, uint64_t ino) {
  assert_writing(db_);
  return one_row(db_.run("UPDATE projects SET root = ?, root_dev = ?, root_ino = ? WHERE id = ?",
                         root, dev, ino, id));
}

Result<> Projects::set_settings(ProjectId id, std::string_view json) {
  assert_writing(db_);
  return one_row(db_.run("UPDATE projects SET settings = ? WHERE id = ?", json, id));
}

Result<> Projects::remove(ProjectId id) {
  assert_writing(db_);
  // A rev above the counter: these deletions are the daemon's, and no trigger rescues anything.
  SPECD_TRY(
      db_.run("UPDATE spec_files SET rev = (SELECT rev FROM counter) + 1 WHERE project = ?", id));
  SPECD_TRY(db_.run("DELETE FROM spec_files WHERE project = ?", id));
  SPECD_TRY(db_.run("UPDATE counter SET rev = rev + 1"));
  SPECD_TRY(db_.run("DELETE FROM file_state WHERE project = ?", id));
  SPECD_TRY(db_.run("DELETE FROM dirty WHERE project = ?", id));
  SPECD_TRY(db_.run("DELETE FROM rescued WHERE project = ?", id));
  SPECD_TRY(db_.run("DELETE FROM versions WHERE project = ?", id));
  SPECD_TRY(
      db_.run("DELETE FROM contents WHERE NOT EXISTS "
              "(SELECT 1 FROM versions WHERE versions.sha256 = contents.sha256)"));
  SPECD_TRY(db_.run("DELETE FROM edits WHERE project = ?", id));
  SPECD_TRY(db_.run("DELETE FROM claims WHERE project = ?", id));
  SPECD_TRY(db_.run("DELETE FROM sync_history WHERE project = ?", id));
  SPECD_TRY(db_.run("DELETE FROM conflicts WHERE project = ?", id));
  SPECD_TRY(db_.run(
      "DELETE FROM deleted_contents WHERE spec IN (SELECT key FROM specs WHERE project = ?)", id));
  SPECD_TRY(db_.run("DELETE FROM specs WHERE project = ?", id));
  return one_row(db_.run("DELETE FROM projects WHERE id = ?", id));
}

Result<std::optional<Project>> Projects::get(ProjectId id) const {
  return db_.first("SELECT " SPECD_PROJECT_COLUMNS " FROM projects WHERE id = ?", project_of, id);
}

Result<std::optional<Project>> Projects::by_slug(std::string_view slug) const {
  return db_.first("SELECT " SPECD_PROJECT_COLUMNS " FROM projects WHERE slug = ?", project_of,
                   slug);
}

Result<std::vector<Project>> Projects::list() const {
  return db_.all("SELECT " SPECD_PROJECT_COLUMNS " FROM projects ORDER BY slug", project_of);
}

}  // namespace specd::store
