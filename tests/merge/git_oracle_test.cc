// The merge against git's own, over many random texts. Few different lines, so that they repeat and
// can be matched in several ways.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/rng.h"
#include "merge/text3.h"
#include "tests/support/must.h"
#include "tests/support/temp_dir.h"

namespace specd::merge {
namespace {

class GitOracleTest : public testing::Test {
 protected:
  size_t below(size_t limit) { return static_cast<size_t>(random_.next() % limit); }

  std::string line(size_t variety) {
    static const char* const kOdd[] = {"\n", "}\n", "---\n"};
    const size_t which = below(variety + 3);
    return which < 3 ? kOdd[which] : "line " + std::to_string(which) + "\n";
  }
  std::vector<std::string> text(size_t length, size_t variety) {
    std::vector<std::string> lines(length);
    for (std::string& each : lines) each = line(variety);
    return lines;
  }
  std::vector<std::string> edited(std::vector<std::string> lines, size_t variety) {
    for (size_t edits = below(5); edits > 0; --edits) {
      const size_t at = below(lines.size() + 1);
      const auto place = lines.begin() + static_cast<std::ptrdiff_t>(at);
      if (below(3) == 0 || at == lines.size()) {
        lines.insert(place, line(variety));
      } else if (below(2) == 0) {
        lines.erase(place);
      } else {
        *place = line(variety);
      }
    }
    return lines;
  }
  static std::string whole(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& each : lines) text += each;
    return text;
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(dir_.file(name), std::ios::binary) << text;
  }
  [[nodiscard]] std::string git_merge(const Sides& sides, size_t& conflicts) const {
    write("disk", std::string(sides.disk));
    write("base", std::string(sides.base));
    write("row", std::string(sides.row));
    const std::string command =
        "cd " + dir_.path() +
        " && git merge-file -p -L 'what is on disk' -L base -L 'the edit' disk base row >merged";
    const int status = std::system(command.c_str());
    conflicts = static_cast<size_t>(WEXITSTATUS(status));
    std::ifstream in(dir_.file("merged"), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  SeededRandom random_{20};
  test::TempDir dir_;
};

TEST_F(GitOracleTest, RandomTextsAreMergedAsGitMergesThem) {
  size_t unclean = 0;
  for (int round = 0; round < 600; ++round) {
    const size_t variety = 1 + below(30);
    const auto base = text(below(25), variety);
    const std::string b = whole(base);
    const std::string d = whole(edited(base, variety));
    const std::string r = whole(edited(base, variety));
    const Sides sides{b, d, r};
    size_t conflicts = 0;
    const std::string expected = git_merge(sides, conflicts);
    const Merged ours = test::must(text3(sides, Markers::git));
    ASSERT_EQ(ours.content, expected) << "round " << round << "\nbase:\n"
                                      << b << "\ndisk:\n"
                                      << d << "\nrow:\n"
                                      << r;
    ASSERT_EQ(ours.conflicts, conflicts);
    if (!ours.is_clean()) ++unclean;
  }
  EXPECT_GT(unclean, 100u);
  EXPECT_LT(unclean, 500u);
}

}  // namespace
}  // namespace specd::merge
