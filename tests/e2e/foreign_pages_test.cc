// Pages of other origins in a real browser that is signed in.

#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <sstream>

#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using Outcomes = std::map<std::string, std::string>;

Outcomes outcomes_in(const std::string& text) {
  Outcomes outcomes;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const size_t colon = line.rfind(": ");
    if (colon != std::string::npos) outcomes[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return outcomes;
}

TEST(ForeignPagesTest, PagesOfOthersCanDoNothingWithASignedInBrowser) {
  const std::string modules = SPECD_SOURCE_DIR "/tests/tools/node_modules";
  ASSERT_TRUE(std::filesystem::exists(modules + "/playwright-core")) << "run scripts/setup";
  test::DaemonProcess daemon;
  const std::string root = daemon.folder() + "/app";
  std::filesystem::create_directories(root + "/openspec/changes/secret-plan");
  ASSERT_TRUE(daemon.start({root}).starts_with("ready "));

  const test::Ran ran =
      daemon.run({modules + "/.bin/node", SPECD_SOURCE_DIR "/tests/e2e/foreign_pages.mjs", modules,
                  "http://127.0.0.1:" + std::to_string(daemon.port()) + "/", daemon.token()});
  ASSERT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  Outcomes expected = {{"own page", "signed in"},
                       {"own read", "200"},
                       {"own change without the header", "403"},
                       {"own change", "200"},
                       {"own change back", "200"},
                       {"own events", "open"},
                       {"own websocket", "open"},
                       {"own link", "followed"},
                       {"cookie", "specd_PORT true Strict"},
                       {"cookie seen by scripts", "none"},
                       {"rebound page", "421"},
                       {"rebound fetch", "421"},
                       {"rebound change", "421"},
                       {"in the end", "nothing changed"}};
  for (const std::string host : {"127.0.0.1", "localhost", "evil.example"}) {
    const std::string page = "http://" + host + ":EVIL/ ";
    for (const std::string what : {"fetch", "fetch with the header", "image", "script", "events",
                                   "websocket", "socket.io polling", "socket.io websocket"})
      expected[page + what] = "kept away";
    expected[page + "fetch post"] = "kept away";
    expected[page + "fetch new project"] = "kept away";
    expected[page + "frame"] = "not shown";
    for (const std::string type :
         {"application/x-www-form-urlencoded", "text/plain", "multipart/form-data"})
      expected[page + "form " + type] = "403 foreign_origin";
    expected[page + "form that signs in"] = "403 foreign_origin";
    expected[page + "led there"] = "told nothing";
    expected[page + "after all"] = "nothing changed";
  }
  const Outcomes outcomes = outcomes_in(ran.out);
  for (const auto& [what, outcome] : expected) {
    const auto found = outcomes.find(what);
    EXPECT_EQ(found == outcomes.end() ? "not tried" : found->second, outcome) << what;
  }
  EXPECT_EQ(outcomes.size(), expected.size()) << ran.out << ran.err << daemon.log();
}

}  // namespace
}  // namespace specd
