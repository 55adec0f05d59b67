#include "sync/replace.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/fd.h"
#include "tests/fake/hook_ops.h"
#include "tests/support/must.h"
#include "tests/support/temp_dir.h"

namespace specd::sync {
namespace {

using test::must;
using testing::ElementsAre;
using testing::IsEmpty;
using Call = HookOps::Call;

constexpr int64_t kMaxBytes = 1 << 20;
const std::string kName = "tasks.md";
const std::string kStaged = "f.1";

/// A project with a folder `specs`, and a staging folder beside the project, on the real disk.
class ReplaceTest : public testing::Test {
 protected:
  ReplaceTest() {
    std::filesystem::create_directories(dir_.path() + "/project/specs");
    ops_ = std::make_unique<HookOps>(must(posix_file_ops(dir_.path() + "/project")));
    folder_ = must(ops_->open_folder("specs"));
    staging_ = must(ops_->open_staging(dir_.path() + "/staging"));
  }

  [[nodiscard]] std::string at(const std::string& name) const {
    return dir_.path() + "/project/specs/" + name;
  }
  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }
  void save(const std::string& text) const { write(at(kName), text); }
  void save_by_rename(const std::string& text) const {
    write(at("new"), text);
    std::filesystem::rename(at("new"), at(kName));
  }
  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// As a writer that opens it: waits for the lease, or, as here, is told to come again. It breaks
  /// all the same.
  void knock() const {
    EXPECT_EQ(open(at(kName).c_str(), O_WRONLY | O_NONBLOCK), -1);
    EXPECT_EQ(errno, EWOULDBLOCK);
  }
  [[nodiscard]] std::string target() const { return read(at(kName)); }
  [[nodiscard]] std::string staged() const { return read(dir_.path() + "/staging/" + kStaged); }
  [[nodiscard]] std::vector<std::string> names() const { return must(ops_->list(staging_)); }

  Staged stage(const std::string& text) {
    Attributes like{.mode = 0644, .owner = geteuid(), .group = getegid()};
    if (auto file = ops_->open(entry())) like = must(ops_->attributes(*file));
    return must(replacer().stage(staging_, kStaged, text, like));
  }
  Replacer replacer() { return {*ops_, kMaxBytes}; }
  [[nodiscard]] Entry entry() const { return {folder_, kName}; }
  /// Does something once, just before the nth call of this kind from now on.
  void when(Call call, std::function<void()> act, int nth = 1) {
    ops_->before([this, call, act = std::move(act), nth](Call now) mutable {
      if (now == call && --nth == 0) {
        const auto once = std::move(act);
        once();
      }
      return std::nullopt;
    });
  }
  SwapResult swap(Staged& staged, const std::string& base) {
    return must(replacer().swap(staged, entry(), sha256(base)));
  }

