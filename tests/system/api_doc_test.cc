// The examples of docs/api.md, as they stand there, against the real program. What they are
// answered is kept, to be compared with the API document.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "tests/support/answers.h"
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

// curl, which also leaves what it asked, and the head and body of the answer, in a folder of $KEPT.
constexpr const char* kCurl = R"(
set -o pipefail
curl() {
  local kept
  kept=$(mktemp -d "$KEPT/XXXXXX")
  command curl --noproxy '*' --dump-header "$kept/head" --write-out '%{stderr}%{method} %{url}' "$@" \
    2>"$kept/asked" | tee "$kept/body"
}
)";

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// How many there are.
size_t keep_answers(const std::string& folder) {
  size_t count = 0;
  for (const auto& kept : std::filesystem::directory_iterator(folder)) {
    const std::string url = read_file(kept.path() / "asked");
    const std::string asked = std::regex_replace(url, std::regex("http://[^/]+"), "");
    EXPECT_TRUE(std::regex_search(asked, std::regex("^[A-Z]+ /"))) << url;
    test::keep_answer(asked, read_file(kept.path() / "head") + read_file(kept.path() / "body"));
    ++count;
  }
  return count;
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
  const std::string kept = daemon.folder() + "/kept";
  std::filesystem::create_directory(kept);
  daemon.add_to_environment("KEPT=" + kept);
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
    const test::Ran ran = daemon.run({"bash", "-ec", kCurl + first + text});
    EXPECT_EQ(ran.exit_code, 0) << text << ran.out << ran.err;
    for (size_t at = text.find("http:"); at != std::string::npos; at = text.find("http:", at + 1))
      ++commands;
  }
  EXPECT_GE(commands, 25u);
  EXPECT_EQ(keep_answers(kept), commands);
}

}  // namespace
}  // namespace specd
