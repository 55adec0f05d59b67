#include "daemon/admin/doctor_project.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/fs_posix.h"
#include "base/json.h"
#include "base/path.h"
#include "daemon/admin/probe.h"
#include "daemon/places.h"
#include "sync/interest.h"
#include "sync/scanner.h"
#include "watch/poll.h"

namespace specd::admin {
namespace {

std::optional<FileId> id_of(const std::string& path) {
  struct stat st{};
  if (::stat(path.c_str(), &st) != 0) return std::nullopt;
  return FileId{st.st_dev, st.st_ino};
}

// As the watcher walks (watch/inotify.cc).
int64_t count_watched(Fs& fs, const spec::ProjectConfig& config, const std::string& dir) {
  if (sync::interest_in(config, dir) == sync::Interest::none) return 0;
  const auto folders = fs.folders(dir);
  if (!folders) return 0;
  int64_t count = 1;
  for (const std::string& name : *folders)
    count += count_watched(fs, config, path::join(dir, name));
  return count;
}

// `spec.md` files of capabilities in which nothing is.
std::vector<std::string> empty_specs(const std::string& root) {
  namespace stdfs = std::filesystem;
  std::vector<std::string> found;
  std::error_code error;
  for (stdfs::recursive_directory_iterator at(root + "/openspec/specs", error), end;
       !error && at != end; at.increment(error)) {
    std::error_code unknown;
    const bool is_spec = at->path().filename() == "spec.md";
    if (is_spec && at->file_size(unknown) == 0 && !unknown) found.push_back(at->path().string());
  }
  std::ranges::sort(found);
  return found;
}

std::optional<ArchiveLockFacts> archive_lock(const ProjectFacts& project,
                                             const Surroundings& around) {
  ArchiveLockFacts lock{.path = project.root + "/openspec/changes/archive/.openspec-archive.lock"};
  const auto text = daemon::read_text_file(lock.path);
  if (!text) return std::nullopt;
  const auto value = json::parse(*text);
  const Value* pid = value ? value->find("pid") : nullptr;
  if (pid != nullptr) lock.pid = std::atol(pid->text.c_str());
  std::error_code error;
  lock.is_alive =
      lock.pid > 0 && std::filesystem::exists(around.proc + "/" + std::to_string(lock.pid), error);
  if (!lock.is_alive) lock.empty_specs = empty_specs(project.root);
  return lock;
}

std::string name_of(const Surroundings& around, long pid) {
  for (const Process& process : around.processes) {
    if (process.pid == pid) return process.name;
  }
  return "process";
}

std::vector<ProgramFacts> keepers(const ProjectFacts& project, const Surroundings& around) {
  const auto root = id_of(project.root);
  if (!root) return {};
  std::vector<ProgramFacts> found;
  for (long pid : lock_holders(around.locks, *root)) {
    if (pid != around.daemon_pid) found.push_back({pid, name_of(around, pid)});
  }
  return found;
}

std::vector<ProgramFacts> watchers(const ProjectFacts& project, const Surroundings& around) {
  std::vector<FileId> places;
  for (const char* folder : {"/openspec", "/openspec/specs", "/openspec/changes", "/specs"}) {
    if (const auto id = id_of(project.root + folder)) places.push_back(*id);
  }
  const auto is_one = [&](const FileId& id) {
    return std::ranges::find(places, id) != places.end();
  };
  std::vector<ProgramFacts> found;
  for (const Process& process : around.processes) {
    if (process.pid == around.daemon_pid) continue;
    if (std::ranges::any_of(process.watched, is_one)) found.push_back({process.pid, process.name});
  }
  return found;
}

void look_at_layout(ProjectFacts& project) {
  const auto fs = posix_fs(project.root);
  if (auto there = fs->attach(); !there) {
    project.unreadable = there.error().message;
    return;
  }
  const sync::Options options;
  sync::Scanner scanner(*fs, options);
  const auto layout = scanner.detect_layout();
  if (!layout) {
    project.unreadable = layout.error().message;
    return;
  }
  project.has_layout = layout->has_value();
  if (!*layout) return;
  project.folders = count_watched(*fs, scanner.read_config(**layout).config, "");
}

}  // namespace

void look_at(ProjectFacts& project, const Surroundings& around) {
  std::error_code error;
  project.is_there = std::filesystem::is_directory(project.root, error);
  if (!project.is_there) return;
  project.is_writable = access(project.root.c_str(), W_OK) == 0;
  project.needs_polling = watch::needs_polling(project.root);
  look_at_layout(project);
  const Mount mount = mount_of(around.mounts, project.root);
  project.file_system = mount.file_system;
  project.is_beside_state = !around.state_folder.empty() && mount.id >= 0 &&
                            mount.id == mount_of(around.mounts, around.state_folder).id;
  // Where files would be made ready before they take another's place.
  if (project.is_beside_state) {
    project.abilities = probe_folder(around.state_folder);
  } else if (project.is_writable && project.state != store::ProjectState::read_only) {
    project.abilities = probe_folder(project.root);
  } else {
    project.abilities.untried = "nothing is written there";
  }
  project.archive_lock = archive_lock(project, around);
  project.keepers = keepers(project, around);
  project.watchers = watchers(project, around);
}

}  // namespace specd::admin
