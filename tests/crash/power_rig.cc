#include "tests/crash/power_rig.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <utility>

#include "tests/fake/mem_fs.h"
#include "tests/fake/mem_ops.h"

namespace specd::crash {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using test::must;

const std::string kProject = "project", kState = "state";

// Nobody waits for a real disk: what is durable is told by the timeline alone.
fs::path quick_folder() {
  const fs::path memory = "/dev/shm";
  std::error_code none;
  return fs::is_directory(memory, none) ? memory : fs::temp_directory_path();
}

/// Old enough to be read at once.
int64_t an_hour_ago() {
  const auto then = system_clock().wall().time_since_epoch() - std::chrono::hours(1);
  return std::chrono::duration_cast<std::chrono::nanoseconds>(then).count();
}

void collect(const MemTree& tree, uint64_t folder, const std::string& path,
             std::map<std::string, std::string>& files) {
  for (const auto& [name, inode] : tree.at(folder).names) {
    const std::string below = path::join(path, name);
    if (tree.at(inode).kind == FileKind::directory) {
      collect(tree, inode, below, files);
    } else {
      files[below] = tree.at(inode).content;
    }
  }
}

std::optional<std::string> content_in(const std::map<std::string, std::string>& files,
                                      const std::string& path) {
  const auto at = files.find(path);
  return at == files.end() ? std::nullopt : std::optional(at->second);
}

std::string shown(const std::optional<std::string>& text) {
  return text ? "'" + *text + "'" : "no file";
}

}  // namespace

// ---- the ground

PowerGround::PowerGround()
    : ground_(quick_folder()),
      disk_(an_hour_ago()),
      vfs_([](FaultVfs::Call) { return 0; },
           [this](const FaultVfs::Change& change) { note(change); }) {
  disk_.tell([this](const DiskChange& change) { note(Step(change)); });
  const auto lock = disk_.lock();
  disk_.folder(kState);
  disk_.folder(kProject + "/openspec/changes/archive");
  disk_.folder(kProject + "/openspec/specs");
}

void PowerGround::record() {
  const std::scoped_lock lock(mutex_);
  line_.begin();
}

Timeline PowerGround::recorded() {
  const std::scoped_lock lock(mutex_);
  is_recording_ = false;
  return std::exchange(line_, {});
}

void PowerGround::promise(const std::string& what) {
  note(Step(Promise{what}));
}

void PowerGround::note(Step step) {
  const std::scoped_lock lock(mutex_);
  if (is_recording_) line_.steps.push_back(std::move(step));
}

void PowerGround::note(const FaultVfs::Change& change) {
  using What = DatabaseChange::What;
  // Of its first moments, before it gets a log; it is gone by now.
  if (change.path.ends_with("-journal")) return;
  const What what = change.call == FaultVfs::Call::write      ? What::written
                    : change.call == FaultVfs::Call::truncate ? What::truncated
                                                              : What::synced;
  note(Step(DatabaseChange{what, std::string(change.path), change.at, std::string(change.bytes)}));
}

void PowerGround::revive(const Survived& survived) {
  const auto lock = disk_.lock();
  disk_.put(survived.tree);
  for (const auto& [path, content] : survived.databases) {
    fs::remove(path + "-shm");
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  }
}

// ---- the engine on it

PowerRig::PowerRig() : EngineRig(&ground_) {
  options_.is_after_crash = true;
}

std::unique_ptr<Fs> PowerRig::open_fs(const std::string&) {
  return std::make_unique<MemFs>(disk_, kProject);
}

Result<std::unique_ptr<FileOps>> PowerRig::open_ops(const std::string&) {
  return std::make_unique<MemOps>(disk_, kProject, ground_.path());
}

void PowerRig::save(const std::string& path, const std::string& text) {
  {
    const auto lock = disk_.lock();
    disk_.save(path::join(kProject, path), text);
  }
  if (project_ == ProjectId{}) return add();
  saved(path);
}

void PowerRig::edit(std::vector<sync::FileEdit> files) {
  engine_->edit(project_, {.files = std::move(files), .actor = "ann"}, clock_.steady(),
                [this](const auto& answer) {
                  if (answer) promise(kEdited);
                });
  rounds();
}

