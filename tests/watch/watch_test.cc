// The real kernel: every test makes changes in a private folder and waits for the hints that must
// come of them.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/fd.h"
#include "base/mutex.h"
#include "base/path.h"
#include "watch/inotify.h"
#include "watch/poll.h"
#include "watch/watcher.h"

namespace specd::watch {
namespace {

namespace stdfs = std::filesystem;
using What = Hint::What;

constexpr ProjectId kProject{1};

// The archive's top directory only, as the daemon asks for it.
Depth archive_is_flat(std::string_view dir) {
  if (dir == "changes/archive") return Depth::entries;
  if (path::is_within(dir, "changes/archive") || dir == "ignored") return Depth::none;
  return Depth::full;
}

class Hints {
 public:
  void take(std::vector<Hint> hints) {
    {
      MutexLock lock(mutex_);
      while (is_gate_closed_) changed_.wait(mutex_);
      for (Hint& hint : hints) hints_.push_back(std::move(hint));
    }
    changed_.notify_all();
  }
  // Waits until a hint of this kind for this path has come; tells all that came until then, in
  // order.
  bool wait_for(What what, const std::string& path) {
    const SteadyTime deadline = system_clock().steady() + std::chrono::seconds(10);
    MutexLock lock(mutex_);
    for (;;) {
      for (const Hint& hint : hints_) {
        if (hint.what == what && hint.path == path) return true;
      }
      if (changed_.wait_until(mutex_, deadline) == std::cv_status::timeout) return false;
    }
  }
  std::vector<Hint> all() {
    MutexLock lock(mutex_);
    return hints_;
  }
  void clear() {
    MutexLock lock(mutex_);
    hints_.clear();
  }
  // While the gate is closed, whoever brings hints waits.
  void close_gate() {
    MutexLock lock(mutex_);
    is_gate_closed_ = true;
  }
  void open_gate() {
    {
      MutexLock lock(mutex_);
      is_gate_closed_ = false;
    }
    changed_.notify_all();
  }
  bool has(What what, const std::string& path) {
    MutexLock lock(mutex_);
    return std::any_of(hints_.begin(), hints_.end(),
                       [&](const Hint& hint) { return hint.what == what && hint.path == path; });
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<Hint> hints_ SPECD_GUARDED_BY(mutex_);
  bool is_gate_closed_ SPECD_GUARDED_BY(mutex_) = false;
};

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() {
    std::string pattern = stdfs::temp_directory_path() / "specd-watch-XXXXXX";
    base_ = mkdtemp(pattern.data());
    root_ = base_ + "/root";
    stdfs::create_directories(root_ + "/changes/archive/2026-01-01-old");
    stdfs::create_directories(root_ + "/changes/x/specs");
    stdfs::create_directory(base_ + "/probe");
  }
  ~WatchTest() override {
    watcher_.reset();
    stdfs::remove_all(base_);
  }

  void start(Options options = {}) {
    options.probe_folder = base_ + "/probe";
    watcher_ = best_watcher([this](std::vector<Hint> hints) { hints_.take(std::move(hints)); },
                            system_clock(), options);
    ASSERT_TRUE(watcher_->watch(kProject, root_, archive_is_flat).has_value());
  }
  void put(const std::string& path, const std::string& text) {
    std::ofstream(root_ + "/" + path, std::ios::binary) << text;
  }
  // Everything that happened before has been told once this has been.
  void settle() {
    static int n = 0;
    const std::string name = "settle-" + std::to_string(++n);
    put("changes/" + name, "x");
    ASSERT_TRUE(hints_.wait_for(What::file, "changes/" + name));
  }

