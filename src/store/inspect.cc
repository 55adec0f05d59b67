#include "store/inspect.h"

#include <sys/stat.h>

#include "store/schema.h"
#include "store/store.h"

namespace specd::store {
namespace {

// Of a list that people read.
constexpr int64_t kShown = 10;

// By stat alone.
void look_from_outside(Inspection& found) {
  struct stat st{};
  if (::stat(found.path.c_str(), &st) != 0) return;
  found.is_there = true;
  found.bytes = st.st_size;
  found.mode = st.st_mode & 07777;
  if (::stat((found.path + "-wal").c_str(), &st) == 0) found.log_bytes = st.st_size;
}

Result<> look_inside(Inspection& found) {
  auto db = sqlite::Database::open(
      found.path, {.access = sqlite::Access::read_only, .busy_timeout = std::chrono::seconds(1)});
  if (!db) return Failure(std::move(db.error()));
  const auto application = db->integer("PRAGMA application_id");
  if (!application) return Failure(application.error());
  const auto version = db->integer("PRAGMA user_version");
  if (!version) return Failure(version.error());
  found.is_ours = *application == kMainApplicationId;
  found.version = *version;
  if (!found.is_ours) return {};
  auto damage = db->quick_check();
  if (!damage) return Failure(std::move(damage.error()));
  found.damage = std::move(*damage);
  if (!found.damage.empty() || found.version != found.known) return {};
  const auto running =
      db->integer("SELECT count(*) FROM meta WHERE name = 'running' AND value = 1");
  if (!running) return Failure(running.error());
  found.is_running = *running != 0;
  auto projects = Projects(*db).list();
  if (!projects) return Failure(std::move(projects.error()));
  for (Project& project : *projects) {
    const auto conflicts = Conflicts(*db).count_open(project.id);
    if (!conflicts) return Failure(conflicts.error());
    const auto failing = Specs(*db).count_failing(project.id);
    if (!failing) return Failure(failing.error());
    const auto waiting = DirtyRows(*db).count_files(project.id);
    if (!waiting) return Failure(waiting.error());
    auto specless = Files(*db).waiting_for_spec(project.id, kShown);
    if (!specless) return Failure(specless.error());
    found.projects.push_back(
        {std::move(project), *conflicts, *failing, *waiting, std::move(*specless)});
  }
  return {};
}

}  // namespace

Inspection inspect(const std::string& folder) {
  Inspection found{.path = database_path(folder),
                   .known = static_cast<int64_t>(main_migrations().back().version)};
  look_from_outside(found);
  found.obstacle = find_obstacle(found.path);
  found.search_obstacle = find_obstacle(search_path(folder));
  if (!found.is_there) return found;
  if (auto done = look_inside(found); !done) found.failure = std::move(done.error().message);
  return found;
}

}  // namespace specd::store
