#include "tests/system/sql_shell.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "tests/net/raw_client.h"

namespace specd::test {
namespace {

// Printed after each answer.
const std::string kEnd = "-- that is all\n";

}  // namespace

SqlShell::SqlShell(const std::string& database) {
  int in[2], out[2];
  SPECD_ASSERT(::pipe2(in, O_CLOEXEC) == 0 && ::pipe2(out, O_CLOEXEC) == 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, out[1], 2);
  const char* argv[] = {"sqlite3", "-batch", database.c_str(), nullptr};
  SPECD_ASSERT(::posix_spawnp(&pid_, argv[0], &actions, nullptr, const_cast<char* const*>(argv),
                              environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  in_ = Fd(in[1]);
  out_ = Fd(out[0]);
}

SqlShell::~SqlShell() {
  kill();
}

std::string SqlShell::ask(const std::string& lines) {
  say(lines);
  return listen();
}

void SqlShell::say(const std::string& lines) const {
  const std::string all = lines + "\n.print " + kEnd;
  SPECD_ASSERT(::write(in_.get(), all.data(), all.size()) == static_cast<ssize_t>(all.size()));
}

std::string SqlShell::listen() {
  std::string heard;
  pollfd waiting{out_.get(), POLLIN, 0};
  constexpr int kPatienceMs = std::chrono::milliseconds(kPatience).count();
  while (!heard.ends_with(kEnd)) {
    char buffer[4096];
    const ssize_t size = ::poll(&waiting, 1, kPatienceMs) == 1
                             ? ::read(out_.get(), buffer, sizeof buffer)
                             : ssize_t{0};
    if (size <= 0) {
      ADD_FAILURE() << "the shell says no more than: " << heard;
      return {};
    }
    heard.append(buffer, static_cast<size_t>(size));
  }
  return heard.substr(0, heard.size() - kEnd.size());
}

void SqlShell::send(int signal) const {
  ::kill(pid_, signal);
}

void SqlShell::kill() {
  if (pid_ <= 0) return;
  send(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace specd::test
