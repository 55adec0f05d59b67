// Nothing but what a project tracks can be read through the API, whatever an address says and
// wherever a link leads.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "net/url.h"
#include "tests/net/raw_client.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

namespace stdfs = std::filesystem;

const std::string kSecret = "only for the owner";

class TraversalTest : public testing::Test {
 protected:
  TraversalTest() {
    put("secret.md", kSecret);
    put("outside/proposal.md", kSecret);
    put("app/.env", kSecret);
    put("app/openspec/changes/x/proposal.md", "# X\n");
    put("app/openspec/changes/x/design.md", "design\n");
    put("app/openspec/specs/a/spec.md", "# A\n");
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }

  [[nodiscard]] std::string at(const std::string& path) const {
    return daemon_.folder() + "/" + path;
  }
  void put(const std::string& path, const std::string& text) const {
    stdfs::create_directories(stdfs::path(at(path)).parent_path());
    std::ofstream(at(path), std::ios::binary) << text;
  }
  void start() {
    ASSERT_TRUE(daemon_.start({at("app")}).starts_with("ready ")) << daemon_.log();
    // Otherwise nothing would be proved by the answers below.
    ASSERT_EQ(ask(kFiles + "openspec/changes/x/proposal.md").body, "# X\n");
  }
  [[nodiscard]] test::RawResponse ask(const std::string& target) const {
    return daemon_.client().get(target);
  }
  void expect_nothing_at(const std::string& target) const {
    const auto answer = ask(target);
    EXPECT_GE(answer.status, 400) << target;
    EXPECT_LT(answer.status, 500) << target;
    EXPECT_EQ(answer.body.find(kSecret), std::string::npos) << target;
  }

  const std::string kFiles = "/api/v1/projects/app/files/";
  test::DaemonProcess daemon_;
};

TEST_F(TraversalTest, NoWayOfWritingDotsAndSlashesLeadsOut) {
  start();
  const char* ups[] = {
      "..",    "%2e%2e", "%2E.",         "%252e%252e", "%c0%ae%c0%ae", "%e0%80%ae%e0%80%ae",
      "..%00", "..%3b",  "%uff0e%uff0e", "....",       ".%0a."};
  const char* slashes[] = {"/", "%2f", "%5c", "\\", "%252f", "%c0%af", "//", "/./"};
  for (const std::string up : ups) {
    for (const std::string slash : slashes) {
      for (const std::string& from : {kFiles, kFiles + "openspec/changes/x" + slash}) {
        for (int depth : {1, 4, 5}) {
          std::string target = from;
          for (int i = 0; i < depth; ++i) target += up + slash;
          expect_nothing_at(target + "secret.md");
          expect_nothing_at(target + ".env");
        }
      }
    }
  }
}

TEST_F(TraversalTest, NoAbsolutePathAndNoOtherRouteLeadsOut) {
  start();
  const std::string path = at("secret.md"), encoded = net::url::encode(path);
  for (const std::string& target :
       {kFiles + path, kFiles + encoded, kFiles + "/" + encoded, kFiles + "file:" + encoded,
        kFiles + "%00" + encoded, kFiles + "openspec/changes/x/proposal.md%00/../../secret.md",
        kFiles + "~/secret.md", kFiles + ".env", kFiles + ".git/config",
        "/api/v1/projects/app/versions?path=" + encoded,
        std::string("/api/v1/projects/app/versions?path=../secret.md"),
        std::string("/api/v1/projects/..%2f/files/secret.md"),
        std::string("/api/v1/projects/app%2f..%2f..%2fsecret.md"),
        std::string("/api/v1/projects/app/specs/..%2f..%2f..%2fsecret"),
        std::string("/../secret.md"), std::string("/%2e%2e%2fsecret.md"), path}) {
    const auto answer = ask(target);
    EXPECT_EQ(answer.body.find(kSecret), std::string::npos) << target;
    const bool is_list = target.find("versions") != std::string::npos;  // which has none
    EXPECT_GE(answer.status, is_list ? 200 : 400) << target;
  }
}

TEST_F(TraversalTest, LinksAreNotFollowed) {
  const std::string x = at("app/openspec/changes/x/");
  stdfs::create_symlink(at("secret.md"), x + "absolute.md");
  stdfs::create_symlink("../../../../secret.md", x + "relative.md");
  stdfs::create_symlink("absolute.md", x + "chained.md");
  stdfs::create_symlink("../../../.env", x + "inside.md");
  stdfs::create_directory_symlink(at("outside"), x + "folder");
  stdfs::create_directory_symlink(at("outside"), at("app/openspec/changes/linked"));
  stdfs::create_directory_symlink("/proc/self", x + "self");
  start();
  for (const char* name : {"x/absolute.md", "x/relative.md", "x/chained.md", "x/inside.md",
                           "x/folder/proposal.md", "linked/proposal.md", "x/self/environ"}) {
    expect_nothing_at(kFiles + "openspec/changes/" + name);
  }
  EXPECT_EQ(ask("/api/v1/search?q=owner").body.find(kSecret), std::string::npos);
}

TEST_F(TraversalTest, WhatBecomesALinkWhileItIsServedIsNotFollowed) {
  start();
  const std::string file = "openspec/changes/x/design.md";
  ASSERT_EQ(ask(kFiles + file).body, "design\n");
  stdfs::create_symlink(at("secret.md"), at("link"));
  stdfs::rename(at("link"), at("app/" + file));
  EXPECT_EQ(ask(kFiles + file).body.find(kSecret), std::string::npos);
  stdfs::rename(at("app/openspec/changes/x"), at("moved"));
  stdfs::create_directory_symlink(at("outside"), at("app/openspec/changes/x"));
  EXPECT_EQ(ask(kFiles + "openspec/changes/x/proposal.md").body.find(kSecret), std::string::npos);
  EXPECT_EQ(daemon_.specd({"sync", "--wait"}).exit_code, 0);
  EXPECT_EQ(ask(kFiles + "openspec/changes/x/proposal.md").body.find(kSecret), std::string::npos);
}

}  // namespace
}  // namespace specd