  test::TempDir dir_;
  std::unique_ptr<HookOps> ops_;
  Handle folder_, staging_;
};

TEST_F(ReplaceTest, F35AFileIsReplacedAndKeepsWhatItHad) {
  save("old");
  ASSERT_EQ(chmod(at(kName).c_str(), 0640), 0);
  ASSERT_EQ(setxattr(at(kName).c_str(), "user.note", "kept", 4, 0), 0);
  Staged staged = stage("new");
  EXPECT_EQ(target(), "old") << "not before it is its turn";
  const SwapResult result = swap(staged, "old");
  EXPECT_EQ(result.what, Swap::done);
  EXPECT_TRUE(result.is_guarded);
  EXPECT_EQ(target(), "new");
  EXPECT_EQ(this->staged(), "old") << "until it is known that nobody writes to it any more";
  struct stat st{};
  ASSERT_EQ(stat(at(kName).c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777u, 0640u);
  EXPECT_EQ(st.st_ino, result.fingerprint.ino);
  EXPECT_EQ(st.st_size, result.fingerprint.size);
  EXPECT_EQ(st.st_ctim.tv_nsec, result.fingerprint.ctime_ns % 1'000'000'000);
  char note[8] = {};
  EXPECT_EQ(getxattr(at(kName).c_str(), "user.note", note, sizeof note), 4);
  EXPECT_STREQ(note, "kept");
  EXPECT_TRUE(Fd(open(at(kName).c_str(), O_WRONLY | O_NONBLOCK))) << "no lease is left";
}

TEST_F(ReplaceTest, F36WhatIsNotTheBaseStays) {
  save("old");
  Staged staged = stage("new");
  save("theirs");
  EXPECT_EQ(swap(staged, "old").what, Swap::overtaken);
  EXPECT_EQ(target(), "theirs");
  EXPECT_EQ(this->staged(), "new");
}

TEST_F(ReplaceTest, F36WhatWasDeletedStaysDeleted) {
  save("old");
  Staged staged = stage("new");
  std::filesystem::remove(at(kName));
  EXPECT_EQ(swap(staged, "old").what, Swap::overtaken);
  EXPECT_FALSE(std::filesystem::exists(at(kName)));
}

TEST_F(ReplaceTest, AnotherModeMeansToBeginAnew) {
  save("old");
  Staged staged = stage("new");
  ASSERT_EQ(chmod(at(kName).c_str(), 0600), 0);
  EXPECT_EQ(swap(staged, "old").what, Swap::overtaken);
  EXPECT_EQ(target(), "old");
}

TEST_F(ReplaceTest, F38ASaveByRenameBetweenCheckAndSwapEndsAtThePath) {
  save("old");
  Staged staged = stage("new");
  when(Call::exchange, [this] { save_by_rename("theirs"); });
  const SwapResult result = swap(staged, "old");
  EXPECT_EQ(result.what, Swap::overtaken);
  EXPECT_EQ(result.exchanges, 2);
  EXPECT_EQ(target(), "theirs");
  EXPECT_EQ(this->staged(), "new");
}

TEST_F(ReplaceTest, F38ASaveOverWhatWePutInWhileItGoesBackEndsAtThePath) {
  save("old");
  Staged staged = stage("new");
  ops_->before([this, exchanges = 0](Call call) mutable {
    if (call == Call::exchange) save_by_rename("theirs " + std::to_string(++exchanges));
    if (exchanges == 5) ops_->undisturbed();
    return std::nullopt;
  });
  const SwapResult result = swap(staged, "old");
  EXPECT_EQ(result.what, Swap::overtaken);
  EXPECT_EQ(target(), "theirs 5");
  EXPECT_THAT(this->staged(), testing::StartsWith("theirs")) << "whatever was superseded last";
}

TEST_F(ReplaceTest, F38AWriterWhoOpensItBetweenCheckAndSwapWritesToThePath) {
  save("old");
  Staged staged = stage("new");
  when(Call::exchange, [this] { knock(); });
  EXPECT_EQ(swap(staged, "old").what, Swap::overtaken);
  EXPECT_EQ(target(), "old");
  save("theirs");
  EXPECT_EQ(target(), "theirs");
  EXPECT_EQ(this->staged(), "new");
}

TEST_F(ReplaceTest, F38AWriterWhoWaitsForItIsNotHeldUpAndWritesToAFileThatIsKept) {
  save("old");
  Staged staged = stage("new");
  std::thread writer;
  when(Call::exchange, [&] {
    knock();
    // Finds the old file, or ours while it stands there.
    writer = std::thread([this] { save("theirs"); });
  });
  EXPECT_EQ(swap(staged, "old").what, Swap::overtaken);
  writer.join();
  EXPECT_TRUE(target() == "theirs" || this->staged() == "theirs") << target() << this->staged();
}

TEST_F(ReplaceTest, F38WhoFindsOursWhileItGoesBackIsNotHeldUp) {
  save("old");
  Staged staged = stage("new");
  when(Call::exchange, [this] {
    knock();
    when(Call::exchange, [this] { knock(); });
  });
  EXPECT_EQ(swap(staged, "old").what, Swap::overtaken);
  EXPECT_EQ(target(), "old");
  EXPECT_FALSE(staged.file);
  const std::string ours = dir_.path() + "/staging/" + kStaged;
  EXPECT_TRUE(Fd(open(ours.c_str(), O_WRONLY | O_NONBLOCK))) << "no lease is left on it";
}

TEST_F(ReplaceTest, WhatSomebodyDeletesWhileItGoesBackStaysDeletedAndIsKept) {
  save("old");
  Staged staged = stage("new");
  ops_->before([this, exchanges = 0](Call call) mutable {
    if (call == Call::exchange && ++exchanges == 1) save_by_rename("theirs");
    if (call == Call::exchange && exchanges == 2) std::filesystem::remove(at(kName));
    return std::nullopt;
  });
  EXPECT_EQ(swap(staged, "old").what, Swap::overtaken);
  EXPECT_FALSE(std::filesystem::exists(at(kName)));
  EXPECT_EQ(this->staged(), "theirs");
}

TEST_F(ReplaceTest, F39WhoHasItOpenForWritingIsWaitedFor) {
  save("old");
  Staged staged = stage("new");
  {
    const Fd writer(open(at(kName).c_str(), O_WRONLY));
    EXPECT_EQ(swap(staged, "old").what, Swap::busy);
    EXPECT_EQ(target(), "old");
  }
  EXPECT_EQ(swap(staged, "old").what, Swap::done);
  EXPECT_EQ(target(), "new");
}

TEST_F(ReplaceTest, F43ANameThatSomebodyHasIsNeverWrittenTo) {
  save("old");
  const std::string path = dir_.path() + "/staging/" + kStaged;
  std::filesystem::create_symlink(at(kName), path);
  const auto staged = replacer().stage(staging_, kStaged, "new", {.mode = 0644});
  ASSERT_FALSE(staged);
  EXPECT_EQ(staged.error().os, EEXIST);
  EXPECT_EQ(target(), "old");
  EXPECT_TRUE(std::filesystem::is_symlink(path));
}

TEST_F(ReplaceTest, F43WhereFilesMustHaveANameTheyGetOneThatNothingHas) {
  save("old");
  ops_->before([](Call call) -> std::optional<Error> {
    if (call == Call::create_unnamed) return Error{Code::io, "create", EOPNOTSUPP};
    return std::nullopt;
  });
  Staged staged = stage("new");
  EXPECT_EQ(swap(staged, "old").what, Swap::done);
  EXPECT_EQ(target(), "new");
  std::filesystem::remove(dir_.path() + "/staging/" + kStaged);
  std::filesystem::create_symlink(at(kName), dir_.path() + "/staging/" + kStaged);
  EXPECT_FALSE(replacer().stage(staging_, kStaged, "newer", {.mode = 0644}));
  EXPECT_EQ(target(), "new");
}

TEST_F(ReplaceTest, F41AFailureWhileItIsStagedLeavesNothingBehind) {
  save("old");
  for (const Call failing : {Call::create_unnamed, Call::write, Call::set_attributes, Call::sync,
                             Call::name, Call::open, Call::stat}) {
    for (const bool has_names_only : {false, true}) {
      if (has_names_only && failing == Call::name) continue;  // is not called
      ops_->before([=](Call call) -> std::optional<Error> {
        if (call == failing) return Error{Code::io, "test", ENOSPC};
        if (call == Call::create_unnamed && has_names_only)
          return Error{Code::io, "create", EOPNOTSUPP};
        return std::nullopt;
      });
      const auto staged = replacer().stage(staging_, kStaged, "new", {.mode = 0644});
      ops_->undisturbed();
      ASSERT_FALSE(staged) << static_cast<int>(failing);
      EXPECT_EQ(staged.error().os, ENOSPC);
      EXPECT_THAT(names(), IsEmpty()) << static_cast<int>(failing);
    }
  }
  EXPECT_EQ(target(), "old");
}

TEST_F(ReplaceTest, ANewFileTakesNobodysPlace) {
  Staged staged = stage("new");
  save("theirs");
  EXPECT_EQ(must(replacer().put_new(staged, entry())).what, Swap::overtaken);
  EXPECT_EQ(target(), "theirs");
  std::filesystem::remove(at(kName));
  const SwapResult result = must(replacer().put_new(staged, entry()));
  EXPECT_EQ(result.what, Swap::done);
  EXPECT_EQ(target(), "new");
  EXPECT_NE(result.fingerprint.ino, 0u);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(ReplaceTest, ANewFileIsLinkedWhereItCannotBeRenamed) {
  ops_->before([](Call call) -> std::optional<Error> {
    if (call == Call::rename) return Error{Code::io, "rename", EINVAL};
    return std::nullopt;
  });
  Staged staged = stage("new");
  EXPECT_EQ(must(replacer().put_new(staged, entry())).what, Swap::done);
  EXPECT_EQ(target(), "new");
  EXPECT_THAT(names(), IsEmpty());
  Staged another = stage("newer");
  EXPECT_EQ(must(replacer().put_new(another, entry())).what, Swap::overtaken);
  EXPECT_EQ(target(), "new");
}

TEST_F(ReplaceTest, AFileIsTakenAwayWhole) {
  save("old");
  EXPECT_EQ(must(replacer().take_away(entry(), {staging_, kStaged}, sha256("other"))).what,
            Swap::overtaken);
  EXPECT_EQ(target(), "old");
  EXPECT_EQ(must(replacer().take_away(entry(), {staging_, kStaged}, sha256("old"))).what,
            Swap::done);
  EXPECT_FALSE(std::filesystem::exists(at(kName)));
  EXPECT_EQ(staged(), "old");
}

TEST_F(ReplaceTest, F46ASaveJustBeforeItIsTakenAwayGoesBack) {
  save("old");
  when(Call::rename, [this] { save_by_rename("theirs"); });
  EXPECT_EQ(must(replacer().take_away(entry(), {staging_, kStaged}, sha256("old"))).what,
            Swap::overtaken);
  EXPECT_EQ(target(), "theirs");
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(ReplaceTest, F46OfTwoSavesAroundItTheLaterEndsAtThePathAndTheOtherIsKept) {
  save("old");
  ops_->before([this, renames = 0](Call call) mutable -> std::optional<Error> {
    if (call == Call::rename) save_by_rename("theirs " + std::to_string(++renames));
    return std::nullopt;
  });
  EXPECT_EQ(must(replacer().take_away(entry(), {staging_, kStaged}, sha256("old"))).what,
            Swap::overtaken);
  EXPECT_EQ(target(), "theirs 2");
  EXPECT_EQ(staged(), "theirs 1");
}

TEST_F(ReplaceTest, WithoutExchangeTheOldFileIsMovedAside) {
  save("old");
  Staged staged = stage("new");
  ops_->before([](Call call) -> std::optional<Error> {
    if (call == Call::exchange) return Error{Code::io, "exchange", EINVAL};
    return std::nullopt;
  });
  EXPECT_EQ(swap(staged, "old").what, Swap::unsupported);
  EXPECT_EQ(target(), "old");
  const std::string aside = "f.1.aside";
  const auto result =
      must(replacer().swap_aside(staged, entry(), {staging_, aside}, sha256("old")));
  EXPECT_EQ(result.what, Swap::done);
  EXPECT_EQ(target(), "new");
  EXPECT_THAT(names(), ElementsAre(aside));
}

TEST_F(ReplaceTest, WithoutExchangeASaveInTheGapWins) {
  const std::string aside = "f.1.aside";
  for (const Call gap : {Call::move, Call::link}) {
    save("old");
    Staged staged = stage("new");
    when(gap, [this] { save_by_rename("theirs"); });
    EXPECT_EQ(must(replacer().swap_aside(staged, entry(), {staging_, aside}, sha256("old"))).what,
              Swap::overtaken);
    EXPECT_EQ(target(), "theirs");
    for (const std::string& name : names())
      std::filesystem::remove(dir_.path() + "/staging/" + name);
  }
}

TEST_F(ReplaceTest, WhereNobodyCanLeaseAWriteIsSeenByItsContent) {
  save("old");
  Staged staged = stage("new");
  class NoLeases : public HookOps {
   public:
    using HookOps::HookOps;
    Lease lease(const Handle&) override { return Lease::unsupported; }
    bool is_leased(const Handle&) override { return false; }
  };
  NoLeases ops(must(posix_file_ops(dir_.path() + "/project")));
  const Handle folder = must(ops.open_folder("specs"));
  ops.before([this](Call call) -> std::optional<Error> {
    if (call == Call::exchange && target() == "old") save("theirs");
    return std::nullopt;
  });
  const auto result = must(Replacer(ops, kMaxBytes).swap(staged, {folder, kName}, sha256("old")));
  EXPECT_EQ(result.what, Swap::overtaken);
  EXPECT_FALSE(result.is_guarded);
  EXPECT_EQ(target(), "theirs");
}

}  // namespace
}  // namespace specd::sync
