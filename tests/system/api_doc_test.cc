// The examples of docs/api.md, as they stand there, against the real program.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "tests/system/daemon_process.h"

namespace specd {
namespace {

std::vector<std::string> examples() {
  std::ifstream in(std::string(SPECD_SOURCE_DIR) + "/docs/api.md");
  std::vector<std::string> blocks;
  bool is_inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      is_inside = line == "```sh";
      if (is_inside) blocks.emplace_back();
    } else if (is_inside) {
      blocks.back() += line + "\n";
    }
  }
  return blocks;
}

void write_file(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

TEST(ApiDocTest, EveryExampleWorksAsItStands) {
  test::DaemonProcess daemon;
  const std::string root = daemon.folder() + "/shop";
  const std::string change = root + "/openspec/changes/add-cart";
  write_file(change + "/proposal.md", "# Add a cart\n\n## Why\nA shopping cart.\n");
  write_file(change + "/tasks.md", "- [ ] 1.1 one\n");
  daemon.add_to_environment("REVALIDATION_SECRET=change-me");
  ASSERT_TRUE(daemon.start({root}).starts_with("ready "));
  // What the examples ask for: a version, and a conflict.
  write_file(change + "/tasks.md", "- [x] 1.1 one\n");
  ASSERT_EQ(daemon.specd({"sync", "--wait"}).exit_code, 0);
  const test::Ran edited =
      daemon.run({"sqlite3", daemon.state() + "/specd.db",
                  "UPDATE spec_files SET content = 'mine' WHERE path LIKE '%/proposal.md'"});
  ASSERT_EQ(edited.exit_code, 0) << edited.err;
  write_file(change + "/proposal.md", "# Add a cart\n\n## Why\nTheirs.\n");
  ASSERT_EQ(daemon.specd({"sync", "--wait"}).exit_code, 0);

  const std::string here = "127.0.0.1:" + std::to_string(daemon.port());
  size_t commands = 0;
  // Every reader begins with the first.
  const std::string first = examples().at(0);
  for (const std::string& block : examples()) {
    const std::string text = std::regex_replace(block, std::regex("127\\.0\\.0\\.1:4400"), here);
    const test::Ran ran = daemon.run(
        {"bash", "-ec",
         "set -o pipefail; curl() { command curl --noproxy '*' \"$@\"; }\n" + first + text});
    EXPECT_EQ(ran.exit_code, 0) << text << ran.out << ran.err;
    for (size_t at = text.find("http:"); at != std::string::npos; at = text.find("http:", at + 1))
      ++commands;
  }
  EXPECT_GE(commands, 25u);
}

}  // namespace
}  // namespace specd
