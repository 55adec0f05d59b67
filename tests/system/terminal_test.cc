// What people see on a terminal: colours if they want them, and lines that fit.

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "base/columns.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using testing::HasSubstr;
using testing::Not;

class TerminalTest : public testing::Test {
 protected:
  TerminalTest() {
    std::filesystem::create_directories(root_ + "/openspec/changes/eine-Änderung-長い名前-" +
                                        std::string(60, 'x'));
  }
  // With NO_COLOR empty, which means nothing, or as the environment of tests has it.
  [[nodiscard]] std::string on_terminal(const std::string& no_color, const std::string& command) {
    const std::string script = SPECD_SOURCE_DIR "/tests/system/terminal.py";
    const test::Ran ran =
        daemon_.run({"env", no_color, "python3", script, "60", SPECD_BINARY_DIR "/specd", command});
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return ran.out;
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
};

TEST_F(TerminalTest, ColoursAreThereOnATerminalThatWantsThem) {
  EXPECT_THAT(on_terminal("NO_COLOR=", "doctor"), HasSubstr("\033[33mnote\033[0m"));
  EXPECT_THAT(on_terminal("NO_COLOR=", "doctor"), HasSubstr("\033[32mok\033[0m"));
  EXPECT_THAT(on_terminal("NO_COLOR=1", "doctor"), Not(HasSubstr("\033")));
  EXPECT_THAT(daemon_.run({"env", "NO_COLOR=", SPECD_BINARY_DIR "/specd", "doctor"}).out,
              Not(HasSubstr("\033")));
}

TEST_F(TerminalTest, LinesFitTheTerminalAndNothingElse) {
  ASSERT_THAT(daemon_.start({root_}), HasSubstr("ready"));
  EXPECT_THAT(on_terminal("NO_COLOR=", "list"), testing::StartsWith("\033[1mPROJECT"));
  std::istringstream lines(on_terminal("NO_COLOR=1", "list"));
  size_t widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, columns(line));
  EXPECT_EQ(widest, 60u);
  EXPECT_THAT(daemon_.specd({"list"}).out, HasSubstr(std::string(60, 'x') + "\n"))
      << "what goes into a pipe is whole";
}

}  // namespace
}  // namespace specd
