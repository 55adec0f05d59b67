#include "base/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace specd {
namespace {

/// In a process of its own, which has these limits: a hard one cannot be taken back.
int in_child(rlimit limit, const std::function<size_t()>& result) {
  const pid_t pid = fork();
  if (pid == 0) {
    setrlimit(RLIMIT_NOFILE, &limit);
    _exit(static_cast<int>(result()));
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

size_t limit_now() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

TEST(DescriptorsTest, TheLimitIsRaisedAsFarAsItMayBeAndNeverLowered) {
  const rlimit start{.rlim_cur = 64, .rlim_max = 128};
  EXPECT_EQ(in_child(start, [] { return raise_descriptor_limit(100); }), 100);
  EXPECT_EQ(in_child(start, [] { return raise_descriptor_limit(1000); }), 128);
  EXPECT_EQ(in_child(start, [] { return raise_descriptor_limit(10); }), 64);
  const auto what_holds = [] {
    (void)raise_descriptor_limit(100);
    return limit_now();
  };
  EXPECT_EQ(in_child(start, what_holds), 100);
}

}  // namespace
}  // namespace specd
