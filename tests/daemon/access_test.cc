#include "daemon/access.h"

#include <gmock/gmock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "daemon/places.h"
#include "tests/support/must.h"
#include "tests/support/temp_dir.h"

namespace specd::daemon {
namespace {

using test::must;
using testing::HasSubstr;

class AccessTest : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& text, mode_t mode = 0600) {
    std::ofstream(path) << text;
    ASSERT_EQ(chmod(path.c_str(), mode), 0);
  }
  std::string refused() {
    const auto token = read_or_make_token(token_, random_);
    return token ? "taken" : token.error().message;
  }

  test::TempDir folder_;
  const std::string token_ = folder_.file("token");
  const std::string sessions_ = folder_.file("sessions.json");
  SystemRandom random_;
  const api::Session session_{.id = 7,
                              .secret = sha256("s"),
                              .created_at = from_us(1'800'000'000'000'001),
                              .expires_at = from_us(1'900'000'000'000'002),
                              .agent = "a \"browser\"\n"};
};

TEST_F(AccessTest, ATokenIsMadeOnceAndNobodyElseCanReadIt) {
  const std::string token = must(read_or_make_token(token_, random_));
  EXPECT_EQ(token.size(), 64u);
  EXPECT_EQ(must(read_or_make_token(token_, random_)), token);
  struct stat status{};
  ASSERT_EQ(stat(token_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  std::filesystem::remove(token_);
  EXPECT_NE(must(read_or_make_token(token_, random_)), token);
}

TEST_F(AccessTest, WhatBelongsToOthersIsNotTakenForOurs) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  put(token_, "my-own-token-from-a-vault");
  ASSERT_EQ(chown(token_.c_str(), 65534, 65534), 0);
  EXPECT_THAT(refused(), HasSubstr("belongs to another user"));

  const Places places{.state = folder_.path(), .runtime = folder_.file("run")};
  ASSERT_TRUE(write_address(places, {.url = "http://127.0.0.1:1/", .pid = getpid()}));
  ASSERT_TRUE(read_address(places));
  ASSERT_EQ(chown(folder_.file("run/daemon.json").c_str(), 65534, 65534), 0);
  EXPECT_FALSE(read_address(places));
  std::filesystem::remove(folder_.file("run/daemon.json"));
  ASSERT_EQ(chmod(folder_.file("run").c_str(), 0777), 0);
  EXPECT_FALSE(write_address(places, {.url = "http://127.0.0.1:1/", .pid = getpid()}));
}

TEST_F(AccessTest, AProcessOfAnotherUserIsNoDaemonOfOurs) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can be another user";
  const auto child_is_alive = [](uid_t uid) {
    int ready[2], end[2];
    EXPECT_EQ(pipe(ready) + pipe(end), 0);
    const pid_t child = fork();
    if (child == 0) {
      char byte = 0;
      (void)prctl(PR_SET_NAME, "specd");
      if (setuid(uid) != 0) _exit(1);
      close(end[1]);
      (void)!write(ready[1], "x", 1);
      (void)!read(end[0], &byte, 1);  // until the test closes its end
      _exit(0);
    }
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    const bool is_alive_now = is_alive({.pid = child});
    for (const int fd : {ready[0], ready[1], end[0], end[1]}) close(fd);
    waitpid(child, nullptr, 0);
    return is_alive_now;
  };
  EXPECT_TRUE(child_is_alive(0));
  EXPECT_FALSE(child_is_alive(65534));
}

TEST_F(AccessTest, ADaemonThatWasKilledIsGoneThoughNobodyHasReapedIt) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    (void)prctl(PR_SET_NAME, "specd (it) is");
    (void)!write(ready[1], "x", 1);
    for (;;) pause();
  }
  char byte = 0;
  EXPECT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_TRUE(is_alive({.pid = child}));
  EXPECT_EQ(kill(child, SIGKILL), 0);
  siginfo_t info{};
  EXPECT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(is_alive({.pid = child}));
  waitpid(child, nullptr, 0);
  for (const int fd : ready) close(fd);
}

TEST_F(AccessTest, ATokenOfOnesOwnIsTakenAsItIs) {
  put(token_, "  my-own-token-from-a-vault \n\n");
  EXPECT_EQ(must(read_or_make_token(token_, random_)), "my-own-token-from-a-vault");
}

