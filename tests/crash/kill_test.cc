#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include "base/fd.h"
#include "tests/fake/hook_ops.h"
#include "tests/sync/engine_fixture.h"

// A daemon that is killed before each single call of a push, while another program saves the same
// file: a process of its own, whose parent is that program and then the next daemon.

namespace specd::crash {
namespace {

using std::chrono::milliseconds;
using sync::Expected;
using test::must;

const std::string kDir = "openspec/changes/x";
const std::string kFile = kDir + "/tasks.md";
const std::string kBase = "as it was\n", kOurs = "the edit\n", kTheirs = "what they saved\n";

// What the two processes tell each other.
constexpr char kReached = 'r', kAnswered = 'a', kEnded = 'e', kSaved = 's';
// A save that waits for a lease goes on when the process that has it is dead, and not before.
constexpr int kWaitsForLeaseMs = 20;

enum class Way { none, rename, truncate, in_place };
constexpr uint64_t kAfterTheKill = UINT64_MAX;

struct Case {
  Way way = Way::none;
  uint64_t kill_at = 0;      ///< which call of the push; before it
  uint64_t save_before = 0;  ///< so many calls earlier the other program saves; or kAfterTheKill
};

void tell(int fd, char what) {
  if (::write(fd, &what, 1) != 1) ::_exit(2);
}

void save(const std::string& path, const std::string& draft, Way way) {
  if (way == Way::rename) {
    std::ofstream(draft, std::ios::binary) << kTheirs;
    std::filesystem::rename(draft, path);
    return;
  }
  const Fd file(::open(path.c_str(), O_WRONLY | (way == Way::truncate ? O_TRUNC : 0)));
  ASSERT_TRUE(file) << "the file is gone";
  for (const char& letter : kTheirs) ASSERT_EQ(::write(file.get(), &letter, 1), 1);
  ASSERT_EQ(::ftruncate(file.get(), static_cast<off_t>(kTheirs.size())), 0);
}

/// The daemon that is killed.
class Killed : private sync::EngineRig {
 public:
  Killed(const test::TempDir& dir, const Case& how, int out, int in)
      : EngineRig(&dir), how_(how), out_(out), in_(in) {
    put(kFile, kBase);
    settle(kFile);
    add();
  }

