#include "tests/simulation/world.h"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace specd::simulation {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using test::must;

// Before any real clock's: what triggers stamp by that is young.
const WallTime kBegan{std::chrono::hours(24 * 365 * 50)};

sync::Options options() {
  sync::Options options;
  options.readers = 1;  // on the thread that steps
  return options;
}

/// A database in its first state, made once: to set one up takes longer than to play a run.
const std::filesystem::path& new_database(const sync::Options&) {
  static const test::TempDir folder;
  static const std::filesystem::path path = [] {
    auto opened =
        must(store::Store::open({.folder = folder.path(), .now = kBegan, .boot_id = "b"}));
    must(opened.store->checkpoint());
    must(opened.store->close());
    return std::filesystem::path(folder.file("specd.db"));
  }();
  return path;
}

const test::TempDir* with_database(const test::TempDir& folder) {
  std::filesystem::create_directory(folder.file(Ground::kState));
  std::filesystem::copy_file(new_database({}), folder.file("state/specd.db"));
  return &folder;
}

}  // namespace

World::World(uint64_t seed)
    : EngineRig(with_database(Ground::folder()), FakeClock(kBegan), options()),
      chance_(seed),
      ledger_(Ground::disk(), kProject,
              [this](const std::string& path, const std::string& content) {
                return is_seen(path, content);
              }) {
  random_ = SeededRandom(seed);
  client_ = must(sqlite::Database::open(store_->path(), {}));
  set_time();
  project_ = must(engine_->add_project(root_, "app")).id;
  drive([](sync::Engine&) {});
}

World::~World() {
  // Nobody is there any more who could act meanwhile.
  meanwhile(nullptr);
  kill();
  engine_.reset();
  store_.reset();
}

// ---- the engine

void World::set_time() {
  const auto lock = Ground::disk().lock();
  // A number of its own for each change, also where a clock shows a time again.
  const auto wall = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::floor<milliseconds>(clock_.wall().time_since_epoch()));
  Ground::disk().set_time(wall.count());
}

void World::drive(const std::function<void(sync::Engine&)>& act) {
  ledger_.look(Ledger::Who::programs);
  as(Who::engine, [&] { act(*engine_); });
  ledger_.look(Ledger::Who::engine);
  if (is_dead()) return restart(Stop::killed);
  if (ledger_.is_any_leased()) wrong("a lease outlives a step");
  if (commits_ != last_commits_) look_at_history();
  last_commits_ = commits_;
}

void World::step(microseconds time) {
  clock_.advance(time);
  set_time();
  drive([this](sync::Engine& engine) { engine.step(clock_.steady()); });
}

void World::pass(milliseconds time) {
  clock_.advance(time);
  for (int i = 0; i < 4; ++i) step(options_.coalesce_at_most);
}

void World::jump(microseconds by) {
  clock_.jump(by);
  set_time();
}

void World::restart(Stop how) {
  if (how == Stop::killed) kill();
  engine_.reset();
  store_.reset();
  revive();
  kills_ += how == Stop::killed ? 1 : 0;
  late_.clear();
  options_.is_after_crash = how == Stop::killed;
  is_trusted_ = how == Stop::asked;
  open();
  ledger_.look(Ledger::Who::engine);
}

void World::trust_database() {
  is_trusted_ = true;
  drive([](sync::Engine& engine) { engine.set_sound(); });
}

// ---- the watcher

void World::notify(Hint::What what, const std::string& path, const std::string& from) {
  const Hint hint{project_, what, path, from};
  const uint64_t fate = is_lossy_ ? chance_.below(100) : 0;
  if (fate < 70) engine_->post({hint});
  if (fate < 8 && is_lossy_) engine_->post({hint});
  if (fate >= 70 && fate < 88) late_.push_back(hint);
  if (fate == 99) engine_->post({{project_, Hint::What::everywhere, "", ""}});
}

void World::notify_commit() {
  const uint64_t fate = is_lossy_ ? chance_.below(10) : 0;
  if (fate < 8) engine_->notice_log(sync::Lookout::Writer::others);
  if (fate == 8) is_commit_late_ = true;
}

void World::deliver_late(size_t most) {
  for (; most > 0 && !late_.empty(); --most) {
    const auto at = late_.begin() + static_cast<ptrdiff_t>(chance_.below(late_.size()));
    engine_->post({*at});
    late_.erase(at);
  }
  if (std::exchange(is_commit_late_, false))
    engine_->notice_log(sync::Lookout::Writer::perhaps_ours);
}

