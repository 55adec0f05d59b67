#include "daemon/serving.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace specd::daemon {
namespace {

/// How many connections are admitted where the process may have so many files open: by a process of
/// its own, since a hard limit cannot be taken back.
int connections_with(rlim_t hard, const Config& config) {
  const pid_t pid = fork();
  if (pid == 0) {
    const rlimit limit{.rlim_cur = 64, .rlim_max = hard};
    setrlimit(RLIMIT_NOFILE, &limit);
    _exit(static_cast<int>(desk_options(config).max_connections));
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ServingTest, AsManyConnectionsAreAdmittedAsDescriptorsAllow) {
  Config config;
  config.max_connections = 100;
  EXPECT_EQ(descriptors_for(config), 356);
  EXPECT_EQ(connections_with(400, config), 100);
  EXPECT_EQ(connections_with(300, config), 44);
  EXPECT_EQ(connections_with(100, config), 16);
}

TEST(ServingTest, LimitsReachTheFrontDesk) {
  Config config;
  config.max_body_bytes = 3 << 20;
  config.max_connections = 20;
  config.max_caller_connections = 4;
  const net::FrontDeskOptions options = desk_options(config);
  EXPECT_EQ(options.body_limit, uint64_t{3} << 20);
  EXPECT_EQ(options.max_connections, 20u);
  EXPECT_EQ(options.max_caller_connections, 4u);
}

}  // namespace
}  // namespace specd::daemon