  void push() {
    ops_->before([this](HookOps::Call) -> std::optional<Error> {
      count();
      return std::nullopt;
    });
    engine_->edit(project_, {.files = {{kFile, kOurs, {Expected::What::anything, {}}}}},
                  clock_.steady(), [this](const auto& answer) {
                    if (answer) tell(out_, kAnswered);
                  });
    rounds();
    wait(milliseconds(1'100));  // what was left over is judged
    tell(out_, kEnded);
  }

 private:
  Result<std::unique_ptr<FileOps>> open_ops(const std::string& root) override {
    auto ops = std::make_unique<HookOps>(must(posix_file_ops(root)));
    ops_ = ops.get();
    return ops;
  }
  void count() {
    const uint64_t call = ++calls_;
    if (how_.way != Way::none && call + how_.save_before == how_.kill_at) {
      tell(out_, kReached);
      pollfd waiting{in_, POLLIN, 0};
      (void)::poll(&waiting, 1, kWaitsForLeaseMs);
    }
    if (call == how_.kill_at) (void)::kill(::getpid(), SIGKILL);
  }

  const Case how_;
  const int out_, in_;
  HookOps* ops_ = nullptr;
  std::atomic<uint64_t> calls_ = 0;
};

/// The one after it.
class Next : private sync::EngineRig {
 public:
  explicit Next(const test::TempDir& dir) : EngineRig(&dir) {
    project_ = must(tables().projects.list()).front().id;
    for (int i = 0; i < 3; ++i) wait(milliseconds(1'100));
  }

  void judge(const Case& how, bool is_answered) {
    expect_in_step();
    const std::string text = disk()[kFile];
    const bool is_good = how.way == Way::none ? text == kBase || text == kOurs : text == kTheirs;
    EXPECT_TRUE(is_good) << text;
    EXPECT_TRUE(!is_answered || is_known(kOurs)) << "it was acknowledged";
    EXPECT_EQ(must(tables().dirty.count_files(project_)), 0);
    const auto staging =
        std::filesystem::recursive_directory_iterator(dir_.path() + "/state/staging");
    for (const auto& entry : staging) EXPECT_FALSE(entry.is_regular_file()) << entry.path();
    for (const auto& entry : std::filesystem::directory_iterator(at(kDir)))
      EXPECT_EQ(entry.path().filename(), "tasks.md");
  }

 private:
  bool is_known(const std::string& text) {
    return row(kFile) == text || must(tables().versions.has(project_, kFile, sha256(text)));
  }
};

struct Pipe {
  Pipe() {
    int fds[2];
    SPECD_ASSERT(::pipe2(fds, O_CLOEXEC) == 0);
    out = Fd(fds[0]);
    in = Fd(fds[1]);
  }
  Fd out, in;
};

/// One daemon killed, and the next one judged. False: the push was over before.
bool play(const Case& how) {
  const test::TempDir dir;
  const std::string path = dir.path() + "/project/" + kFile, draft = dir.path() + "/project/draft";
  Pipe told, reply;
  const pid_t child = ::fork();
  if (child == 0) {
    Killed(dir, how, told.in.get(), reply.out.get()).push();
    ::_exit(0);
  }
  told.in = Fd();
  bool is_answered = false, is_over = false;
  std::thread writer;
  for (char what = 0; ::read(told.out.get(), &what, 1) == 1;) {
    is_answered = is_answered || what == kAnswered;
    is_over = is_over || what == kEnded;
    if (what != kReached) continue;
    writer = std::thread([&] {
      save(path, draft, how.way);
      tell(reply.in.get(), kSaved);
    });
  }
  int status = 0;
  (void)::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) || (is_over && WEXITSTATUS(status) == 0));
  if (writer.joinable()) writer.join();
  if (is_over && how.way != Way::none) return false;
  if (how.save_before == kAfterTheKill) save(path, draft, how.way);
  Next(dir).judge(how, is_answered);
  return !is_over;
}

/// Every call, until a push gets through.
void sweep(Way way, uint64_t save_before) {
  uint64_t call = 1;
  for (; play({way, call + (save_before == kAfterTheKill ? 0 : save_before), save_before});
       ++call) {
    ASSERT_FALSE(testing::Test::HasFailure()) << "before call " << call;
    ASSERT_LT(call, 200u) << "pushes do not end";
  }
  EXPECT_GT(call, 20u) << "pushes were not hit";
}

class KillTest : public testing::TestWithParam<std::pair<Way, uint64_t>> {};

TEST_P(KillTest, F51NothingIsLostWhereverAPushIsKilled) {
  sweep(GetParam().first, GetParam().second);
}

std::string name_of(const testing::TestParamInfo<KillTest::ParamType>& info) {
  const auto& [way, save_before] = info.param;
  const char* const ways[] = {"WithoutASave", "ARename", "ATruncatedSave", "ASaveInPlace"};
  std::string name = ways[static_cast<size_t>(way)];
  if (way == Way::none) return name;
  if (save_before == kAfterTheKill) return name + "After";
  return name + "Before" + std::to_string(save_before);
}

INSTANTIATE_TEST_SUITE_P(EachWay, KillTest,
                         testing::Values(std::pair(Way::none, 0), std::pair(Way::rename, 0),
                                         std::pair(Way::rename, 1), std::pair(Way::rename, 2),
                                         std::pair(Way::rename, kAfterTheKill),
                                         std::pair(Way::truncate, 0), std::pair(Way::truncate, 1),
                                         std::pair(Way::truncate, kAfterTheKill),
                                         std::pair(Way::in_place, 0), std::pair(Way::in_place, 1),
                                         std::pair(Way::in_place, 3),
                                         std::pair(Way::in_place, kAfterTheKill)),
                         name_of);

}  // namespace
}  // namespace specd::crash
