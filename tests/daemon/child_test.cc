#include "daemon/child.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <cerrno>
#include <fstream>

#include "tests/support/must.h"
#include "tests/support/temp_dir.h"

namespace specd::daemon {
namespace {

using test::must;
using namespace std::chrono_literals;

ChildOrder shell(const std::string& script) {
  return {
      .words = {"sh", "-c", script}, .environment = {"PATH=/usr/bin:/bin", "A=b"}, .folder = "/"};
}

bool never() {
  return false;
}

TEST(ChildTest, WhatAProgramSaysIsTakenWithItsExitCode) {
  const ChildEnd end =
      must(run_child(shell("echo $A; pwd; cat; env | wc -l; echo no >&2; exit 3"), never));
  EXPECT_EQ(end.exit_code, 3);
  EXPECT_THAT(end.out, testing::StartsWith("b\n/\n"));
  EXPECT_EQ(end.err, "no\n");
  EXPECT_EQ(must(run_child(shell("kill -9 $$"), never)).exit_code, 137);
}

TEST(ChildTest, OutputIsTakenUpToTheLimitAndItsEndIsSeen) {
  ChildOrder order = shell("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; exit 4");
  order.most_bytes = 1000;
  const ChildEnd end = must(run_child(order, never));
  EXPECT_EQ(end.out.size(), 1000u);
  EXPECT_EQ(end.err.size(), 1000u);
  EXPECT_EQ(end.exit_code, 4);
}

TEST(ChildTest, WhenItsTimeIsOverItEndsWithAllThatItStarted) {
  const test::TempDir dir;
  ChildOrder order = shell("sh -c 'echo $$ >pid; exec sleep 1000' & wait");
  order.folder = dir.path();
  order.time_limit = 10s;
  const auto has_begun = [&] {
    pid_t pid = 0;
    return (std::ifstream(dir.path() + "/pid") >> pid) && pid > 0;
  };
  EXPECT_EQ(run_child(order, has_begun).error().code, Code::busy);
  pid_t pid = 0;
  std::ifstream(dir.path() + "/pid") >> pid;
  ASSERT_GT(pid, 0);
  for (int i = 0; i < 1'000'000 && kill(pid, 0) == 0; ++i) {
    char state = ' ';
    std::string skip;
    std::ifstream("/proc/" + std::to_string(pid) + "/stat") >> skip >> skip >> state;
    if (state == 'Z') return;  // ended; whoever inherits it has not noticed yet
  }
  EXPECT_NE(kill(pid, 0), 0);
}

TEST(ChildTest, OneThatIsNotThereIsSaid) {
  ChildOrder order = shell("");
  order.words = {"no-such-program"};
  EXPECT_EQ(run_child(order, never).error().code, Code::not_found);
}

}  // namespace
}  // namespace specd::daemon
