#include "tests/system/daemon_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <iterator>

namespace specd::test {
namespace {

const std::string kSpecd = std::string(SPECD_BINARY_DIR) + "/specd";

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

pid_t spawn(std::vector<std::string> command, std::vector<std::string> environment, int out,
            const std::string& err_path, const std::string& folder) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_addopen(&actions, 2, err_path.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   0600);
  if (!folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  pid_t pid = -1;
  std::vector<char*> argv = pointers(command), envp = pointers(environment);
  if (posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), envp.data()) != 0) pid = -1;
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

}  // namespace

DaemonProcess::DaemonProcess() = default;

DaemonProcess::~DaemonProcess() {
  if (is_running()) stop(SIGKILL);
}

std::vector<std::string> DaemonProcess::environment() const {
  const char* path = getenv("PATH");
  std::vector<std::string> variables = {
      std::string("PATH=") + (path != nullptr ? path : "/usr/bin:/bin"),
      "HOME=" + folder(),
      "XDG_STATE_HOME=" + folder() + "/state",
      "XDG_RUNTIME_DIR=" + folder() + "/run",
      "XDG_CONFIG_HOME=" + folder() + "/config",
      "XDG_DATA_HOME=" + folder() + "/data",
      "GIT_CONFIG_GLOBAL=/dev/null",
      "GIT_AUTHOR_NAME=t",
      "GIT_AUTHOR_EMAIL=t@example.org",
      "GIT_COMMITTER_NAME=t",
      "GIT_COMMITTER_EMAIL=t@example.org",
      "OPENSPEC_TELEMETRY=0",
      "DO_NOT_TRACK=1",
      "OPENSPEC_NO_UPDATE_CHECK=1",
      "NO_COLOR=1"};
  for (const std::string& variable : more_environment_) {
    const std::string name = variable.substr(0, variable.find('=') + 1);
    std::erase_if(variables, [&](const std::string& other) { return other.starts_with(name); });
    variables.push_back(variable);
  }
  return variables;
}

void DaemonProcess::send(int signal) const {
  kill(pid_, signal);
}

void DaemonProcess::launch(const std::vector<std::string>& args) {
  int ends[2];
  SPECD_ASSERT(pipe2(ends, O_CLOEXEC) == 0);
  std::vector<std::string> command = {kSpecd, "run"};
  command.insert(command.end(), args.begin(), args.end());
  command.insert(command.end(), {"--listen", "127.0.0.1:0"});
  pid_ = spawn(command, environment(), ends[1], folder() + "/log", "");
  close(ends[1]);
  out_ = ends[0];
}

std::string DaemonProcess::start(const std::vector<std::string>& args) {
  launch(args);
  std::string line;
  pollfd waiting{out_, POLLIN, 0};
  for (char c; line.find('\n') == std::string::npos && poll(&waiting, 1, 10'000) == 1;) {
    if (read(out_, &c, 1) != 1) break;
    line += c;
  }
  if (!line.empty() && line.back() == '\n') line.pop_back();
  const size_t colon = line.rfind(':');
  if (colon != std::string::npos)
    port_ = static_cast<uint16_t>(std::atoi(line.c_str() + colon + 1));
  return line;
}

int DaemonProcess::stop(int signal) {
  kill(pid_, signal);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  rest_.clear();
  char buffer[4096];
  for (ssize_t got; (got = read(out_, buffer, sizeof buffer)) > 0;)
    rest_.append(buffer, static_cast<size_t>(got));
  close(out_);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

Ran DaemonProcess::run(const std::vector<std::string>& command, const std::string& folder) const {
  static std::atomic<int> number = 0;
  const std::string base = this->folder() + "/run-" + std::to_string(++number);
  const int out = open((base + ".out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const pid_t pid = spawn(command, environment(), out, base + ".err", folder);
  close(out);
  Ran ran;
  int status = 0;
  if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status))
    ran.exit_code = WEXITSTATUS(status);
  ran.out = read_file(base + ".out");
  ran.err = read_file(base + ".err");
  return ran;
}

Ran DaemonProcess::specd(const std::vector<std::string>& args) const {
  std::vector<std::string> command = {kSpecd};
  command.insert(command.end(), args.begin(), args.end());
  return run(command);
}

std::string DaemonProcess::token() const {
  std::string text = read_file(state() + "/token");
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

RawClient DaemonProcess::client() const {
  RawClient client(port_);
  client.authorize(token());
  return client;
}

std::string DaemonProcess::log() const {
  return read_file(folder() + "/log");
}

}  // namespace specd::test
