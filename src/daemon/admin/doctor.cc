#include "daemon/admin/doctor.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/json.h"
#include "base/path.h"
#include "daemon/admin/doctor_judge.h"
#include "daemon/admin/doctor_project.h"
#include "daemon/admin/processes.h"
#include "daemon/admin/service.h"
#include "daemon/roots.h"
#include "net/http_client.h"
#include "sqlite/library.h"
#include "store/store.h"

namespace specd::admin {
namespace {

namespace stdfs = std::filesystem;

StateFacts look_at_state(const Setting& setting) {
  StateFacts state{.folder = std::string(path::parent(store::database_path(setting.places.state))),
                   .is_default = setting.is_default_db};
  struct stat st{};
  state.is_there = stat(state.folder.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
  if (!state.is_there) return state;
  state.mode = st.st_mode & 07777;
  std::error_code error;
  const stdfs::space_info space = stdfs::space(state.folder, error);
  if (!error) state.free_bytes = static_cast<int64_t>(space.available);
  return state;
}

// Empty if it does not answer.
std::string daemon_version(const daemon::Address& address) {
  auto options = net::HttpClient::options_for(address.url);
  if (!options) return "";
  options->connect_to = address.connect_to;
  options->certificate = address.certificate;
  options->answer_limit = std::chrono::seconds(5);
  const auto answer = net::HttpClient(*options).get("/api/v1/health");
  if (!answer || answer->status != 200) return "";
  const auto health = json::parse(answer->body);
  const Value* version = health ? health->find("version") : nullptr;
  return version == nullptr ? "" : version->text;
}

DaemonFacts look_at_daemon(const Setting& setting) {
  const auto address = daemon::read_address(setting.places);
  if (!address) return {};
  DaemonFacts found{.url = address->url, .pid = address->pid, .token_file = address->token_file};
  std::error_code error;
  found.is_alive = stdfs::exists(setting.proc + "/" + std::to_string(found.pid), error);
  if (!found.is_alive) return found;
  found.version = daemon_version(*address);
  return found;
}

// Where nobody names a database, it is that of the daemon that runs.
Setting with_database_in_use(Setting setting) {
  if (!setting.is_default_db) return setting;
  const auto address = daemon::read_address(setting.places);
  if (!address || address->state.empty() || !daemon::is_alive(*address)) return setting;
  setting.is_default_db = address->state == setting.places.state;
  setting.places.state = address->state;
  return setting;
}

ServiceFacts look_at_service() {
  const auto user = service_user();
  if (!user) return {};
  std::error_code error;
  const bool is_unit = stdfs::exists(user->config_home + "/systemd/user/specd.service", error);
  const bool is_agent = stdfs::exists(user->home + "/Library/LaunchAgents/dev.specd.plist", error);
  return {.is_installed = is_unit || is_agent, .lingers = user->lingers};
}

InotifyFacts look_at_inotify(const Surroundings& around) {
  InotifyFacts found;
  const auto limit = [&](const char* name) -> std::optional<int64_t> {
    const int64_t value = number_in_file(around.proc + "/sys/fs/inotify/" + name);
    return value < 0 ? std::nullopt : std::optional(value);
  };
  found.max_watches = limit("max_user_watches");
  found.max_instances = limit("max_user_instances");
  for (const Process& process : around.processes) {
    if (process.pid == around.daemon_pid) continue;
    found.used_instances += process.inotify_instances;
    found.used_watches += static_cast<int64_t>(process.watched.size());
  }
  return found;
}

// Of the daemon that runs, or of one that would be started here.
DescriptorFacts look_at_descriptors(const Setting& setting, const DaemonFacts& daemon) {
  const std::string process = daemon.is_alive ? std::to_string(daemon.pid) : "self";
  const auto limits = daemon::read_text_file(setting.proc + "/" + process + "/limits");
  return {.allowed = limits ? max_open_files(*limits) : std::nullopt,
          .needed = setting.needed_descriptors};
}

std::vector<ProgramFacts> users_of(const std::string& database, const Surroundings& around) {
  std::vector<ProgramFacts> found;
  for (const Process& process : around.processes) {
    const bool has_it = std::ranges::any_of(process.files, [&](const std::string& file) {
      return file == database || file == database + "-wal";
    });
    if (has_it && process.pid != around.daemon_pid) found.push_back({process.pid, process.name});
  }
  return found;
}

// Those that are registered, and those that are only configured yet.
std::vector<ProjectFacts> projects_of(const Setting& setting, const store::Inspection& database) {
  std::vector<ProjectFacts> projects;
  projects.reserve(database.projects.size() + setting.folders.size());
  for (const store::InspectedProject& known : database.projects) {
    const store::Project& project = known.project;
    projects.push_back({.slug = project.slug,
                        .root = project.root,
                        .state = project.state,
                        .state_reason = project.state_reason,
                        .open_conflicts = known.open_conflicts,
                        .failing_specs = known.failing_specs,
                        .waiting_edits = known.waiting_edits,
                        .waiting_for_spec = known.waiting_for_spec});
  }
  for (const std::string& folder : setting.folders) {
    const std::string root = daemon::find_root(folder).value_or(daemon::absent_root(folder));
    const bool is_known = std::ranges::any_of(
        projects, [&](const ProjectFacts& project) { return project.root == root; });
    if (!is_known) projects.push_back({.slug = "", .root = root});
  }
  return projects;
}

}  // namespace

Facts gather(const Setting& asked) {
  const Setting setting = with_database_in_use(asked);
  Facts facts{.program_version = SPECD_VERSION,
              .sqlite_version = sqlite::library_version(),
              .config_failure = setting.failure,
              .is_polling_configured = setting.always_poll};
  facts.state = look_at_state(setting);
  facts.daemon = look_at_daemon(setting);
  facts.service = look_at_service();
  facts.database = store::inspect(setting.places.state);
  const Surroundings around{
      .proc = setting.proc,
      .state_folder = facts.state.is_there ? facts.state.folder : "",
      .locks = daemon::read_text_file(setting.proc + "/locks").value_or(""),
      .mounts = daemon::read_text_file(setting.proc + "/self/mountinfo").value_or(""),
      .processes = processes(setting.proc),
      .daemon_pid = facts.daemon.is_alive ? facts.daemon.pid : 0};
  facts.inotify = look_at_inotify(around);
  facts.descriptors = look_at_descriptors(setting, facts.daemon);
  facts.database_users = users_of(facts.database.path, around);
  facts.projects = projects_of(setting, facts.database);
  for (ProjectFacts& project : facts.projects) look_at(project, around);
  return facts;
}

std::vector<Finding> examine(const Setting& setting) {
  return judge(gather(setting));
}

}  // namespace specd::admin
