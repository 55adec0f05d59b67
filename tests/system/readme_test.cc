// The walk of the README: its commands are run as they stand there, with the real openspec CLI, and
// say what it shows.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include "tests/system/daemon_process.h"

namespace specd {
namespace {

struct Block {
  std::string kind;  // sh, text
  std::string text;
};

std::vector<Block> blocks_of_the_walk() {
  std::ifstream in(std::string(SPECD_SOURCE_DIR) + "/README.md");
  std::vector<Block> blocks;
  bool is_walk = false, is_inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("## ")) is_walk = line == "## A walk";
    if (!is_walk) continue;
    if (line.starts_with("```")) {
      is_inside = !is_inside;
      if (is_inside) blocks.push_back({line.substr(3), {}});
    } else if (is_inside) {
      blocks.back().text += line + "\n";
    }
  }
  return blocks;
}

// Without what is another one each time: moments, days, whether the watcher or the question was
// first to see a change, and whether a new folder was seen ahead of its files.
std::string timeless(const std::string& text) {
  std::string shown =
      std::regex_replace(text, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z)"), "MOMENT");
  shown = std::regex_replace(shown, std::regex(R"(\d{4}-\d\d-\d\d)"), "DAY");
  shown = std::regex_replace(shown, std::regex("file_watcher|manual"), "WHY");
  shown = std::regex_replace(shown, std::regex("created|updated"), "CHANGED");
  return std::regex_replace(shown, std::regex(" +"), " ");
}

class ReadmeTest : public testing::Test {
 protected:
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }
  // As pasted into a terminal.
  test::Ran paste(const std::string& commands, const std::string& folder) const {
    const std::string tools = std::string(SPECD_SOURCE_DIR) + "/tests/tools/node_modules/.bin";
    return daemon_.run(
        {"bash", "-ec", "export PATH='" SPECD_BINARY_DIR ":" + tools + "':\"$PATH\"\n" + commands},
        folder);
  }

  test::DaemonProcess daemon_;
};

TEST_F(ReadmeTest, TheWalkWorksWhenPastedAndSaysWhatItShows) {
  const std::vector<Block> blocks = blocks_of_the_walk();
  const std::string home = daemon_.folder(), project = home + "/walk";
  size_t shown = 0;
  test::Ran last;
  for (const Block& block : blocks) {
    if (block.kind == "text") {
      // openspec says more, and that is its own matter.
      const size_t at = last.out.find("in step\n");
      ASSERT_NE(at, std::string::npos) << last.out;
      EXPECT_EQ(timeless(last.out.substr(at)), timeless(block.text));
      ++shown;
    } else if (const size_t run = block.text.find("specd run\n"); run != std::string::npos) {
      const test::Ran made = paste(block.text.substr(0, run), home);
      ASSERT_EQ(made.exit_code, 0) << made.err;
      ASSERT_TRUE(daemon_.start({project}).starts_with("ready "));
    } else if (block.text.find("scripts/setup") == std::string::npos &&
               block.text.find("export PATH") == std::string::npos) {
      // Beside whatever listens on 4400 here.
      const std::string port = ":" + std::to_string(daemon_.port()) + "/";
      last = paste(std::regex_replace(block.text, std::regex(":4400/"), port),
                   std::filesystem::exists(project) ? project : home);
      ASSERT_EQ(last.exit_code, 0) << block.text << last.out << last.err;
    }
  }
  EXPECT_EQ(shown, 3u) << "created, edited, archived";
  EXPECT_NE(last.out.find("\"id\":\""), std::string::npos) << "what curl gets";
}

}  // namespace
}  // namespace specd
