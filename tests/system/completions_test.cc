// The completions in the shells that they are for; zsh and fish only where they are installed.

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

using Words = std::vector<std::string>;

Words lines_of(const std::string& text) {
  std::istringstream in(text);
  Words lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::ranges::sort(lines);
  return lines;
}

class CompletionsTest : public testing::Test {
 protected:
  CompletionsTest() {
    for (const char* folder : {"changes/add-login", "changes/add-logout", "specs/auth"})
      std::filesystem::create_directories(root_ + "/openspec/" + folder);
    std::ofstream(root_ + "/openspec/specs/auth/spec.md") << "# Auth\n";
    std::filesystem::create_directories(home_.folder() + "/elsewhere/some-folder");
  }
  void start() { ASSERT_THAT(home_.start({root_}), HasSubstr("ready")) << home_.log(); }
  [[nodiscard]] test::Ran shell(const std::string& name, const std::string& script) const {
    return home_.run({name, "-c", "PATH='" SPECD_BINARY_DIR "':$PATH\n" + script},
                     home_.folder() + "/elsewhere");
  }
  [[nodiscard]] bool has(const std::string& program) const {
    return home_.run({"sh", "-c", "command -v " + program}).exit_code == 0;
  }
  // What bash offers after these words, the last of which is being typed.
  [[nodiscard]] Words bash(const Words& words) const {
    std::string typed;
    for (const std::string& word : words) typed += " '" + word + "'";
    const test::Ran ran = shell(
        "bash", "compopt() { :; }; source <(specd completions bash) || exit 9\nCOMP_WORDS=(specd" +
                    typed +
                    ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_specd || exit 8\n"
                    "printf '%s\\n' \"${COMPREPLY[@]}\"");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    Words offered = lines_of(ran.out);
    std::erase(offered, "");
    return offered;
  }
  [[nodiscard]] Words fish(const std::string& line) const {
    const test::Ran ran = home_.run({"fish", "--no-config", "-c",
                                     "set -x PATH '" SPECD_BINARY_DIR
                                     "' $PATH; specd completions fish | source; complete -C '" +
                                         line + "'"},
                                    home_.folder() + "/elsewhere");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    Words offered = lines_of(ran.out);
    for (std::string& word : offered) word = word.substr(0, word.find('\t'));
    return offered;
  }

  test::DaemonProcess home_;
  const std::string root_ = home_.folder() + "/app";
};

TEST_F(CompletionsTest, BashCompletesCommandsAndOptionsWithoutADaemon) {
  EXPECT_THAT(bash({""}), IsSupersetOf({"run", "doctor", "completions", "history"}));
  EXPECT_THAT(bash({"re"}), ElementsAre("release", "relink", "remove", "restore", "resume"));
  EXPECT_THAT(bash({"config", ""}), ElementsAre("check", "show"));
  EXPECT_THAT(bash({"completions", ""}), ElementsAre("bash", "fish", "zsh"));
  EXPECT_THAT(bash({"list", "--"}), IsSupersetOf({"--project", "--json", "--status", "--help"}));
  EXPECT_THAT(bash({"list", "--"}), Not(Contains("--follow")));
  EXPECT_THAT(bash({"history", "--f"}), ElementsAre("--follow"));
  EXPECT_THAT(bash({"list", "--kind", ""}),
              ElementsAre("archived", "capability", "change", "leanspec"));
  EXPECT_THAT(bash({"list", "--kind", "=", "ch"}), ElementsAre("change"));
  EXPECT_THAT(bash({"add", "some"}), ElementsAre("some-folder"));
  EXPECT_THAT(bash({"history", "--limit", ""}), IsEmpty());
  EXPECT_THAT(bash({"pause", ""}), IsEmpty()) << "nobody answers, and nothing is said of it";
}

TEST_F(CompletionsTest, BashCompletesWhatTheDaemonKnows) {
  start();
  EXPECT_THAT(bash({"pause", ""}), ElementsAre("app"));
  EXPECT_THAT(bash({"list", "-p", "a"}), ElementsAre("app"));
  EXPECT_THAT(bash({"show", "add-"}), ElementsAre("add-login", "add-logout"));
  EXPECT_THAT(bash({"show", "--json", "au"}), ElementsAre("auth"));
  EXPECT_THAT(bash({"show", "auth", ""}), IsEmpty()) << "it takes one";
  EXPECT_THAT(bash({"history", "--spec", "add-logi"}), ElementsAre("add-login"));
  EXPECT_THAT(bash({"relink", "app", "some"}), ElementsAre("some-folder"));
}

TEST_F(CompletionsTest, TheNameOfASpecIsNeverRun) {
  std::filesystem::create_directories(root_ + "/openspec/changes/x$(touch pwned)`touch pwned` y");
  start();
  EXPECT_THAT(bash({"show", "x"}), ElementsAre(R"(x\$\(touch\ pwned\)\`touch\ pwned\`\ y)"));
  EXPECT_FALSE(std::filesystem::exists(home_.folder() + "/elsewhere/pwned"));
}

TEST_F(CompletionsTest, ZshLoadsItAndCompletes) {
  if (!has("zsh")) GTEST_SKIP() << "there is no zsh here";
  start();
  // What is added is caught, since there is no terminal in which it could be completed.
  const auto zsh = [&](const std::string& words) {
    const test::Ran ran = home_.run(
        {"zsh", "-f", "-c",
         "PATH='" SPECD_BINARY_DIR
         "':$PATH; compdef() { :; }; compadd() { print -l -- \"${(@P)argv[-1]}\"; }\n"
         "_describe() { print -l -- \"${(@P)argv[-1]}\"; }; source <(specd completions zsh)\n"
         "words=(specd " +
             words + "); CURRENT=$#words; PREFIX=$words[-1]; _specd"},
        home_.folder() + "/elsewhere");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    return lines_of(ran.out);
  };
  EXPECT_THAT(zsh("''"), Contains("list:The specs in the database"));
  EXPECT_THAT(zsh("list --"),
              Contains("--project:Only this project: its slug, or a folder that it keeps"));
  EXPECT_THAT(zsh("config ''"), Contains(testing::StartsWith("show:")));
  EXPECT_THAT(zsh("pause ''"), ElementsAre("app"));
  EXPECT_THAT(zsh("list --kind ''"), Contains("capability"));
  EXPECT_THAT(zsh("show ''"), ElementsAre("add-login", "add-logout", "auth"));
}

TEST_F(CompletionsTest, FishLoadsItAndCompletes) {
  if (!has("fish")) GTEST_SKIP() << "there is no fish here";
  start();
  EXPECT_THAT(fish("specd re"), ElementsAre("release", "relink", "remove", "restore", "resume"));
  EXPECT_THAT(fish("specd config "), ElementsAre("check", "show"));
  EXPECT_THAT(fish("specd list --p"), ElementsAre("--project"));
  EXPECT_THAT(fish("specd list --kind ch"), ElementsAre("change"));
  EXPECT_THAT(fish("specd pause "), ElementsAre("app"));
  EXPECT_THAT(fish("specd show add-"), ElementsAre("add-login", "add-logout"));
  EXPECT_THAT(fish("specd add some"), ElementsAre("some-folder/"));
}

}  // namespace
}  // namespace specd
