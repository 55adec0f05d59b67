#include "base/fs_posix.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>

#include "base/fd.h"
#include "base/glance.h"
#include "base/thread.h"

namespace specd {
namespace {

namespace stdfs = std::filesystem;

class PosixFsTest : public ::testing::Test {
 protected:
  PosixFsTest() {
    std::string pattern = stdfs::temp_directory_path() / "specd-fs-XXXXXX";
    base_ = mkdtemp(pattern.data());
    root_ = base_ + "/root";
    stdfs::create_directory(root_);
    fs_ = posix_fs(root_);
  }
  ~PosixFsTest() override { stdfs::remove_all(base_); }

  void put(const std::string& path, const std::string& text) {
    stdfs::create_directories(stdfs::path(root_ + "/" + path).parent_path());
    std::ofstream(root_ + "/" + path, std::ios::binary) << text;
  }
  void put_outside(const std::string& text) { std::ofstream(base_ + "/outside") << text; }
  std::vector<std::string> names(const std::string& path) {
    std::vector<std::string> found;
    const auto entries = fs_->list(path);
    for (const DirEntry& entry : entries->entries) found.push_back(entry.name);
    std::sort(found.begin(), found.end());
    return found;
  }
  Code code_of_read(const std::string& path, ReadMode mode = ReadMode::plain) {
    auto read = fs_->read(path, mode, 100);
    EXPECT_FALSE(read.has_value()) << path;
    return read ? Code::io : read.error().code;
  }