// ---- the database

bool World::is_seen(const std::string& path, const std::string& content) {
  bool is_base = false;
  as(Who::client, [&] {
    is_base = must(client_->integer(
                  "SELECT count(*) FROM file_state WHERE path = ?1 AND base_sha256 = ?2", path,
                  sha256(content))) != 0;
  });
  return is_base || is_kept(content);
}

bool World::is_kept(const std::string& content) {
  bool is_kept = false;
  as(Who::client, [&] {
    is_kept =
        must(client_->integer("SELECT EXISTS (SELECT 1 FROM spec_files WHERE content = ?1)"
                              " OR EXISTS (SELECT 1 FROM rescued WHERE content = ?1)"
                              " OR EXISTS (SELECT 1 FROM versions JOIN contents USING (sha256)"
                              " WHERE sha256 = ?2)",
                              content, sha256(content))) != 0;
  });
  return is_kept;
}

std::map<std::string, World::Row> World::live_rows() {
  std::map<std::string, Row> rows;
  as(Who::client, [&] {
    must(client_->each(
        "SELECT f.path, f.spec, f.content FROM spec_files AS f JOIN specs AS s ON s.key = f.spec"
        " WHERE f.deleted_at IS NULL AND s.deleted_at IS NULL",
        [&](sqlite::Row& row) {
          std::string path = row.text(), spec = row.text();
          rows[path] = {std::move(spec), row.text()};
        }));
  });
  return rows;
}

std::vector<std::string> World::dirty_paths() {
  std::vector<std::string> paths;
  as(Who::client, [&] {
    paths = must(
        client_->all("SELECT d.path || ' (rev ' || coalesce(f.rev, 'none') || ', pushed ' ||"
                     " coalesce(s.pushed_rev, 'never') || iif(f.deleted_at, ', deleted', '') ||"
                     " iif(s.base_sha256 IS NULL, ', no base', '') || iif(p.deleted_at, ', of a "
                     "deleted spec', '')"
                     " || iif(p.key IS NULL, ', of no spec', '') || ') \"' || "
                     "substr(coalesce(f.content,''),1,12) || '\"'"
                     " FROM dirty AS d LEFT JOIN spec_files AS f USING (project, path)"
                     " LEFT JOIN file_state AS s USING (project, path)"
                     " LEFT JOIN specs AS p ON p.key = f.spec ORDER BY d.path",
                     [](sqlite::Row& row) { return row.text(); }));
  });
  return paths;
}

/// Invariant 6: what came from disk into the rows stands in the history, and was an event.
void World::look_at_history() {
  const auto before = std::exchange(rows_, live_rows());
  std::set<std::string> told;
  int64_t events = 0;
  as(Who::client, [&] {
    must(client_->each(
        "SELECT h.id, f.value FROM sync_history AS h, json_each(h.files_changed) AS f"
        " WHERE h.id > ?1",
        [&](sqlite::Row& row) {
          const int64_t id = row.integer();
          told.insert(row.text());
          last_history_ = std::max(last_history_, id);
        },
        int64_t{last_history_}));
    events = must(client_->integer("SELECT coalesce(max(seq), 0) FROM events"));
  });
  std::set<Row, decltype([](const Row& a, const Row& b) {
             return std::tie(a.spec, a.content) < std::tie(b.spec, b.content);
           })>
      known;
  for (const auto& [path, row] : before) known.insert(row);
  for (const auto& [path, row] : rows_) {
    // It moved with its spec, or is as it was; or an edit is on its way.
    if (known.contains(row) || !ledger_.is_of_program(row.content)) continue;
    if (!told.contains(path)) wrong(path + " was pulled, and the history does not tell");
    if (events == last_event_) wrong(path + " was pulled, and there was no event");
  }
  last_event_ = events;
}

bool World::is_staging_empty() {
  const auto lock = Ground::disk().lock();
  const MemTree& tree = Ground::disk().tree();
  if (const auto in_project = tree.walk(MemTree::kRoot, std::string(kProject) + "/.specd");
      in_project && tree.at(*in_project).names.size() > 1)
    return false;  // more than .gitignore
  const auto staging = tree.walk(MemTree::kRoot, std::string(kState) + "/staging");
  if (!staging) return true;
  return std::ranges::all_of(tree.at(*staging).names, [&](const auto& folder) {
    return tree.at(folder.second).names.empty();
  });
}

}  // namespace specd::simulation
