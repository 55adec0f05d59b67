#include "base/file_locks.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fd.h"
#include "tests/support/temp_dir.h"

namespace specd {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(FileLocks, AreToldWithWhoHasThemAndWhere) {
  const test::TempDir dir;
  const std::string path = dir.file("locked");
  const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_THAT(locks_on(path), IsEmpty());
  struct flock range{
      .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 120, .l_len = 1, .l_pid = 0};
  ASSERT_EQ(::fcntl(file.get(), F_SETLK, &range), 0);
  const auto ranged = locks_on(path);
  ASSERT_THAT(ranged, SizeIs(1));
  EXPECT_EQ(ranged[0].kind, FileLock::Kind::posix);
  EXPECT_EQ(ranged[0].pid, ::getpid());
  EXPECT_EQ(ranged[0].first_byte, 120);
  const Fd folder(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(folder.get(), LOCK_EX), 0);
  const auto whole = locks_on(dir.path());
  ASSERT_THAT(whole, SizeIs(1));
  EXPECT_EQ(whole[0].kind, FileLock::Kind::flock);
}

TEST(FileLocks, OfWhatIsNotThereThereAreNone) {
  EXPECT_THAT(locks_on("/no/such/file"), IsEmpty());
}

TEST(FileLocks, AProcessIsNamedAsFarAsItIsKnown) {
  EXPECT_THAT(named_process(::getpid()), HasSubstr("(process " + std::to_string(::getpid()) + ")"));
  EXPECT_EQ(named_process(2'000'000'000), "process 2000000000");
}

}  // namespace
}  // namespace specd
