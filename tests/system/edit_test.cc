// Edits through the real daemon: what is answered, and what stands on disk.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/digest.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using test::RawResponse;
using testing::HasSubstr;

class EditSystemTest : public testing::Test {
 protected:
  EditSystemTest() {
    put("openspec/changes/x/tasks.md", "- [ ] 1.1 one\r\n- [ ] 1.2 two\r\n");
    std::filesystem::create_directories(root_ + "/openspec/specs");
    daemon_.start({root_});
  }
  void put(const std::string& path, const std::string& text) const {
    const std::string full = root_ + "/" + path;
    std::filesystem::create_directories(std::filesystem::path(full).parent_path());
    std::ofstream(full, std::ios::binary) << text;
  }
  [[nodiscard]] std::string on_disk(const std::string& path) const {
    std::ifstream file(root_ + "/" + path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  RawResponse ask(const std::string& method, const std::string& target, const std::string& fields,
                  const std::string& body = "") const {
    auto client = daemon_.client();
    client.send_request(method, "/api/v1/projects/app/" + target, fields, body);
    return client.read_response();
  }
  static std::string if_match(const std::string& content) {
    return "If-Match: \"" + sha256(content).hex() + "\"\r\n";
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
};

TEST_F(EditSystemTest, AFileIsOnDiskWhenItIsAnswered) {
  const std::string before = on_disk("openspec/changes/x/tasks.md");
  const auto answer =
      ask("PUT", "files/openspec/changes/x/tasks.md", if_match(before), "- [x] 1.1 one\n");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(on_disk("openspec/changes/x/tasks.md"), "- [x] 1.1 one\n");
  const auto stale = ask("PUT", "files/openspec/changes/x/tasks.md", if_match(before), "no");
  EXPECT_EQ(stale.status, 412) << stale.body;
  const auto back =
      ask("POST", "versions/" + sha256(before).hex() + "/restore?path=openspec/changes/x/tasks.md",
          if_match("- [x] 1.1 one\n"));
  EXPECT_EQ(back.status, 200) << back.body;
  EXPECT_EQ(on_disk("openspec/changes/x/tasks.md"), before);
  EXPECT_EQ(daemon_.specd({"verify"}).exit_code, 0);
}

TEST_F(EditSystemTest, ASaveThatNobodyHasToldYetIsNotWrittenOver) {
  const std::string before = on_disk("openspec/changes/x/tasks.md");
  put("openspec/changes/x/tasks.md", "saved\n");
  EXPECT_EQ(ask("PUT", "files/openspec/changes/x/tasks.md", if_match(before), "ours").status, 412);
  EXPECT_EQ(on_disk("openspec/changes/x/tasks.md"), "saved\n");
}

TEST_F(EditSystemTest, ATickChangesOneByte) {
  const auto answer = ask("PATCH", "specs/x/tasks", "X-Specd-Actor: me\r\n",
                          R"({"line": 2, "text": "1.2 two", "done": true})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(on_disk("openspec/changes/x/tasks.md"), "- [ ] 1.1 one\r\n- [x] 1.2 two\r\n");
  const auto moved =
      ask("PATCH", "specs/x/tasks", "", R"({"line": 1, "text": "1.2 two", "done": false})");
  EXPECT_EQ(moved.status, 412) << moved.body;
  EXPECT_THAT(moved.body, HasSubstr("1.1 one"));
  EXPECT_THAT(daemon_.specd({"history", "--json"}).out, HasSubstr("\"actor\":\"me\""));
}

TEST_F(EditSystemTest, AStatusIsKeptAndGoesBackToWhatTheTasksSay) {
  EXPECT_EQ(ask("PATCH", "specs/x", "", R"({"status": "approved", "tags": ["a"]})").status, 200);
  const auto set = ask("GET", "specs/x", "");
  EXPECT_THAT(set.body, HasSubstr("\"status\":\"approved\""));
  EXPECT_THAT(set.body, HasSubstr("\"tags\":[\"a\"]"));
  EXPECT_EQ(ask("PATCH", "specs/x", "", R"({"status": null})").status, 200);
  EXPECT_THAT(ask("GET", "specs/x", "").body, HasSubstr("\"status\":\"proposing\""));
}

TEST_F(EditSystemTest, NothingIsLeftBehind) {
  (void)ask("PUT", "files/openspec/changes/x/notes.md", "If-None-Match: *\r\n", "new\n");
  (void)ask("DELETE", "files/openspec/changes/x/notes.md", if_match("new\n"));
  EXPECT_FALSE(std::filesystem::exists(root_ + "/openspec/changes/x/notes.md"));
  EXPECT_TRUE(test::comes_true([&] {
    for (const auto& project : std::filesystem::directory_iterator(daemon_.state() + "/staging")) {
      if (!std::filesystem::is_empty(project)) return false;
    }
    return true;
  }));
  EXPECT_FALSE(std::filesystem::exists(root_ + "/.specd"));
}

TEST_F(EditSystemTest, TasksAreTickedAndSpecsAreSetFromTheCommandLine) {
  const test::Ran ticked = daemon_.specd({"tick", "x", "1.2"});
  EXPECT_EQ(ticked.exit_code, 0) << ticked.err;
  EXPECT_EQ(ticked.out, "[x] 1.2 two\n");
  EXPECT_EQ(on_disk("openspec/changes/x/tasks.md"), "- [ ] 1.1 one\r\n- [x] 1.2 two\r\n");
  EXPECT_EQ(daemon_.specd({"tick", "x", "1.2 two", "--undo"}).exit_code, 0);
  EXPECT_EQ(on_disk("openspec/changes/x/tasks.md"), "- [ ] 1.1 one\r\n- [ ] 1.2 two\r\n");
  EXPECT_THAT(daemon_.specd({"tick", "x", "9"}).err, HasSubstr("there is no task \"9\""));
  EXPECT_EQ(daemon_.specd({"tick", "x", "1.2", "--json"}).exit_code, 0);

  EXPECT_EQ(daemon_.specd({"set", "x", "--status", "approved", "--tags", "a,b"}).exit_code, 0);
  const std::string shown = daemon_.specd({"show", "x"}).out;
  EXPECT_THAT(shown, HasSubstr("status    approved"));
  EXPECT_THAT(shown, HasSubstr("tags      a, b"));
  EXPECT_EQ(daemon_.specd({"set", "x", "--status", "", "--tags", ""}).exit_code, 0);
  EXPECT_THAT(daemon_.specd({"show", "x"}).out, HasSubstr("status    in_progress"));
  const test::Ran nothing = daemon_.specd({"set", "x"});
  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_THAT(nothing.err, HasSubstr("set what?"));
}

TEST_F(EditSystemTest, WhatWaitsIsSaid) {
  std::filesystem::permissions(root_ + "/openspec/changes/x/tasks.md",
                               std::filesystem::perms(0444));
  const test::Ran ran = daemon_.specd({"tick", "x", "1.1"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("is kept and not on disk yet: "));
  EXPECT_THAT(ran.err, HasSubstr("write-protected"));
}

}  // namespace
}  // namespace specd
