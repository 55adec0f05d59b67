// Who gets in: the program's token, its links, and other users of the machine.

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "base/json.h"
#include "net/front_desk.h"
#include "net/http_client.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using test::Ran;
using testing::HasSubstr;
using testing::Not;

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

class AccessTest : public testing::Test {
 protected:
  AccessTest() { std::filesystem::create_directories(root_ + "/openspec/changes/secret-plan"); }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }

  void start(std::vector<std::string> args = {}) {
    args.insert(args.begin(), root_);
    ASSERT_THAT(daemon_.start(args), HasSubstr("ready "));
  }
  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(daemon_.port()) + "/";
  }
  int status_of(const std::string& target, const std::string& token = "") const {
    const auto response = net::HttpClient({.port = daemon_.port(), .token = token}).get(target);
    return response ? response->status : 0;
  }
  // Of what the page at the end of this link does.
  int status_of_following(const std::string& link) const {
    test::RawClient client(daemon_.port());
    client.send_request("POST", "/open", "", link.substr(link.find("code=")));
    return client.read_response().status;
  }
  // The first link in a text, without the address.
  [[nodiscard]] static std::string link_in(const std::string& text) {
    std::smatch found;
    return std::regex_search(text, found, std::regex("/open\\?code=[0-9a-f]{32}")) ? found.str()
                                                                                   : "";
  }
  [[nodiscard]] Ran on_terminal(std::vector<std::string> command) const {
    command.insert(command.begin(),
                   {"python3", SPECD_SOURCE_DIR "/tests/system/terminal.py", "200"});
    return daemon_.run(command);
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
  const std::string specd_ = SPECD_BINARY_DIR "/specd";
};

TEST_F(AccessTest, TheTokenIsMadeAtTheFirstStartAndStays) {
  start();
  const std::string token = daemon_.token();
  EXPECT_EQ(token.size(), 64u);
  EXPECT_EQ(status_of("/api/v1/specs"), 401);
  EXPECT_EQ(status_of("/api/v1/specs", token), 200);
  EXPECT_THAT(daemon_.specd({"list"}).out, HasSubstr("secret-plan"));
  EXPECT_EQ(daemon_.stop(SIGTERM), 0);
  start();
  EXPECT_EQ(daemon_.token(), token);
  EXPECT_THAT(daemon_.log(), Not(HasSubstr(token)));
}

TEST_F(AccessTest, ANewTokenIsMadeWhereTheOldOneWasRemovedAndReloaded) {
  start();
  const std::string before = daemon_.token();
  std::filesystem::remove(daemon_.state() + "/token");
  daemon_.send(SIGHUP);
  ASSERT_TRUE(test::comes_true([&] {
    return daemon_.token().size() == 64 && status_of("/api/v1/specs", daemon_.token()) == 200;
  }));
  EXPECT_EQ(status_of("/api/v1/specs", before), 401);
}

TEST_F(AccessTest, ATokenThatOthersCanReadKeepsTheDaemonFromStarting) {
  std::filesystem::create_directories(daemon_.state());
  std::ofstream(daemon_.state() + "/token") << "a-token-from-a-backup-set\n";
  ASSERT_EQ(chmod((daemon_.state() + "/token").c_str(), 0644), 0);
  daemon_.launch({root_});
  EXPECT_EQ(daemon_.stop(0), 2);
  EXPECT_THAT(daemon_.log(), HasSubstr("others can read or write it; `chmod 600` it"));
}

