// specd edit, with editors that are scripts, against the real daemon.

#include <fcntl.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/fd.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;

class EditCommandTest : public testing::Test {
 protected:
  EditCommandTest() {
    std::filesystem::create_directories(folder_);
    std::filesystem::create_directories(temporary_);
    put("tasks.md", "- [ ] a\n- [ ] b\n- [ ] c\n");
    daemon_.add_to_environment("TMPDIR=" + temporary_);
    daemon_.start({root_});
  }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
  }
  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::string on_disk(const std::string& name) const {
    return content(folder_ + "/" + name);
  }
  // With an editor that does that, in a shell, to the file "$1".
  test::Ran edit(const std::string& what, const std::vector<std::string>& args = {"x"}) const {
    const std::string script = daemon_.folder() + "/an editor.sh";
    std::ofstream(script) << "set -e\n" << what << "\n";
    std::vector<std::string> command{"env", "EDITOR=sh '" + script + "'", SPECD_BINARY_DIR "/specd",
                                     "edit"};
    command.insert(command.end(), args.begin(), args.end());
    return daemon_.run(command);
  }
  // A program that has the file open while the editor runs, and adds a line to it as soon as the
  // daemon has what the editor wrote: later than it looked at the file, and sooner than it can
  // write it.
  [[nodiscard]] std::string save_when_edited(const std::string& line) const {
    return "(exec 3>>'" + folder_ + "/tasks.md'; until sqlite3 '" + daemon_.state() +
           "/specd.db' 'SELECT rev > (SELECT pushed_rev FROM file_state) FROM spec_files' | " +
           "grep -q 1; do :; done; echo '" + line + "' >&3) >/dev/null 2>&1 &\n";
  }
  // Those of texts that were kept.
  [[nodiscard]] std::vector<std::string> kept() const {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(temporary_)) {
      if (entry.is_regular_file()) paths.push_back(entry.path());
    }
    return paths;
  }
  void expect_kept(const test::Ran& ran, const std::string& text) const {
    EXPECT_EQ(ran.exit_code, 2) << ran.out;
    ASSERT_EQ(kept().size(), 1u) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("your text is in " + kept()[0]));
    EXPECT_EQ(content(kept()[0]), text);
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
  const std::string folder_ = root_ + "/openspec/changes/x";
  const std::string temporary_ = daemon_.folder() + "/tmp";
};

TEST_F(EditCommandTest, WhatTheEditorSavesIsOnDisk) {
  const test::Ran ran =
      edit("case $1 in */tasks.md) ;; *) exit 1;; esac; sed -i 's/ ] a/x] a/' \"$1\"");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "openspec/changes/x/tasks.md is written\n");
  EXPECT_EQ(on_disk("tasks.md"), "- [x] a\n- [ ] b\n- [ ] c\n");
  EXPECT_THAT(kept(), IsEmpty());
  EXPECT_THAT(edit("echo >>\"$1\"", {"x", "--json"}).out, HasSubstr("\"state\":\"written\""));
  EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
}

TEST_F(EditCommandTest, OnlyThisUserCanReadTheCopy) {
  EXPECT_EQ(edit("stat -c %a \"$1\" \"$(dirname \"$1\")\"").out.substr(0, 8), "600\n700\n");
}

