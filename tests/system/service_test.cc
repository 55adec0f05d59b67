// What a service manager and its user see of the daemon: readiness, the watchdog, reloading.

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "base/fd.h"
#include "base/json.h"
#include "net/http_client.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

/// The manager's end of $NOTIFY_SOCKET.
class Manager {
 public:
  explicit Manager(const std::string& path)
      : path_(path), socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  [[nodiscard]] std::string variable() const { return "NOTIFY_SOCKET=" + path_; }

  /// Waits for a message with this line; all lines that came until then, or "" after ten seconds.
  std::string wait_for(const std::string& line) {
    std::string all;
    const SteadyTime deadline = system_clock().steady() + std::chrono::seconds(10);
    while (system_clock().steady() < deadline) {
      pollfd waiting{socket_.get(), POLLIN, 0};
      if (poll(&waiting, 1, 100) != 1) continue;
      char buffer[4096];
      const ssize_t got = recv(socket_.get(), buffer, sizeof buffer, 0);
      if (got <= 0) continue;
      const std::string message(buffer, static_cast<size_t>(got));
      all += message + "\n";
      if (("\n" + message + "\n").find("\n" + line + "\n") != std::string::npos) return all;
    }
    ADD_FAILURE() << "no " << line << " came, but\n" << all;
    return "";
  }

 private:
  const std::string path_;
  const Fd socket_;
};

