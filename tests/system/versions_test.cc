// specd versions and specd restore, against the real daemon.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/digest.h"
#include "base/json.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

const std::string kTasks = "openspec/changes/x/tasks.md";

class VersionsCommandTest : public testing::Test {
 protected:
  VersionsCommandTest() {
    std::filesystem::create_directories(root_ + "/openspec/changes/x");
    put(kTasks, "first\n");
    daemon_.start({root_});
    put(kTasks, "second\n");
    daemon_.specd({"sync", "--wait"});
  }
  void put(const std::string& path, const std::string& text) const {
    std::ofstream(root_ + "/" + path, std::ios::binary) << text;
  }
  [[nodiscard]] std::string on_disk(const std::string& path) const {
    std::ifstream file(root_ + "/" + path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static std::string short_of(const std::string& text) { return sha256(text).hex().substr(0, 12); }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
};

TEST_F(VersionsCommandTest, ADeletedSpecIsBroughtBack) {
  const auto key = [this] {
    const auto spec = json::parse(daemon_.specd({"show", "x", "--json"}).out);
    const Value* found = spec ? spec->find("key") : nullptr;
    return found != nullptr ? found->text : "none";
  };
  const std::string before = key();
  std::filesystem::remove_all(root_ + "/openspec/changes/x");
  ASSERT_TRUE(test::comes_true([&] { return daemon_.specd({"show", "x"}).exit_code != 0; }));
  const test::Ran edited = daemon_.specd({"set", "x", "--status", "approved"});
  EXPECT_EQ(edited.exit_code, 2);
  const test::Ran restored = daemon_.specd({"restore", "x", "--project", root_});
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_EQ(restored.out, "restored openspec/changes/x, with 1 file\n");
  EXPECT_EQ(on_disk(kTasks), "second\n");
  EXPECT_EQ(key(), before);
  const test::Ran again = daemon_.specd({"restore", "x", "--project", root_});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("the spec x is not deleted"));
  EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
}

TEST_F(VersionsCommandTest, AVersionIsListedRestoredAndThatIsUndone) {
  const test::Ran listed = daemon_.specd({"versions", "x"});
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_THAT(listed.out, ContainsRegex("UNTIL +WHY +ORIGIN +ACTOR +BYTES +VERSION\n"
                                        "20[^ ]+ +superseded +disk +- +6 +" +
                                        short_of("first\n") + "\n"));
  EXPECT_THAT(daemon_.specd({"versions", "x", "tasks.md", "--json"}).out,
              HasSubstr("\"version\":\"" + sha256("first\n").hex()));
  const test::Ran restored = daemon_.specd({"restore", short_of("first\n").substr(0, 4), "x"});
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_EQ(restored.out, "restored " + kTasks + " as " + short_of("first\n") +
                              "; to undo that: `specd restore " + short_of("second\n") + " x`\n");
  EXPECT_EQ(on_disk(kTasks), "first\n");
  EXPECT_EQ(daemon_.specd({"restore", short_of("second\n"), "x"}).exit_code, 0);
  EXPECT_EQ(on_disk(kTasks), "second\n");
  EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
  EXPECT_THAT(daemon_.specd({"restore", short_of("second\n"), "x", "--json"}).out,
              HasSubstr("\"state\":\"unchanged\""));
}

TEST_F(VersionsCommandTest, OfSeveralFilesOneIsNamed) {
  put("openspec/changes/x/proposal.md", "# P\n");
  daemon_.specd({"sync", "--wait"});
  const test::Ran which = daemon_.specd({"versions", "x"});
  EXPECT_EQ(which.exit_code, 2);
  EXPECT_THAT(which.err, HasSubstr("say which file of it: proposal.md, tasks.md"));
  EXPECT_THAT(daemon_.specd({"versions", "x", "tasks.md"}).out, HasSubstr(short_of("first\n")));
  EXPECT_THAT(daemon_.specd({"versions", kTasks, "-p", "app"}).out, HasSubstr(short_of("first\n")));
  EXPECT_THAT(daemon_.specd({"versions", kTasks}).err, HasSubstr("for a path, say --project"));
  EXPECT_THAT(daemon_.specd({"versions", "y"}).err, HasSubstr("there is no spec \"y\""));
}

TEST_F(VersionsCommandTest, AFileThatIsGoneComesBack) {
  put("openspec/changes/x/proposal.md", "# P\n");
  std::filesystem::remove(root_ + "/" + kTasks);
  daemon_.specd({"sync", "--wait"});
  const test::Ran restored = daemon_.specd({"restore", short_of("first\n"), "x", "tasks.md"});
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_THAT(restored.out, HasSubstr("there was no such file before"));
  EXPECT_EQ(on_disk(kTasks), "first\n");
}

TEST_F(VersionsCommandTest, AVersionThatCannotBeMeantIsTold) {
  EXPECT_THAT(
      daemon_.specd({"restore", "zz", "x"}).err,
      HasSubstr("no version of " + kTasks + " begins with zz; `specd versions` lists them"));
  EXPECT_THAT(daemon_.specd({"restore", std::string(64, '0'), "x"}).err,
              HasSubstr("has no such version"));
  // Until two begin with the same digit.
  const std::string first = sha256("first\n").hex().substr(0, 1);
  for (int i = 0; i < 1000; ++i) {
    const std::string text = std::to_string(i);
    if (!sha256(text).hex().starts_with(first)) continue;
    put(kTasks, text);
    daemon_.specd({"sync", "--wait"});
    break;
  }
  put(kTasks, "last\n");
  daemon_.specd({"sync", "--wait"});
  const test::Ran several = daemon_.specd({"restore", first, "x"});
  EXPECT_EQ(several.exit_code, 2);
  EXPECT_THAT(several.err, HasSubstr("several versions begin so; say more of it:\n  "));
  EXPECT_EQ(on_disk(kTasks), "last\n");
}

}  // namespace
}  // namespace specd