  std::string base_, root_;
  Hints hints_;
  std::unique_ptr<Watcher> watcher_;
};

TEST_F(WatchTest, ASaveIsToldWhenItsWriterCloses) {
  start();
  put("changes/x/tasks.md", "- [ ] a");
  EXPECT_TRUE(hints_.wait_for(What::file, "changes/x/tasks.md"));
  EXPECT_FALSE(hints_.has(What::open_file, "changes/x/tasks.md"));
}

TEST_F(WatchTest, F1AWriterThatStaysOpenIsToldWhenItHoldsStill) {
  start();
  const Fd file(open((root_ + "/changes/x/tasks.md").c_str(), O_CREAT | O_WRONLY, 0600));
  ASSERT_EQ(write(file.get(), "half", 4), 4);
  EXPECT_TRUE(hints_.wait_for(What::open_file, "changes/x/tasks.md"));
  EXPECT_FALSE(hints_.has(What::file, "changes/x/tasks.md"));
}

TEST_F(WatchTest, F5AStoreThroughMmapIsToldWhenTheFileIsClosed) {
  put("changes/x/tasks.md", std::string(4096, 'a'));
  start();
  {
    const Fd file(open((root_ + "/changes/x/tasks.md").c_str(), O_RDWR));
    void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    ASSERT_NE(memory, MAP_FAILED);
    static_cast<char*>(memory)[0] = 'b';
    munmap(memory, 4096);
  }
  EXPECT_TRUE(hints_.wait_for(What::file, "changes/x/tasks.md"));
}

TEST_F(WatchTest, F2ARenameOverAFileIsALookAtThatFile) {
  put("changes/x/tasks.md", "old");
  put("changes/x/tasks.tmp", "new");
  start();
  stdfs::rename(root_ + "/changes/x/tasks.tmp", root_ + "/changes/x/tasks.md");
  EXPECT_TRUE(hints_.wait_for(What::file, "changes/x/tasks.md"));
}

TEST_F(WatchTest, F13WhatAppearsTogetherWithItsDirectoriesIsFound) {
  start();
  stdfs::create_directories(root_ + "/changes/y/specs/a/b");
  put("changes/y/specs/a/b/spec.md", "text");
  ASSERT_TRUE(hints_.wait_for(What::subtree, "changes/y"));
  // The file itself may have come before its directory was watched; a later change must be told by
  // itself.
  settle();
  hints_.clear();
  put("changes/y/specs/a/b/spec.md", "more");
  EXPECT_TRUE(hints_.wait_for(What::file, "changes/y/specs/a/b/spec.md"));
}

TEST_F(WatchTest, F14ATreeMovedInIsToldAndWatchedAndMovedOutIsTold) {
  start();
  stdfs::create_directories(base_ + "/outside/deep");
  stdfs::rename(base_ + "/outside", root_ + "/changes/in");
  ASSERT_TRUE(hints_.wait_for(What::subtree, "changes/in"));
  put("changes/in/deep/f", "1");
  EXPECT_TRUE(hints_.wait_for(What::file, "changes/in/deep/f"));
  hints_.clear();
  stdfs::rename(root_ + "/changes/in", base_ + "/outside");
  ASSERT_TRUE(hints_.wait_for(What::subtree, "changes/in"));
  // No longer ours: what happens there is not told under the old name.
  std::ofstream(base_ + "/outside/deep/f") << "2";
  settle();
  EXPECT_FALSE(hints_.has(What::file, "changes/in/deep/f"));
}

TEST_F(WatchTest, F15ARenamedDirectoryIsToldWithBothNamesAndItsFilesUnderTheNewOne) {
  start();
  stdfs::rename(root_ + "/changes/x", root_ + "/changes/z");
  put("changes/z/specs/spec.md", "text");
  EXPECT_TRUE(hints_.wait_for(What::file, "changes/z/specs/spec.md"));
  const std::vector<Hint> all = hints_.all();
  EXPECT_NE(
      std::find(all.begin(), all.end(), Hint{kProject, What::moved, "changes/z", "changes/x"}),
      all.end());
}

TEST_F(WatchTest, F16AnArchivedChangeIsToldAndNoLongerWatchedUntilItReturns) {
  start();
  const size_t before = watcher_->coverage(kProject).directories;
  stdfs::rename(root_ + "/changes/x", root_ + "/changes/archive/2026-11-21-x");
  ASSERT_TRUE(hints_.wait_for(What::moved, "changes/archive/2026-11-21-x"));
  EXPECT_EQ(watcher_->coverage(kProject).directories, before - 2)
      << "changes/x and changes/x/specs";
  hints_.clear();
  put("changes/archive/2026-11-21-x/tasks.md", "unseen");
  settle();
  EXPECT_FALSE(hints_.has(What::file, "changes/archive/2026-11-21-x/tasks.md"));
  EXPECT_FALSE(hints_.has(What::file, "changes/x/tasks.md")) << "the old name must be forgotten";

  stdfs::rename(root_ + "/changes/archive/2026-11-21-x", root_ + "/changes/x");
  ASSERT_TRUE(hints_.wait_for(What::moved, "changes/x"));
  EXPECT_EQ(watcher_->coverage(kProject).directories, before);
  put("changes/x/specs/spec.md", "seen");
  EXPECT_TRUE(hints_.wait_for(What::file, "changes/x/specs/spec.md"));
}

TEST_F(WatchTest, F18HalfARenameIsALookAndNeverADeletion) {
  start();
  stdfs::create_directory(root_ + "/ignored");
  stdfs::rename(root_ + "/changes/x", root_ + "/ignored/x");
  ASSERT_TRUE(hints_.wait_for(What::subtree, "changes/x"));
  for (const Hint& hint : hints_.all()) EXPECT_NE(hint.what, What::moved);
}

TEST_F(WatchTest, WhatTakesTheNameOfADirectoryThatLeftIsWatched) {
  start();
  stdfs::create_directory(root_ + "/changes/y");
  stdfs::create_directory(root_ + "/ignored");
  ASSERT_TRUE(hints_.wait_for(What::subtree, "changes/y"));
  stdfs::rename(root_ + "/changes/x", root_ + "/ignored/x");
  stdfs::rename(root_ + "/changes/y", root_ + "/changes/x");
  ASSERT_TRUE(hints_.wait_for(What::subtree, "changes/x"));
  ASSERT_TRUE(hints_.wait_for(What::moved, "changes/x"));
  put("changes/x/f", "1");
  EXPECT_TRUE(hints_.wait_for(What::file, "changes/x/f"));
}

TEST_F(WatchTest, F10AnOverflowBecomesOneLookEverywhere) {
  start();
  // The watcher's thread is held up in its sink, so that the kernel's queue (16,384 events by
  // default) runs full.
  hints_.close_gate();
  put("changes/x/first", "x");
  for (int i = 0; i < 20'000; ++i) {
    const Fd file(
        open((root_ + "/changes/x/" + std::to_string(i)).c_str(), O_CREAT | O_WRONLY, 0600));
  }
  stdfs::create_directories(root_ + "/changes/unseen/specs");
  hints_.open_gate();
  EXPECT_TRUE(hints_.wait_for(What::everywhere, ""));
  EXPECT_EQ(watcher_->counters().overflows, 1u);
  // A directory whose own event was lost is watched all the same.
  put("changes/unseen/specs/spec.md", "x");
  EXPECT_TRUE(hints_.wait_for(What::file, "changes/unseen/specs/spec.md"));
}

TEST_F(WatchTest, F11WhatTheKernelHasNoWatchesForIsPolled) {
  start({.poll_interval = std::chrono::milliseconds(5), .max_watches = 4});
  const Coverage coverage = watcher_->coverage(kProject);
  EXPECT_EQ(coverage.directories, 3u) << "one of four is the probe's";
  ASSERT_FALSE(coverage.unwatched.empty());
  for (const std::string& dir : coverage.unwatched)
    EXPECT_TRUE(hints_.wait_for(What::subtree, dir)) << dir;
}

TEST_F(WatchTest, F11WhatTheKernelHasNoWatchesForLaterIsPolledAsLongAsItIsThere) {
  // One for the probe, and one for each directory that is there and watched.
  start({.poll_interval = std::chrono::milliseconds(5), .max_watches = 6});
  ASSERT_TRUE(watcher_->coverage(kProject).unwatched.empty());
  stdfs::create_directories(root_ + "/changes/late");
  ASSERT_TRUE(hints_.wait_for(What::subtree, "changes/late"));
  hints_.clear();
  EXPECT_TRUE(hints_.wait_for(What::subtree, "changes/late")) << "told again and again";
  EXPECT_EQ(watcher_->coverage(kProject).unwatched, std::vector<std::string>{"changes/late"});

  stdfs::rename(root_ + "/changes/late", root_ + "/changes/later");
  hints_.clear();
  ASSERT_TRUE(hints_.wait_for(What::subtree, "changes/later"));
  EXPECT_EQ(watcher_->coverage(kProject).unwatched, std::vector<std::string>{"changes/later"});
  stdfs::remove(root_ + "/changes/later");
  settle();
  EXPECT_TRUE(watcher_->coverage(kProject).unwatched.empty());

  stdfs::create_directories(root_ + "/changes/last");
  ASSERT_TRUE(hints_.wait_for(What::subtree, "changes/last"));
  watcher_->restart();  // another one may be left out now
  hints_.clear();
  const std::vector<std::string> unwatched = watcher_->coverage(kProject).unwatched;
  ASSERT_EQ(unwatched.size(), 1u);
  EXPECT_TRUE(hints_.wait_for(What::subtree, unwatched[0]));
}

TEST_F(WatchTest, F12WithoutAnInstanceEverythingIsPolled) {
  // The kernel's limit is per user; here it is met by asking until it is.
  std::vector<Fd> taken;
  for (int i = 0; i < 10'000; ++i) {
    Fd fd(inotify_init1(IN_CLOEXEC));
    if (!fd) break;
    taken.push_back(std::move(fd));
  }
  start({.poll_interval = std::chrono::milliseconds(5)});
  EXPECT_TRUE(watcher_->coverage(kProject).is_polled);
  EXPECT_TRUE(hints_.wait_for(What::subtree, ""));
}

TEST_F(WatchTest, F23PollingCanBeForcedAndFindsEverything) {
  start({.always_poll = true, .poll_interval = std::chrono::milliseconds(5)});
  EXPECT_TRUE(watcher_->coverage(kProject).is_polled);
  EXPECT_TRUE(hints_.wait_for(What::subtree, ""));
  EXPECT_TRUE(needs_polling("/proc") == false && needs_polling(root_) == false);
  watcher_->unwatch(kProject);
}

TEST_F(WatchTest, F31AProbeThatIsNotNoticedTells) {
  start();
  EXPECT_TRUE(watcher_->probe()) << "nothing left to notice yet";
  settle();
  EXPECT_TRUE(watcher_->probe()) << "the first mark was noticed";
  settle();
  stdfs::remove_all(base_ + "/probe");
  stdfs::create_directory(base_ + "/probe");  // its watch is gone: the watcher is blind there
  (void)watcher_->probe();
  settle();
  EXPECT_FALSE(watcher_->probe());
  watcher_->restart();
  EXPECT_TRUE(hints_.wait_for(What::everywhere, ""));
  EXPECT_EQ(watcher_->counters().restarts, 1u);
  hints_.clear();
  put("changes/x/tasks.md", "after");
  EXPECT_TRUE(hints_.wait_for(What::file, "changes/x/tasks.md"));
  EXPECT_TRUE(watcher_->probe());
  settle();
  EXPECT_TRUE(watcher_->probe());
}

TEST_F(WatchTest, AFilteredDirectoryIsNeverWatched) {
  stdfs::create_directories(root_ + "/ignored/deep");
  start();
  hints_.clear();
  put("ignored/deep/f", "1");
  settle();
  EXPECT_FALSE(hints_.has(What::file, "ignored/deep/f"));
}

}  // namespace
}  // namespace specd::watch
