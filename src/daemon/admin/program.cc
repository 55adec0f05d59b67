#include "daemon/admin/program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.h"

namespace specd::admin {
namespace {

// Null-terminated; points into `words`.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<int> run_program(const std::vector<std::string>& command) {
  std::vector<std::string> copies = command;
  const std::vector<char*> argv = pointers_to(copies);
  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, argv[0], nullptr, nullptr, argv.data(), environ);
  if (failed != 0) return fail_os(command[0], failed);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return fail_os(command[0], errno);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result<> start_program(const std::vector<std::string>& command,
                       std::chrono::milliseconds patience) {
  std::vector<std::string> copies = command;
  const std::vector<char*> argv = pointers_to(copies);
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDERR_FILENO);
  // The end of the terminal is none of its business.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, argv[0], &files, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) return fail_os(command[0], failed);
  const Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  pollfd ending{process.get(), POLLIN, 0};
  if (!process || poll(&ending, 1, static_cast<int>(patience.count())) <= 0) return {};
  int status = 0;
  if (waitpid(pid, &status, WNOHANG) != pid || status == 0) return {};
  return fail(Code::io, command[0] + ": it ended with a failure");
}

}  // namespace specd::admin
