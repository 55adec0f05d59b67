#include "sync/staging_area.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "tests/fake/hook_ops.h"
#include "tests/support/must.h"
#include "tests/support/temp_dir.h"

namespace specd::sync {
namespace {

using test::must;
using testing::ElementsAre;
using testing::IsEmpty;
using Call = HookOps::Call;

class StagingAreaTest : public testing::Test {
 protected:
  StagingAreaTest() {
    std::filesystem::create_directories(at("openspec"));
    std::filesystem::create_directories(dir_.path() + "/state");
    ops_ = std::make_unique<HookOps>(must(posix_file_ops(at(""))));
    area_.emplace(*ops_, dir_.path() + "/state", "uuid");
  }
  [[nodiscard]] std::string at(const std::string& path) const {
    return dir_.path() + "/project/" + path;
  }
  [[nodiscard]] static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  StagingPlace place_for(const std::string& folder) {
    const Handle target = must(ops_->open_folder(folder));
    return area_->room_for(target).place;
  }
  void without_a_state_folder() {
    ops_->before([](Call call) -> std::optional<Error> {
      if (call != Call::open_staging) return std::nullopt;
      return Error{Code::io, "no", EACCES};
    });
  }

  test::TempDir dir_;
  std::unique_ptr<HookOps> ops_;
  std::optional<StagingArea> area_;
};

TEST_F(StagingAreaTest, IsInTheStateFolderWhereThatIsOnTheSameMount) {
  area_->open();
  EXPECT_EQ(place_for("openspec"), StagingPlace::state_folder);
  struct stat st{};
  ASSERT_EQ(::stat((dir_.path() + "/state/staging/uuid").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0700u);
  EXPECT_FALSE(std::filesystem::exists(at(".specd"))) << "people would see it";
}

TEST_F(StagingAreaTest, IsInTheProjectAndIgnoredByGitWhereTheStateFolderIsElsewhere) {
  without_a_state_folder();
  area_->open();
  EXPECT_EQ(place_for("openspec"), StagingPlace::project);
  EXPECT_EQ(read(at(".specd/.gitignore")), "*\n");
}

TEST_F(StagingAreaTest, LeavesAnIgnoreFileAloneThatIsThere) {
  std::filesystem::create_directories(at(".specd"));
  std::ofstream(at(".specd/.gitignore")) << "mine\n";
  without_a_state_folder();
  area_->open();
  EXPECT_EQ(place_for("openspec"), StagingPlace::project);
  EXPECT_EQ(read(at(".specd/.gitignore")), "mine\n");
}

TEST_F(StagingAreaTest, IsInTheStateFolderAlsoWhereThatIsALink) {
  std::filesystem::rename(dir_.path() + "/state", dir_.path() + "/elsewhere");
  std::filesystem::create_symlink("elsewhere", dir_.path() + "/state");
  area_->open();
  EXPECT_EQ(place_for("openspec"), StagingPlace::state_folder);
}

TEST_F(StagingAreaTest, FollowsNoLinkInItsPlace) {
  std::filesystem::create_directories(dir_.path() + "/elsewhere");
  std::filesystem::create_directory_symlink(dir_.path() + "/elsewhere", at(".specd"));
  without_a_state_folder();
  area_->open();
  EXPECT_EQ(place_for("openspec"), StagingPlace::beside);
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path() + "/elsewhere"));
}

TEST_F(StagingAreaTest, IsBesideTheTargetWhereThatIsAMountOfItsOwn) {
  if (::mount("tmpfs", at("openspec").c_str(), "tmpfs", 0, "size=1m") != 0)
    GTEST_SKIP() << "cannot mount a file system here";
  area_->open();
  EXPECT_EQ(place_for(""), StagingPlace::state_folder);
  EXPECT_EQ(place_for("openspec"), StagingPlace::beside);
  ::umount2(at("openspec").c_str(), MNT_DETACH);
}

TEST_F(StagingAreaTest, NamesTellWhichPathAFileBelongsTo) {
  SeededRandom random(1);
  for (const StagingPlace place : {StagingPlace::state_folder, StagingPlace::beside}) {
    const std::string one = StagingArea::name_for(place, "a/b.md", StagingArea::nonce(random));
    const std::string other = StagingArea::name_for(place, "a/b.md", StagingArea::nonce(random));
    EXPECT_NE(one, other);
    EXPECT_EQ(StagingArea::id_of_name(one), StagingArea::id_of_path("a/b.md"));
    EXPECT_EQ(StagingArea::id_of_name(other), StagingArea::id_of_path("a/b.md"));
    EXPECT_NE(StagingArea::id_of_name(one), StagingArea::id_of_path("a/c.md"));
  }
}

TEST_F(StagingAreaTest, NamesTellWithWhichContentAFileWasMade) {
  SeededRandom random(1);
  for (const auto place : {StagingPlace::state_folder, StagingPlace::beside}) {
    const std::string nonce = StagingArea::nonce(random);
    const std::string made = StagingArea::name_for(place, "a/b.md", nonce, sha256("ours"));
    EXPECT_EQ(StagingArea::id_of_name(made), StagingArea::id_of_path("a/b.md"));
    EXPECT_TRUE(StagingArea::is_as_made(made, sha256("ours")));
    EXPECT_FALSE(StagingArea::is_as_made(made, sha256("theirs")));
    const std::string displaced = StagingArea::name_for(place, "a/b.md", nonce);
    EXPECT_FALSE(StagingArea::is_as_made(displaced, sha256("ours")));
  }
}

TEST_F(StagingAreaTest, KnowsNamesThatAreNotItsOwn) {
  for (const char* name : {"", ".gitignore", "0123.4567", ".x.specd-tmp",
                           "0123456789abcdef0123456789abcdef.0123456789abcdeg",
                           "0123456789ABCDEF0123456789abcdef.0123456789abcdef",
                           "0123456789abcdef0123456789abcdef-0123456789abcdef"})
    EXPECT_EQ(StagingArea::id_of_name(name), std::nullopt) << name;
}

}  // namespace
}  // namespace specd::sync