TEST_F(AccessTest, AReloadThatCannotShutTheDoorSaysThatItIsOpen) {
  const std::string config = daemon_.folder() + "/config.yaml";
  const auto reload = [&](const std::string& text) {
    std::ofstream(config) << text;
    daemon_.send(SIGHUP);
  };
  const auto has_said = [&](const std::string& what) {
    return test::comes_true([&] { return daemon_.log().find(what) != std::string::npos; });
  };
  std::ofstream(config) << "auth: false\n";
  start({"--config", config});
  std::ofstream(daemon_.state() + "/token") << "a-token-from-a-backup-set\n";
  ASSERT_EQ(chmod((daemon_.state() + "/token").c_str(), 0644), 0);
  reload("auth: true\n");
  ASSERT_TRUE(has_said("config-not-reloaded"));
  EXPECT_THAT(daemon_.log(),
              testing::ContainsRegex("config-not-reloaded.*others can read.*auth=.?false"));
  EXPECT_THAT(daemon_.log(), Not(HasSubstr("config-reloaded"))) << "nothing was taken down";
  EXPECT_EQ(status_of("/api/v1/specs"), 200);

  // What shows only when it is tried.
  std::ofstream(daemon_.folder() + "/no-folder") << "";
  reload("db: " + daemon_.folder() + "/no-folder/x.db\n");
  ASSERT_TRUE(has_said("config-reloaded"));
  ASSERT_TRUE(has_said("no-folder"));
  EXPECT_THAT(daemon_.log(),
              testing::ContainsRegex("config-not-reloaded.*no-folder.*auth=.?false"));
  ASSERT_TRUE(test::comes_true([&] { return status_of("/api/v1/specs") == 200; }));

  ASSERT_EQ(chmod((daemon_.state() + "/token").c_str(), 0600), 0);
  reload("auth: true\n");
  EXPECT_TRUE(test::comes_true([&] { return status_of("/api/v1/specs") == 401; }));
  EXPECT_EQ(status_of("/api/v1/specs", "a-token-from-a-backup-set"), 200);
}

TEST_F(AccessTest, AFolderThatCannotBeKeptDoesNotHoldTheDoorOpenAtAReload) {
  const std::string config = daemon_.folder() + "/config.yaml";
  const std::string empty = daemon_.folder() + "/empty";
  std::filesystem::create_directory(empty);
  std::ofstream(config) << "auth: false\nprojects: [" << root_ << "]\n";
  ASSERT_THAT(daemon_.start({"--config", config}), HasSubstr("ready "));
  std::ofstream(config) << "auth: true\nprojects: [" << root_ << ", " << empty << "]\n";
  daemon_.send(SIGHUP);
  ASSERT_TRUE(test::comes_true([&] { return daemon_.log().find(empty) != std::string::npos; }));
  ASSERT_TRUE(test::comes_true([&] { return status_of("/api/v1/specs") == 401; }));
  EXPECT_THAT(daemon_.log(), testing::ContainsRegex("project-not-kept.*line 2: projects.*/empty"));
}

TEST_F(AccessTest, CommandsFindTheTokenOrSayWhatIsMissing) {
  start({"--db", daemon_.folder() + "/elsewhere.db"});
  const std::string file = daemon_.folder() + "/elsewhere.token";
  EXPECT_THAT(daemon_.specd({"list"}).out, HasSubstr("secret-plan"));
  EXPECT_THAT(daemon_.specd({"list", "--url", url()}).out, HasSubstr("secret-plan"));
  const std::string other = daemon_.folder() + "/other-token";
  std::ofstream(other) << "another-token-than-this\n";
  const Ran wrong = daemon_.specd({"list", "--token-file", other});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("this daemon wants its own token, and it was given another: "
                                   "name its file with --token-file, or set SPECD_TOKEN"));
  EXPECT_THAT(daemon_.specd({"list", "--token-file", other + "s"}).err, HasSubstr("No such file"));

  // Where nobody has left an address, as for a daemon of another user who has shared his token.
  std::filesystem::remove(daemon_.folder() + "/run/specd/daemon.json");
  EXPECT_EQ(daemon_.specd({"list", "--url", url()}).exit_code, 2);
  EXPECT_THAT(daemon_.specd({"list", "--url", url(), "--token-file", file}).out,
              HasSubstr("secret-plan"));
  daemon_.add_to_environment("SPECD_TOKEN=" + text_of(file).substr(0, 64));
  EXPECT_THAT(daemon_.specd({"list", "--url", url()}).out, HasSubstr("secret-plan"));
}

