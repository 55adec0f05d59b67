// The real kernel: files of a private folder are written, and the watch on one of them must tell.

#include "watch/log_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>

#include "base/clock.h"
#include "base/mutex.h"
#include "tests/support/must.h"
#include "tests/support/temp_dir.h"

namespace specd::watch {
namespace {

/// How often something was told.
class Told {
 public:
  void tell() {
    {
      MutexLock lock(mutex_);
      ++count_;
    }
    changed_.notify_all();
  }
  /// Bounded.
  bool comes_to(int count) {
    const SteadyTime deadline = system_clock().steady() + std::chrono::seconds(10);
    MutexLock lock(mutex_);
    while (count_ < count) {
      if (changed_.wait_until(mutex_, deadline) == std::cv_status::timeout) return false;
    }
    return true;
  }
  int count() {
    MutexLock lock(mutex_);
    return count_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  int count_ SPECD_GUARDED_BY(mutex_) = 0;
};

class LogWatchTest : public testing::Test {
 protected:
  void start() {
    watch_ = test::must(
        LogWatch::start(dir_.file("specd.db-wal"), {.own_writes =
                                                        [this] {
                                                          ++wakeups_;
                                                          return own_writes_.load();
                                                        },
                                                    .written_by_others = [this] { others_.tell(); },
                                                    .written = [this] { ours_.tell(); }}));
  }
  void write(const std::string& name) const {
    std::ofstream(dir_.file(name), std::ios::app) << "a page";
  }

  test::TempDir dir_;
  std::atomic<uint64_t> own_writes_ = 0;
  std::atomic<int> wakeups_ = 0;
  Told others_;
  Told ours_;
  std::unique_ptr<LogWatch> watch_;
};

TEST_F(LogWatchTest, AWriteByOthersIsTold) {
  start();
  write("specd.db-wal");
  EXPECT_TRUE(others_.comes_to(1));
  write("specd.db-wal");
  EXPECT_TRUE(others_.comes_to(2));
  EXPECT_EQ(ours_.count(), 0);
}

TEST_F(LogWatchTest, WritesToItsNeighboursAreNotTold) {
  start();
  // At the second wakeup what came of the first is over.
  const int before = wakeups_;
  const SteadyTime deadline = system_clock().steady() + std::chrono::seconds(10);
  while (wakeups_ < before + 2 && system_clock().steady() < deadline) {
    for (const char* name : {"specd.db", "search.db-wal", "specd.db-wal2"}) write(name);
  }
  EXPECT_GE(wakeups_, before + 2);
  EXPECT_EQ(others_.count(), 0);
}

TEST_F(LogWatchTest, ABurstOfOwnWritesIsToldAsPerhapsOurs) {
  start();
  ++own_writes_;
  for (int i = 0; i < 100; ++i) write("specd.db-wal");
  ++own_writes_;
  EXPECT_TRUE(ours_.comes_to(1));
}

TEST_F(LogWatchTest, AfterOwnWritesThoseOfOthersAreToldAgain) {
  start();
  ++own_writes_;
  write("specd.db-wal");
  ASSERT_TRUE(ours_.comes_to(1));
  write("specd.db-wal");
  EXPECT_TRUE(others_.comes_to(1));
}

TEST_F(LogWatchTest, AFolderThatIsNotThereIsAnErrorThatSaysSo) {
  const auto watch = LogWatch::start(dir_.file("nowhere/specd.db-wal"), {});
  ASSERT_FALSE(watch);
  EXPECT_NE(watch.error().message.find("nowhere"), std::string::npos) << watch.error().message;
}

}  // namespace
}  // namespace specd::watch