  std::string base_, root_;
  std::unique_ptr<Fs> fs_;
};

uint64_t glance(Fs& fs, const std::string& path) {
  return fs.glance(path, [](const std::string& dir) { return !dir.ends_with("/skip"); }).value();
}

TEST_F(PosixFsTest, AGlanceAddsUpWhatListTells) {
  put("u/a.md", "a");
  put("u/b/c.md", "c");
  put("u/b/d/e.md", "e");
  put("u/skip/f.md", "f");
  stdfs::create_symlink("b/c.md", root_ + "/u/link.md");
  Glance sum;
  for (const char* dir : {"u", "u/b", "u/b/d"}) {
    const Listing listing = fs_->list(dir).value();
    sum.enter(listing.folder.fingerprint);
    for (const DirEntry& entry : listing.entries)
      sum.add(listing.folder.fingerprint, entry.name, entry.stat);
  }
  EXPECT_EQ(glance(*fs_, "u"), sum.value());
  const auto deep = fs_->glance("u", [](const std::string&) { return true; });
  EXPECT_NE(*deep, sum.value());
}

// Root reads everything, unless its thread looks as nobody does.
TEST_F(PosixFsTest, ARootThatCannotBeListedIsNamed) {
  stdfs::permissions(base_, stdfs::perms(0755));
  stdfs::permissions(root_, stdfs::perms::none);
  constexpr uid_t kNobody = 65'534;
  const int before = setfsuid(kNobody);
  const auto listed = fs_->list("");
  setfsuid(static_cast<uid_t>(before));
  stdfs::permissions(root_, stdfs::perms::owner_all);
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().message, "list .: Permission denied");
}

TEST_F(PosixFsTest, EveryChangeShowsAtAGlance) {
  put("u/a.md", "aa");
  put("u/b/c.md", "cc");
  put("u/skip/f.md", "f");
  put("u/k", "kk");
  stdfs::create_symlink("b/c.md", root_ + "/u/link.md");
  uint64_t before = glance(*fs_, "u");
  EXPECT_EQ(glance(*fs_, "u"), before);
  const auto expect_change = [&](const char* what) {
    const uint64_t now = glance(*fs_, "u");
    EXPECT_NE(now, before) << what;
    before = now;
  };
  stdfs::rename(root_ + "/u/a.md", root_ + "/u/A.md");
  expect_change("renamed");
  stdfs::rename(root_ + "/u/A.md", root_ + "/u/b/A.md");
  expect_change("moved down");
  stdfs::rename(root_ + "/u/b", root_ + "/u/bb");
  expect_change("folder renamed; the link leads nowhere");
  ASSERT_EQ(renameat2(AT_FDCWD, (root_ + "/u/bb/A.md").c_str(), AT_FDCWD, (root_ + "/u/k").c_str(),
                      RENAME_EXCHANGE),
            0);
  expect_change("exchanged");
  put("u/bb/c.md", "ccc");
  expect_change("longer");
  stdfs::remove(root_ + "/u/link.md");
  expect_change("link removed");
  stdfs::create_directory(root_ + "/u/empty");
  expect_change("empty folder");
  stdfs::create_directory(root_ + "/v");
  const uint64_t of_nothing = glance(*fs_, "v");
  stdfs::create_directory(root_ + "/w");
  EXPECT_NE(glance(*fs_, "w"), of_nothing) << "another folder, as empty as the first";
  put("u/skip/g.md", "not entered");
  EXPECT_EQ(glance(*fs_, "u"), before);
  EXPECT_FALSE(fs_->glance("u/none", [](const std::string&) { return true; }));
}

TEST_F(PosixFsTest, AGlanceFollowsNoLinkAndEndsWhereItIsTooDeep) {
  put("elsewhere/x.md", "x");
  stdfs::create_directory(root_ + "/u");
  stdfs::create_directory_symlink("../elsewhere", root_ + "/u/dir");
  const uint64_t before = glance(*fs_, "u");
  put("elsewhere/y.md", "y");
  EXPECT_EQ(glance(*fs_, "u"), before);
  EXPECT_FALSE(fs_->glance("u/dir", [](const std::string&) { return true; }));
  std::string deep = "u";
  for (int i = 0; i < 70; ++i) deep += "/d";
  put(deep + "/x.md", "x");
  EXPECT_EQ(fs_->glance("u", [](const std::string&) { return true; }).error().code, Code::refused);
}

TEST_F(PosixFsTest, ReadsBytesAsTheyAre) {
  const std::string bytes("\xef\xbb\xbf a\r\n\0b\xff", 10);
  put("a/b", bytes);
  const FileRead read = fs_->read("a/b", ReadMode::plain, 100).value();
  EXPECT_EQ(read.content, bytes);
  EXPECT_EQ(read.fingerprint, fs_->stat("a/b").value().fingerprint);
  EXPECT_EQ(read.fingerprint.size, 10);
}

TEST_F(PosixFsTest, AFreshFingerprintIsNotSettledAndAnOldOneIs) {
  put("a", "x");
  EXPECT_FALSE(fs_->read("a", ReadMode::plain, 100).value().settled);
  const Fingerprint fresh = fs_->stat("a").value().fingerprint;
  // The kernel's clock must move on by itself; there is no other way to age a ctime.
  FileRead read;
  for (int i = 0; i < 10'000'000 && !read.settled; ++i) {
    read = fs_->read("a", ReadMode::plain, 100).value();
  }
  EXPECT_TRUE(read.settled);
  EXPECT_EQ(read.fingerprint, fresh);
}

TEST_F(PosixFsTest, ListsWithStatsAndSkipsNothingButTheDots) {
  put("d/.hidden", "1");
  put("d/file", "22");
  stdfs::create_directory(root_ + "/d/sub");
  EXPECT_EQ(names("d"), (std::vector<std::string>{".hidden", "file", "sub"}));
  EXPECT_EQ(names(""), std::vector<std::string>{"d"});
  const auto entries = fs_->list("d");
  for (const DirEntry& entry : entries->entries) {
    const FileStat again = fs_->stat("d/" + entry.name).value();
    EXPECT_EQ(entry.stat.kind, again.kind) << entry.name;
    EXPECT_EQ(entry.stat.fingerprint, again.fingerprint) << entry.name;
  }
}

TEST_F(PosixFsTest, FoldersAreTheDirectoriesAloneAndNoLinksToThem) {
  put("d/file", "1");
  put("d/sub/file", "2");
  stdfs::create_directory(root_ + "/d/.hidden");
  stdfs::create_directory_symlink(root_ + "/d/sub", root_ + "/d/link");
  std::vector<std::string> folders = fs_->folders("d").value();
  std::sort(folders.begin(), folders.end());
  EXPECT_EQ(folders, (std::vector<std::string>{".hidden", "sub"}));
  EXPECT_EQ(fs_->folders("nowhere").error().code, Code::not_found);
  EXPECT_EQ(fs_->folders("d/link").error().code, Code::refused);
  EXPECT_EQ(fs_->folders("d/file").error().code, Code::not_found);
}

TEST_F(PosixFsTest, ManyEntriesNeedMoreThanOneCallOfTheKernel) {
  for (int i = 0; i < 2000; ++i) put("d/a-rather-long-name-for-a-file-" + std::to_string(i), "");
  EXPECT_EQ(names("d").size(), 2000u);
}

TEST_F(PosixFsTest, F24LinksNeverLeadOutAndDirectoriesBehindLinksAreNotEntered) {
  put_outside("secret");
  put("real/file", "in");
  stdfs::create_symlink("../outside", root_ + "/out");
  stdfs::create_symlink(base_ + "/outside", root_ + "/absolute");
  stdfs::create_symlink("file", root_ + "/real/in");
  put(".git/config", "token");
  stdfs::create_symlink("../.git/config", root_ + "/real/elsewhere");
  stdfs::create_symlink("real", root_ + "/dir");
  stdfs::create_symlink("loop", root_ + "/loop");

  EXPECT_EQ(fs_->read("real/in", ReadMode::plain, 100).value().content, "in");
  EXPECT_EQ(fs_->stat("real/in").value().kind, FileKind::regular);
  EXPECT_EQ(code_of_read("real/elsewhere"), Code::refused);
  for (const char* path : {"out", "absolute", "dir", "loop", "real/elsewhere"}) {
    EXPECT_EQ(fs_->stat(path).value().kind, FileKind::link) << path;
  }
  EXPECT_FALSE(fs_->read("out", ReadMode::plain, 100).has_value());
  EXPECT_FALSE(fs_->read("absolute", ReadMode::plain, 100).has_value());
  EXPECT_FALSE(fs_->read("../outside", ReadMode::plain, 100).has_value());
  EXPECT_FALSE(fs_->read("loop", ReadMode::plain, 100).has_value());
  EXPECT_EQ(fs_->list("dir").error().code, Code::refused);
  EXPECT_FALSE(fs_->stat("dir/file").has_value());
}

TEST_F(PosixFsTest, F28WhatIsNoFileIsSkippedWithoutWaiting) {
  ASSERT_EQ(mkfifo((root_ + "/fifo").c_str(), 0600), 0);
  stdfs::create_directory(root_ + "/dir");
  EXPECT_EQ(fs_->stat("fifo").value().kind, FileKind::other);
  EXPECT_EQ(code_of_read("fifo"), Code::refused);
  EXPECT_EQ(code_of_read("dir"), Code::refused);
  EXPECT_EQ(code_of_read("none"), Code::not_found);
}

TEST_F(PosixFsTest, F29ALimitIsToldAndNothingIsRead) {
  put("big", std::string(101, 'x'));
  EXPECT_EQ(code_of_read("big"), Code::refused);
  put("fits", std::string(100, 'x'));
  EXPECT_TRUE(fs_->read("fits", ReadMode::plain, 100).has_value());
}

TEST_F(PosixFsTest, F1ALeasedReadSeesThatAWriterIsAtWork) {
  put("a", "x");
  {
    const Fd writer(open((root_ + "/a").c_str(), O_WRONLY | O_TRUNC));
    EXPECT_EQ(code_of_read("a", ReadMode::leased), Code::busy);
    EXPECT_EQ(fs_->read("a", ReadMode::plain, 100).value().content, "");
  }
  const FileRead read = fs_->read("a", ReadMode::leased, 100).value();
  EXPECT_TRUE(read.leased);
}

TEST_F(PosixFsTest, ALeaseIsGivenBackAtOnce) {
  put("a", "x");
  ASSERT_TRUE(fs_->read("a", ReadMode::leased, 100).value().leased);
  const Fd writer(open((root_ + "/a").c_str(), O_WRONLY | O_NONBLOCK));
  EXPECT_TRUE(writer);
}

TEST_F(PosixFsTest, F32AContentNeverMixesTwoVersions) {
  const std::string a(64 * 1024, 'a'), b(64 * 1024, 'b');
  put("f", a);
  std::atomic<bool> stop = false;
  Fd file(open((root_ + "/f").c_str(), O_WRONLY));
  Thread writer("writer", [&] {
    for (int i = 0; !stop; ++i) {
      const std::string& text = i % 2 ? a : b;
      // In two halves, so that a reader without a second look would mix them.
      ASSERT_EQ(pwrite(file.get(), text.data(), 32 * 1024, 0), 32 * 1024);
      ASSERT_EQ(pwrite(file.get(), text.data() + 32 * 1024, 32 * 1024, 32 * 1024), 32 * 1024);
    }
  });
  int busy = 0;
  for (int i = 0; i < 2000; ++i) {
    auto read = fs_->read("f", ReadMode::leased, 1 << 20);
    if (!read) {
      EXPECT_EQ(read.error().code, Code::busy);
      ++busy;
    }
  }
  stop = true;
  writer.join();
  file = Fd();
  EXPECT_EQ(busy, 2000) << "the writer had the file open all the time";
  EXPECT_TRUE(fs_->read("f", ReadMode::leased, 1 << 20).has_value());
}

TEST_F(PosixFsTest, F27AnUnreadableFileIsAnErrorNotAnAbsence) {
  put("a", "x");
  stdfs::permissions(root_ + "/a", stdfs::perms::none);
  stdfs::permissions(base_, stdfs::perms::all);
  // As root everything is readable, so another user looks.
  const pid_t child = fork();
  if (child == 0) {
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(9);
    auto other = posix_fs(root_);
    auto read = other->read("a", ReadMode::plain, 100);
    _exit(read ? 1 : read.error().code == Code::io && other->stat("a").has_value() ? 0 : 2);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(PosixFsTest, F20AnotherRootAtTheSamePathIsAttached) {
  put("a", "old");
  const FileStat first = fs_->attach().value();
  stdfs::rename(root_, base_ + "/away");
  EXPECT_EQ(fs_->read("a", ReadMode::plain, 100).value().content, "old") << "not before attach()";
  stdfs::create_directory(root_);
  put("a", "new");
  const FileStat second = fs_->attach().value();
  EXPECT_NE(first.fingerprint.ino, second.fingerprint.ino);
  EXPECT_EQ(fs_->read("a", ReadMode::plain, 100).value().content, "new");
  stdfs::remove_all(root_);
  EXPECT_EQ(fs_->attach().error().code, Code::not_found);
  EXPECT_EQ(fs_->stat("a").error().code, Code::not_found);
}

}  // namespace
}  // namespace specd