TEST_F(AccessTest, TheTokenGoesToTheOwnDaemonOnly) {
  start();
  std::string got = "nothing came";
  auto desk = net::FrontDesk::open({.workers = 1});
  ASSERT_TRUE(desk);
  (*desk)->start({.serve =
                      [&](net::Request request, net::FrontDesk::Reply reply) {
                        got = request.headers.get("authorization");
                        reply(net::last_words(net::problem(404, "not_found", "none")));
                      },
                  .streaming = [](const net::Request&) { return net::Streaming::no; },
                  .open_stream = {}});
  const std::string other = "http://127.0.0.1:" + std::to_string((*desk)->port()) + "/";
  EXPECT_EQ(daemon_.specd({"status", "--url", other}).exit_code, 2);
  EXPECT_EQ(got, "");
  const auto with = [&](const std::string& token) {
    return daemon_.run({"env", "SPECD_TOKEN=" + token, specd_, "status", "--url", other}).err;
  };
  EXPECT_THAT(with("given\r\nX-More: 1"),
              HasSubstr("SPECD_TOKEN: a token has visible characters only"));
  EXPECT_EQ(got, "");
  (void)with(" given\r\n");
  EXPECT_EQ(got, "Bearer given");
  (*desk)->stop();
}

TEST_F(AccessTest, ALeftAddressIsNotBelieved) {
  start();
  const std::string address = text_of(daemon_.folder() + "/run/specd/daemon.json");
  daemon_.stop(SIGKILL);
  ASSERT_EQ(text_of(daemon_.folder() + "/run/specd/daemon.json"), address);
  const Ran ran = daemon_.specd({"list"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("no daemon is running"));
}

TEST_F(AccessTest, WhatADaemonLeavesForCommandsIsToldByItsOwnWords) {
  start();
  ASSERT_EQ(std::filesystem::remove(daemon_.state() + "/token"), true);
  const Ran gone = daemon_.specd({"list"});
  EXPECT_EQ(gone.exit_code, 2);
  EXPECT_EQ(gone.err, "specd: " + daemon_.state() +
                          "/token: the daemon's token is not there any more; restart the daemon, "
                          "or `systemctl --user reload specd`: it makes another\n");
  const std::string address = daemon_.folder() + "/run/specd/daemon.json";
  ASSERT_EQ(chmod(address.c_str(), 0666), 0);
  const Ran refused = daemon_.specd({"list"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.err, "specd: " + address +
                             ": others can write to it, and could lead commands elsewhere; remove "
                             "it, and restart the daemon, which writes another\n");
}

TEST_F(AccessTest, WithoutLocksNobodyIsAsked) {
  start({"--no-auth"});
  EXPECT_EQ(status_of("/api/v1/specs"), 200);
  EXPECT_FALSE(std::filesystem::exists(daemon_.state() + "/token"));
  EXPECT_THAT(daemon_.specd({"list"}).out, HasSubstr("secret-plan"));
  EXPECT_EQ(on_terminal({specd_, "open"}).out,
            url() + "\nsigns one browser in, once, within five minutes.\n");
}

TEST_F(AccessTest, WithoutLocksOnlyLoopbackIsServed) {
  const Ran other = daemon_.specd({"run", root_, "--no-auth", "--listen", "0.0.0.0:0"});
  EXPECT_EQ(other.exit_code, 2);
  const Ran proxy = daemon_.specd({"run", root_, "--no-auth", "--behind-proxy"});
  EXPECT_EQ(proxy.exit_code, 2);
  EXPECT_THAT(proxy.err, HasSubstr("drop --no-auth"));
}

TEST_F(AccessTest, ALinkIsPrintedToATerminalOnly) {
  start();
  const Ran shown = on_terminal({specd_, "open"});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  const std::string link = link_in(shown.out);
  ASSERT_NE(link, "") << shown.out;
  EXPECT_EQ(status_of(link), 200) << "a preview of it";
  EXPECT_EQ(status_of_following(link), 200);
  EXPECT_EQ(status_of_following(link), 403) << "it worked once";

  const Ran piped = daemon_.specd({"open"});
  EXPECT_EQ(piped.exit_code, 2);
  EXPECT_EQ(piped.out, "");
  EXPECT_THAT(piped.err, HasSubstr("printed to a terminal only; set BROWSER"));
  EXPECT_EQ(daemon_.specd({"open", "--no-browser"}).out, "");
  EXPECT_EQ(link_in(daemon_.log()), "") << "a daemon without a terminal prints none";
}

TEST_F(AccessTest, AProgramThatAsksForTheLinkGetsIt) {
  start();
  const auto answer = json::parse(daemon_.specd({"open", "--json"}).out);
  ASSERT_TRUE(answer);
  EXPECT_EQ(status_of_following(link_in(answer->find("url")->text)), 200);
  EXPECT_EQ(daemon_.specd({"open", "--sign-out", "--json"}).out, "{}\n");
}

TEST_F(AccessTest, ABrowserThatFailsAtOnceIsNone) {
  start();
  daemon_.add_to_environment("BROWSER=false:sh -c %s");
  const Ran ran = daemon_.specd({"open"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("no browser could be started here"));
  daemon_.add_to_environment("BROWSER=false:true");
  EXPECT_EQ(daemon_.specd({"open"}).out, "A browser was started.\n") << "the next one is tried";
}

TEST_F(AccessTest, ADaemonOnATerminalBeginsWithALink) {
  // The daemon lives as long as this shell waits for it.
  const std::string script = "'" + specd_ + "' run '" + root_ +
                             "' --listen 127.0.0.1:0 2>&1 & "
                             "for i in $(seq 1000); do '" +
                             specd_ +
                             "' sync --wait >/dev/null 2>&1 && break; done; "
                             "kill $!; wait";
  const Ran ran = on_terminal({"bash", "-c", script});
  EXPECT_THAT(ran.out, HasSubstr("ready http://127.0.0.1:"));
  EXPECT_NE(link_in(ran.out), "") << ran.out;
}

TEST_F(AccessTest, ABrowserIsLedByAPageThatNobodyElseReads) {
  // What a browser gets is what others could see of its command line.
  const std::string browser = daemon_.folder() + "/browser";
  const std::string got = daemon_.folder() + "/got";
  std::ofstream(browser) << "#!/bin/sh\necho \"$@\" >'" + got + ".new'; mv '" + got + ".new' '" +
                                got + "'\n";
  ASSERT_EQ(chmod(browser.c_str(), 0755), 0);
  daemon_.add_to_environment("BROWSER=-x:/none/such %s:" + browser + " --url %s -n:lynx");
  start();
  const Ran ran = daemon_.specd({"open"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "A browser was started.\n");
  ASSERT_TRUE(test::comes_true([&] { return std::filesystem::exists(got); }));
  const std::string page = daemon_.folder() + "/run/specd/open.html";
  EXPECT_EQ(text_of(got), "--url file://" + page + " -n\n");
  struct stat status{};
  ASSERT_EQ(stat(page.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  EXPECT_EQ(status_of_following(link_in(text_of(page))), 200);
  EXPECT_EQ(daemon_.specd({"open", "--sign-out"}).out, "All browsers are signed out.\n");
}

TEST_F(AccessTest, AnotherUserOfThisMachineGetsNothing) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can be another user";
  start();
  ASSERT_EQ(chmod(daemon_.folder().c_str(), 0755), 0) << "as a home can be";
  const auto as_nobody = [&](std::vector<std::string> command) {
    command.insert(command.begin(),
                   {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
    return daemon_.run(command, "/");
  };
  ASSERT_EQ(as_nobody({"true"}).exit_code, 0);
  for (const std::string name : {"token", "specd.db", "specd.db-wal", "sessions.json"})
    EXPECT_NE(as_nobody({"cat", daemon_.state() + "/" + name}).exit_code, 0) << name;
  EXPECT_NE(as_nobody({"cat", daemon_.folder() + "/run/specd/daemon.json"}).exit_code, 0);
  EXPECT_NE(as_nobody({"ls", daemon_.state()}).exit_code, 0);
  EXPECT_THAT(as_nobody({"curl", "--noproxy", "*", "-s", url() + "api/v1/specs"}).out,
              HasSubstr("\"unauthorized\""));
}

}  // namespace
}  // namespace specd