TEST_F(AccessTest, ATokenThatIsNoSecretIsRefused) {
  const std::string good = "my-own-token-from-a-vault";
  for (const mode_t mode : {0640, 0604, 0620, 0610}) {
    put(token_, good, mode);
    EXPECT_THAT(refused(), HasSubstr("others can read or write it; `chmod 600` it")) << mode;
  }
  for (const std::string bad :
       {"", "\n", "short", "with a space in its middle", "ünsichtbar-genug-lang"}) {
    put(token_, bad);
    EXPECT_THAT(refused(), HasSubstr("at least 20 visible characters")) << bad;
  }
}

TEST_F(AccessTest, OnlyATokenThatIsThereCanBeBad) {
  EXPECT_TRUE(check_token_file(token_));
  EXPECT_FALSE(std::filesystem::exists(token_)) << "none is made";
  put(token_, "my-own-token-from-a-vault");
  EXPECT_TRUE(check_token_file(token_));
  put(token_, "my-own-token-from-a-vault", 0640);
  EXPECT_FALSE(check_token_file(token_));
  put(token_, "short");
  EXPECT_FALSE(check_token_file(token_));
}

TEST_F(AccessTest, WhatOthersCanReadHoldsNoSecret) {
  const std::string file = folder_.file("key.pem");
  const bool is_root = geteuid() == 0;
  const auto is_secret = [&](mode_t mode) {
    put(file, "key", mode);
    return check_is_secret(file).has_value();
  };
  for (const mode_t mode : {0600, 0400}) EXPECT_TRUE(is_secret(mode)) << mode;
  for (const mode_t mode : {0604, 0602, 0660, 0644}) EXPECT_FALSE(is_secret(mode)) << mode;
  EXPECT_EQ(is_secret(0640), is_root) << "root's own may be lent to a group";
  EXPECT_EQ(check_is_secret(file + "x").error().code, Code::not_found);
  put(file, "key");
  std::filesystem::create_symlink(file, folder_.file("link"));
  EXPECT_TRUE(check_is_secret(folder_.file("link"))) << "the file counts";
  if (!is_root) GTEST_SKIP() << "only root can give files away";
  ASSERT_EQ(chown(file.c_str(), 65534, 65534), 0);
  EXPECT_THAT(check_is_secret(file).error().message, HasSubstr("belongs to another user"));
}

TEST_F(AccessTest, SessionsComeBackAsTheyWere) {
  const Digest token = sha256("t");
  EXPECT_TRUE(must(read_sessions(sessions_, token)).empty());
  ASSERT_TRUE(write_sessions(sessions_, token, {session_, session_}));
  const auto back = must(read_sessions(sessions_, token));
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[1].id, session_.id);
  EXPECT_EQ(back[1].secret, session_.secret);
  EXPECT_EQ(back[1].created_at, session_.created_at);
  EXPECT_EQ(back[1].expires_at, session_.expires_at);
  EXPECT_EQ(back[1].agent, session_.agent);
  struct stat status{};
  ASSERT_EQ(stat(sessions_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(AccessTest, ANewTokenSignsEverybodyOut) {
  ASSERT_TRUE(write_sessions(sessions_, sha256("t"), {session_}));
  EXPECT_TRUE(must(read_sessions(sessions_, sha256("u"))).empty());
}

TEST_F(AccessTest, DamagedSessionsAreAnErrorAndNotAGuess) {
  const Digest token = sha256("t");
  ASSERT_TRUE(write_sessions(sessions_, token, {session_}));
  std::ifstream in(sessions_);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  for (size_t size = 1; size + 2 < whole.size(); size += 7) {
    put(sessions_, whole.substr(0, size));
    EXPECT_FALSE(read_sessions(sessions_, token)) << whole.substr(0, size);
  }
  for (const std::string name : {"id", "secret_sha256", "created_at", "expires_at"}) {
    std::string changed = whole;
    changed.replace(changed.find("\"" + name), name.size() + 1, "\"x");
    put(sessions_, changed);
    EXPECT_FALSE(read_sessions(sessions_, token)) << name;
  }
}

TEST_F(AccessTest, EveryDatabaseHasSecretsOfItsOwn) {
  const std::string folder = folder_.path();
  EXPECT_EQ(token_path({.state = folder, .runtime = ""}), folder + "/token");
  EXPECT_EQ(token_path({.state = folder + "/specd.db", .runtime = ""}), folder + "/token");
  EXPECT_EQ(token_path({.state = folder + "/work.db", .runtime = ""}), folder + "/work.token");
  EXPECT_EQ(sessions_path({.state = folder + "/work.db", .runtime = ""}),
            folder + "/work.sessions.json");
  std::filesystem::create_directory(folder + "/a.db");
  EXPECT_EQ(token_path({.state = folder + "/a.db", .runtime = ""}), folder + "/a.db/token");
}

}  // namespace
}  // namespace specd::daemon
