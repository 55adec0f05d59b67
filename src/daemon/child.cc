#include "daemon/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/clock.h"
#include "base/fd.h"

namespace specd::daemon {
namespace {

constexpr std::chrono::milliseconds kGlance{100};

struct Pipe {
  Fd reading;
  Fd writing;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail_os("pipe", errno);
  Pipe made{Fd(ends[0]), Fd(ends[1])};
  if (fcntl(made.reading.get(), F_SETFL, O_NONBLOCK) != 0) return fail_os("pipe", errno);
  return made;
}

// Null-terminated; points into `words`.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// A group of its own, so that it can be ended with all that it started; and none of our signals.
Result<pid_t> start(const ChildOrder& order, const Pipe& out, const Pipe& err) {
  std::vector<std::string> words = order.words, variables = order.environment;
  const std::vector<char*> argv = pointers_to(words), environment = pointers_to(variables);
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, out.writing.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err.writing.get(), STDERR_FILENO);
  posix_spawn_file_actions_addchdir_np(&files, order.folder.c_str());
  sigset_t none, every;
  sigemptyset(&none);
  sigfillset(&every);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &every);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int failed =
      posix_spawnp(&pid, argv[0], &files, &attributes, argv.data(), environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) return fail_os(order.words[0], failed);
  return pid;
}

// What there is to read now. At its end it is closed, so that nobody waits for more.
void take(Fd& from, std::string& text, size_t most) {
  if (!from) return;
  std::array<char, 65536> part;
  ssize_t got = 0;
  while ((got = read(from.get(), part.data(), part.size())) > 0)
    text.append(part.data(),
                std::min(static_cast<size_t>(got), most - std::min(most, text.size())));
  if (got == 0) from = Fd();
}

}  // namespace

Result<ChildEnd> run_child(const ChildOrder& order, const std::function<bool()>& is_stopping) {
  auto out = make_pipe(), err = make_pipe();
  if (!out) return tl::unexpected(out.error());
  if (!err) return tl::unexpected(err.error());
  const auto pid = start(order, *out, *err);
  if (!pid) return tl::unexpected(pid.error());
  out->writing = Fd();
  err->writing = Fd();
  const Fd process(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
  const SteadyTime deadline = system_clock().steady() + order.time_limit;
  ChildEnd end;
  bool is_over = false, is_late = false;
  while (!is_over && !is_late) {
    pollfd ready[] = {{process.get(), POLLIN, 0},
                      {out->reading.get(), POLLIN, 0},
                      {err->reading.get(), POLLIN, 0}};
    poll(ready, std::size(ready), static_cast<int>(kGlance.count()));
    is_over = (ready[0].revents & POLLIN) != 0;
    take(out->reading, end.out, order.most_bytes);
    take(err->reading, end.err, order.most_bytes);
    is_late = !is_over && (system_clock().steady() >= deadline || is_stopping());
  }
  kill(-*pid, SIGKILL);  // what it left running, too; before its number can be another's
  int status = 0;
  while (waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (is_late) return fail(Code::busy, order.words[0] + ": it was ended, since it took too long");
  end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return end;
}

}  // namespace specd::daemon