class ServiceTest : public testing::Test {
 protected:
  ServiceTest() : config_(daemon_.folder() + "/specd.yaml") {
    for (const char* name : {"one", "two"}) {
      std::filesystem::create_directories(folder(name) + "/openspec/changes/of-" + name);
      std::ofstream(folder(name) + "/openspec/changes/of-" + name + "/tasks.md") << "- [ ] a\n";
    }
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }
  [[nodiscard]] std::string folder(const std::string& name) const {
    return daemon_.folder() + "/" + name;
  }
  void configure(const std::string& text) const { std::ofstream(config_) << text; }
  void start() { ASSERT_NE(daemon_.start({"--config", config_}), "") << daemon_.log(); }
  [[nodiscard]] std::string list() const { return daemon_.specd({"list"}).out; }
  [[nodiscard]] std::string unit() const {
    return daemon_.folder() + "/config/systemd/user/specd.service";
  }
  static std::string text_at(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void wait_for_log(const std::string& what) const {
    const SteadyTime deadline = system_clock().steady() + std::chrono::seconds(10);
    while (daemon_.log().find(what) == std::string::npos) {
      ASSERT_LT(system_clock().steady(), deadline) << what;
    }
  }

  test::DaemonProcess daemon_;
  const std::string config_;
};

TEST_F(ServiceTest, TheManagerHearsWhenItIsReadyAliveAndStopping) {
  Manager manager(daemon_.folder() + "/notify");
  daemon_.add_to_environment(manager.variable());
  daemon_.add_to_environment("WATCHDOG_USEC=400000");
  configure("projects: [" + folder("one") + "]\n");
  start();
  const std::string ready = manager.wait_for("READY=1");
  EXPECT_NE(ready.find("STATUS=serving http://127.0.0.1:" + std::to_string(daemon_.port())),
            std::string::npos)
      << ready;
  for (int i = 0; i < 3; ++i) EXPECT_NE(manager.wait_for("WATCHDOG=1"), "");
  daemon_.send(SIGTERM);
  EXPECT_NE(manager.wait_for("STOPPING=1"), "");
  EXPECT_EQ(daemon_.stop(SIGTERM), 0);
}

TEST_F(ServiceTest, AReloadTakesUpANewConfigurationAndKeepsItsAddress) {
  Manager manager(daemon_.folder() + "/notify");
  daemon_.add_to_environment(manager.variable());
  configure("projects: [" + folder("one") + "]\n");
  start();
  EXPECT_EQ(list().find("of-two"), std::string::npos);
  manager.wait_for("READY=1");
  configure("projects: [" + folder("one") + ", ~/two]\n");
  daemon_.send(SIGHUP);
  const std::string told = manager.wait_for("READY=1");
  EXPECT_NE(told.find("RELOADING=1\nMONOTONIC_USEC="), std::string::npos) << told;
  EXPECT_NE(list().find("of-two"), std::string::npos);
  EXPECT_EQ(net::HttpClient({.port = daemon_.port()}).get("/api/v1/ready")->status, 200);
  EXPECT_EQ(daemon_.stop(SIGTERM), 0);
  EXPECT_EQ(daemon_.rest_of_stdout(), "") << "one line on stdout, once";
}

TEST_F(ServiceTest, AReloadThatCannotBeLeavesEverythingAsItIs) {
  configure("projects: [" + folder("one") + "]\n");
  start();
  configure("projects: [" + folder("one") + "]\nbatch_secnds: 5\n");
  daemon_.send(SIGHUP);
  wait_for_log("config-not-reloaded");
  EXPECT_NE(daemon_.log().find("line 2: no such key: batch_secnds"), std::string::npos);
  EXPECT_NE(list().find("of-one"), std::string::npos);

  // What is wrong may show only when it is tried.
  configure("projects: [" + folder("one") + "]\ndb: " + config_ + "/no.db\n");
  daemon_.send(SIGHUP);
  wait_for_log("specd.yaml: Not a directory");
  const SteadyTime deadline = system_clock().steady() + std::chrono::seconds(10);
  const auto is_ready = [this] {
    const auto answer = net::HttpClient({.port = daemon_.port()}).get("/api/v1/ready");
    return answer && answer->status == 200;
  };
  while (!is_ready()) ASSERT_LT(system_clock().steady(), deadline);
  EXPECT_NE(list().find("of-one"), std::string::npos);
  EXPECT_EQ(daemon_.stop(SIGTERM), 0);
}

TEST_F(ServiceTest, TheConfigurationIsShownAndCheckedWithoutADaemon) {
  configure("batch_seconds: 5\n");
  daemon_.add_to_environment("SPECD_LOG=debug");
  const test::Ran shown = daemon_.specd({"config", "show", config_});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_NE(shown.out.find("batch_seconds: 5  # line 1\n"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("log: debug  # SPECD_LOG\n"), std::string::npos) << shown.out;
  const auto as_json = json::parse(daemon_.specd({"config", "show", "--json", config_}).out);
  ASSERT_TRUE(as_json);
  EXPECT_EQ(as_json->find("batch_seconds")->find("value")->text, "5");
  EXPECT_EQ(daemon_.specd({"config", "check", config_}).out, config_ + ": good\n");
  EXPECT_EQ(daemon_.specd({"config", "check", "--json", config_}).out,
            R"({"file":")" + config_ + R"(","good":true,"warnings":[]})" + "\n");
  daemon_.add_to_environment("SPECD_PORJECTS=/x");
  for (const char* verb : {"show", "check"})
    EXPECT_EQ(daemon_.specd({"config", verb, config_}).err,
              "specd: SPECD_PORJECTS: there is no such variable; perhaps SPECD_PROJECTS\n");
  configure("batch_seconds: often\n");
  const test::Ran wrong = daemon_.specd({"config", "check", config_});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_NE(wrong.err.find("line 1: batch_seconds wants a number"), std::string::npos) << wrong.err;
  // The usual place.
  std::filesystem::create_directories(daemon_.folder() + "/config/specd");
  std::ofstream(daemon_.folder() + "/config/specd/config.yaml") << "batch_seconds: 9\n";
  EXPECT_NE(daemon_.specd({"config", "show"}).out.find("batch_seconds: 9"), std::string::npos);
}

// docs/operations.md has a line for each key.
TEST_F(ServiceTest, EveryKeyOfTheConfigurationIsDocumented) {
  std::ifstream in(std::string(SPECD_SOURCE_DIR) + "/docs/operations.md");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto shown = json::parse(daemon_.specd({"config", "show", "--json"}).out);
  ASSERT_TRUE(shown);
  for (const auto& [key, value] : shown->entries) {
    std::string variable = "SPECD_" + key;
    for (char& c : variable) c = c == '.' ? '_' : static_cast<char>(std::toupper(c));
    EXPECT_NE(text.find("| `" + key + "` | `" + variable + "` |"), std::string::npos) << key;
  }
}

TEST_F(ServiceTest, ARealUserManagerKeepsItRunningUnderItsRestrictions) {
  if (geteuid() != 0 || !std::filesystem::exists("/lib/systemd/systemd"))
    GTEST_SKIP() << "needs systemd, and root for a namespace of its own";
  const std::string home = folder("home");
  std::filesystem::create_directories(home);
  std::filesystem::create_directories(folder("one") + "/openspec/changes/x");
  std::ofstream(folder("one") + "/openspec/changes/x/tasks.md") << "- [ ] done\n";
  const test::Ran ran =
      daemon_.run({"timeout", "60", "unshare", "--mount", "--pid", "--fork", "--kill-child",
                   "--mount-proc", std::string(SPECD_SOURCE_DIR) + "/tests/system/service.sh",
                   std::string(SPECD_BINARY_DIR) + "/specd", home, folder("one")});
  // Also where no namespace may be made: then the script has said nothing at all.
  if (ran.exit_code == 77 || (ran.exit_code != 0 && ran.out.empty()))
    GTEST_SKIP() << "no systemd can run here: " << ran.out << ran.err;
  EXPECT_EQ(ran.out,
            "Installed and started; it runs while you are logged in. To let it run always:\n"
            "installed: 0 active running enabled=enabled\n"
            "verified: 0 complaints\n"
            "status: 0 1\n"
            "an edit arrived\n"
            "it is back after kill -9\n"
            "it reloaded\n"
            "stopped: 0 inactive success\n"
            "started: 0 active\n"
            "Stopped and uninstalled. The database stays where it is, and so do all files.\n"
            "uninstalled: 0 not-found 0 left\n"
            "wrong config: 2 restarts=0 exit=2\n")
      << ran.err;
}

TEST_F(ServiceTest, WhereThereIsNoServiceManagerItSaysWhatToDo) {
  const test::Ran ran = daemon_.specd({"service", "install"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_NE(ran.err.find("specd run --registered"), std::string::npos) << ran.err;
  EXPECT_FALSE(std::filesystem::exists(unit())) << "nothing is left of it";
}

// systemctl is played by a script that fails at a word.
TEST_F(ServiceTest, AnInstallationThatFailsHalfWayLeavesWhatWasThereBefore) {
  std::filesystem::create_directories(folder("bin"));
  const std::string systemctl = folder("bin") + "/systemctl";
  const auto systemctl_failing_at = [&](const std::string& word) {
    std::filesystem::remove(folder("calls"));
    std::ofstream(systemctl) << "#!/bin/sh\necho \"$*\" >>'" << folder("calls")
                             << "'\ncase \"$*\" in *' " << word << " '*) exit 1 ;; esac\n";
    std::filesystem::permissions(systemctl, std::filesystem::perms::owner_all);
  };
  daemon_.add_to_environment("PATH=" + folder("bin") + ":/usr/bin:/bin");

  systemctl_failing_at("restart");
  EXPECT_EQ(daemon_.specd({"service", "install"}).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(unit()));
  EXPECT_TRUE(text_at(folder("calls"))
                  .ends_with("disable --quiet --now specd.service\n"
                             "--user daemon-reload\n"))
      << text_at(folder("calls"));

  std::ofstream(unit()) << "# of before\n";
  systemctl_failing_at("enable");
  EXPECT_EQ(daemon_.specd({"service", "install"}).exit_code, 2);
  EXPECT_EQ(text_at(unit()), "# of before\n");
  EXPECT_EQ(text_at(folder("calls")).find("disable"), std::string::npos);

  systemctl_failing_at("nothing");
  EXPECT_EQ(daemon_.specd({"service", "install"}).exit_code, 0);
  EXPECT_NE(text_at(unit()).find("run --registered"), std::string::npos);
}

}  // namespace
}  // namespace specd
