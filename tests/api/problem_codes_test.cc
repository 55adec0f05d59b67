// docs/api.md lists the codes of problems, and programs rely on it: no more and no fewer than the
// sources have.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

#include "proto/problem.h"

namespace specd {
namespace {

/// The statuses that come with a code.
using Codes = std::map<std::string, std::set<std::string>>;

const std::string kSource = SPECD_SOURCE_DIR;

std::string text_at(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

template <class Visit>
void each_match(const std::string& text, const std::regex& pattern, Visit&& visit) {
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) visit(*at);
}

Codes codes_in_the_sources() {
  Codes codes;
  const std::regex worded("\\bproblem\\(\\s*([0-9]{3}|out\\.status),\\s*\"([a-z_]+)\"");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kSource + "/src")) {
    if (entry.path().extension() != ".cc") continue;
    each_match(text_at(entry.path()), worded, [&](const std::smatch& match) {
      const std::string status = match[1];
      // cpp-httplib's own, of a request line that it does not understand.
      if (status == "out.status") codes[match[2]] = {"400", "414"};
      if (status != "out.status") codes[match[2]].insert(status);
    });
  }
  for (const Code code : {Code::invalid, Code::not_found, Code::gone, Code::conflict, Code::busy,
                          Code::refused, Code::io}) {
    const proto::Problem problem = proto::problem_of({code, ""});
    codes[problem.code].insert(std::to_string(problem.status));
  }
  return codes;
}

/// Rows such as "| `tls_only` | 400 | …".
Codes codes_in_the_document() {
  Codes codes;
  const std::string text = text_at(kSource + "/docs/api.md");
  each_match(text, std::regex("\\| `([a-z_]+)` \\| ([0-9, ]+) \\| [^|\n]{10,} \\|"),
             [&](const std::smatch& match) {
               const std::string statuses = match[2];
               each_match(statuses, std::regex("[0-9]+"),
                          [&](const std::smatch& status) { codes[match[1]].insert(status.str()); });
             });
  return codes;
}

TEST(ProblemCodesTest, TheDocumentListsThoseThatThereAre) {
  const Codes there = codes_in_the_sources(), told = codes_in_the_document();
  EXPECT_GT(there.size(), 30U);
  for (const auto& [code, statuses] : there) {
    EXPECT_TRUE(told.contains(code)) << code << " is not in docs/api.md";
    if (told.contains(code)) {
      EXPECT_EQ(told.at(code), statuses) << code;
    }
  }
  for (const auto& [code, statuses] : told)
    EXPECT_TRUE(there.contains(code)) << "nothing answers " << code;
}

}  // namespace
}  // namespace specd