void PowerRig::sql(const std::string& script, const std::string& synchronous) {
  auto other = must(sqlite::Database::open(store_->path(), {}));
  must(other.script("PRAGMA synchronous=" + synchronous));
  must(other.script(script));
  if (synchronous == "FULL") promise(kEdited);
  engine_->notice_log(sync::Lookout::Writer::others);
  rounds();
}

uint64_t PowerRig::staging_folder() {
  const std::string uuid = must(tables().projects.list()).front().uuid;
  return state_inode_of("staging/" + uuid);
}

uint64_t PowerRig::inode_of(const std::string& path) {
  return disk_.tree().walk(MemTree::kRoot, path::join(kProject, path)).value_or(0);
}

uint64_t PowerRig::state_inode_of(const std::string& path) {
  return disk_.tree().walk(MemTree::kRoot, path::join(kState, path)).value_or(0);
}

void PowerRig::save_late(const std::string& text) {
  {
    const auto lock = disk_.lock();
    const auto& names = disk_.tree().at(staging_folder()).names;
    ASSERT_EQ(names.size(), 1u);
    const uint64_t displaced = names.begin()->second;
    disk_.change({{.what = DiskChange::What::written, .inode = displaced, .content = text},
                  {.what = DiskChange::What::synced, .inode = displaced}});
  }
  promise(kSaved);
}

void PowerRig::restart(const Survived& survived) {
  engine_.reset();
  store_.reset();
  revive(survived);
  open();
  engine_->set_sound();
  rounds();
  for (int i = 0; i < 3; ++i) wait(milliseconds(1'100));
  batch();
  for (int i = 0; i < 2; ++i) wait(milliseconds(1'100));
}

std::map<std::string, std::string> PowerRig::files() {
  std::map<std::string, std::string> found;
  const auto lock = disk_.lock();
  collect(disk_.tree(), inode_of(""), "", found);
  return found;
}

bool PowerRig::is_kept(const std::string& path, const std::optional<std::string>& text) {
  return !text || row(path) == text || must(tables().versions.has(project_, path, sha256(*text)));
}

std::string PowerRig::judge_project(bool may_conflict) {
  if (rows() != files()) return "rows are not as files";
  if (must(tables().dirty.count_files(project_)) != 0) return "rows wait to be written";
  if (status().state != store::ProjectState::ok) return "the project is held";
  if (!status().failure.empty()) return status().failure;
  if (!may_conflict && !conflicts().empty()) return "a conflict, and nobody else wrote";
  for (const store::Spec& spec : must(tables().specs.list_live(project_)))
    if (!spec.sync_error.empty()) return spec.sync_error;
  const uint64_t staging = staging_folder();
  const auto lock = disk_.lock();
  if (!disk_.tree().at(staging).names.empty()) return "staged files lie about";
  return "";
}

std::string PowerRig::judge_file(const Outcome& file, const std::set<std::string>& promises) {
  const auto is = content_in(files(), file.path);
  const std::string about = file.path + ": " + shown(is);
  const bool is_later = file.later && is == file.later;
  if (is != file.before && is != file.after && !is_later) return about + " is nobody's";
  if (promises.contains(kEdited) && is != file.after && !is_later)
    return about + ", although the edit was acknowledged";
  if (!is_kept(file.path, file.before)) return about + ", and what was there before is lost";
  if (promises.contains(kEdited) && !is_kept(file.path, file.after))
    return about + ", and the edit is lost";
  if (promises.contains(kSaved) && !is_kept(file.path, file.later))
    return about + ", and what another program has saved is lost";
  const auto lock = disk_.lock();
  if (is && disk_.tree().at(inode_of(file.path)).attributes.mode != MemDisk::kFileMode)
    return about + " has another mode";
  return "";
}

std::string PowerRig::judge(const Survived& survived, const std::vector<Outcome>& files) {
  restart(survived);
  const auto all = this->files();
  bool may_conflict = false;
  size_t to_edit = 0, edited = 0;
  for (const Outcome& file : files) {
    if (auto wrong = judge_file(file, survived.promises); !wrong.empty()) return wrong;
    may_conflict = may_conflict || file.later;
    if (file.before == file.after) continue;
    ++to_edit;
    if (content_in(all, file.path) == file.after) ++edited;
  }
  if (!may_conflict && edited != 0 && edited != to_edit) return "half of an edit";
  return judge_project(may_conflict);
}

}  // namespace specd::crash