TEST_F(EditCommandTest, VisualIsRunFirst) {
  const test::Ran ran = daemon_.run(
      {"env", "EDITOR=false", "VISUAL=sed -i s/c/d/", SPECD_BINARY_DIR "/specd", "edit", "x"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(on_disk("tasks.md"), "- [ ] a\n- [ ] b\n- [ ] d\n");
}

TEST_F(EditCommandTest, AnUnchangedFileIsNotWritten) {
  const auto before = std::filesystem::last_write_time(folder_ + "/tasks.md");
  const test::Ran ran = edit("touch \"$1\"");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "openspec/changes/x/tasks.md is unchanged\n");
  EXPECT_EQ(std::filesystem::last_write_time(folder_ + "/tasks.md"), before);
  EXPECT_THAT(kept(), IsEmpty());
}

TEST_F(EditCommandTest, AFileThatIsNotThereIsMade) {
  const test::Ran ran = edit("test ! -s \"$1\"; echo new >\"$1\"", {"x", "design.md"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(on_disk("design.md"), "new\n");
}

TEST_F(EditCommandTest, WhatAnEditorThatFailsHasWrittenIsKeptAside) {
  const test::Ran ran = edit("echo half >\"$1\"; exit 3");
  expect_kept(ran, "half\n");
  EXPECT_THAT(ran.err, ContainsRegex("ended with exit code 3; nothing is written"));
  EXPECT_EQ(on_disk("tasks.md"), "- [ ] a\n- [ ] b\n- [ ] c\n");
}

TEST_F(EditCommandTest, ASaveInBetweenIsMergedWhereThatIsWanted) {
  const std::string save = "echo '- [ ] d' >>'" + folder_ + "/tasks.md'; ";
  const std::string tick = "sed -i 's/ ] a/x] a/' \"$1\"";
  const test::Ran refused = edit(save + tick);
  expect_kept(refused, "- [x] a\n- [ ] b\n- [ ] c\n");
  EXPECT_THAT(refused.err, HasSubstr("tasks.md was saved meanwhile"));
  EXPECT_THAT(refused.err, HasSubstr("--merge writes both"));
  EXPECT_EQ(on_disk("tasks.md"), "- [ ] a\n- [ ] b\n- [ ] c\n- [ ] d\n");
  const test::Ran merged = edit(save + tick, {"x", "--merge"});
  EXPECT_EQ(merged.exit_code, 0) << merged.err;
  EXPECT_EQ(on_disk("tasks.md"), "- [x] a\n- [ ] b\n- [ ] c\n- [ ] d\n- [ ] d\n");
}

TEST_F(EditCommandTest, APersonAtATerminalIsAskedWhetherToMerge) {
  const std::string script = daemon_.folder() + "/editor.sh";
  std::ofstream(script) << "echo '- [ ] d' >>'" << folder_
                        << "/tasks.md'; sed -i 's/ ] a/x] a/' \"$1\"";
  std::ofstream(daemon_.folder() + "/answer") << "y\n";
  const test::Ran ran = daemon_.run(
      {"env", "EDITOR=sh " + script, "python3", "-c",
       "import pty, sys, os\n"
       "asked = b''\n"
       "def read(fd):\n"
       "    global asked\n"
       "    part = os.read(fd, 4096)\n"
       "    asked += part\n"
       "    if b'[y/N]' in asked:\n"
       "        asked = b''\n"
       "        os.write(fd, b'y\\n')\n"
       "    return part\n"
       "sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], read, lambda fd: b'')))",
       SPECD_BINARY_DIR "/specd", "edit", "x"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("tasks.md was saved meanwhile; the two go together"));
  EXPECT_EQ(on_disk("tasks.md"), "- [x] a\n- [ ] b\n- [ ] c\n- [ ] d\n");
}

TEST_F(EditCommandTest, WhereBothChangedALineThePersonChooses) {
  const std::string both = "sed -i s/a/disk/ '" + folder_ + "/tasks.md'; sed -i s/a/ours/ \"$1\"";
  const test::Ran ran = edit(both, {"x", "--merge"});
  expect_kept(ran, "- [ ] ours\n- [ ] b\n- [ ] c\n");
  EXPECT_THAT(ran.err, HasSubstr("the same lines of it were changed"));
  EXPECT_EQ(on_disk("tasks.md"), "- [ ] disk\n- [ ] b\n- [ ] c\n");
}

TEST_F(EditCommandTest, ForceWritesOverWhatWasSavedMeanwhile) {
  const test::Ran ran =
      edit("echo theirs >'" + folder_ + "/tasks.md'; echo ours >\"$1\"", {"x", "--force"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(on_disk("tasks.md"), "ours\n");
  EXPECT_THAT(daemon_.specd({"versions", "x"}).out, ContainsRegex("displaced .* 7 "));
}

TEST_F(EditCommandTest, WhatCannotBeWrittenYetIsKeptAndWrittenLater) {
  // A program that writes to the file, and has not closed it.
  Fd writer(::open((folder_ + "/tasks.md").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  const test::Ran ran = edit("echo ours >\"$1\"");
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("tasks.md is kept and not on disk yet: "));
  EXPECT_THAT(kept(), IsEmpty()) << "the daemon has it";
  EXPECT_EQ(on_disk("tasks.md"), "- [ ] a\n- [ ] b\n- [ ] c\n");
  {
    const Fd closed = std::move(writer);
  }
  EXPECT_TRUE(test::comes_true([&] { return on_disk("tasks.md") == "ours\n"; }));
}

TEST_F(EditCommandTest, ASaveAtTheSameMomentWinsAndTheTextIsKeptAsAConflict) {
  const test::Ran ran = edit(save_when_edited("- [ ] disk") + "echo ours >\"$1\"");
  expect_kept(ran, "ours\n");
  EXPECT_THAT(ran.err, HasSubstr("was saved at the same moment, which wins"));
  EXPECT_THAT(ran.err, ContainsRegex("`specd conflicts show [0-9]+` tells of both"));
  EXPECT_EQ(on_disk("tasks.md"), "- [ ] a\n- [ ] b\n- [ ] c\n- [ ] disk\n");
  EXPECT_THAT(daemon_.specd({"conflicts"}).out, HasSubstr("tasks.md"));
}

TEST_F(EditCommandTest, ASaveAtTheSameMomentIsMergedWhereThatIsWanted) {
  const test::Ran ran =
      edit(save_when_edited("- [ ] disk") + "sed -i 's/ ] a/x] a/' \"$1\"", {"x", "--merge"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(kept(), IsEmpty());
  EXPECT_EQ(on_disk("tasks.md"), "- [x] a\n- [ ] b\n- [ ] c\n- [ ] disk\n");
}

TEST_F(EditCommandTest, AnotherDaemonIsReachedByItsAddress) {
  test::DaemonProcess other;
  const std::string theirs = other.folder() + "/elsewhere/openspec/changes/y/tasks.md";
  std::filesystem::create_directories(std::filesystem::path(theirs).parent_path());
  std::ofstream(theirs) << "theirs\n";
  other.start({other.folder() + "/elsewhere"});
  const std::string url = "http://127.0.0.1:" + std::to_string(other.port());
  const test::Ran refused = edit("echo no >\"$1\"", {"y", "--url", url});
  EXPECT_EQ(refused.exit_code, 2) << "without its token";
  daemon_.add_to_environment("SPECD_TOKEN=" + other.token());
  const test::Ran ran = edit("echo ours >>\"$1\"", {"y", "--url", url});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(content(theirs), "theirs\nours\n");
  EXPECT_EQ(on_disk("tasks.md"), "- [ ] a\n- [ ] b\n- [ ] c\n");
}

TEST_F(EditCommandTest, WhatIsNoTextIsGivenToNoEditor) {
  put("image.png", std::string("\x89PNG\0\r\n", 7));
  daemon_.specd({"sync", "--wait"});
  const test::Ran ran = edit("echo no >\"$1\"", {"x", "image.png"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("is no text"));
  EXPECT_THAT(kept(), IsEmpty());
}

}  // namespace
}  // namespace specd
