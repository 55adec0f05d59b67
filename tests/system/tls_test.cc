// Addresses that others can reach, TLS, and proxies, as people set them up: the daemon and its
// commands, and curl.

#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/json.h"
#include "net/http_client.h"
#include "tests/net/raw_client.h"
#include "tests/support/certificate.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using test::Certificate;
using test::Ran;
using testing::HasSubstr;

class TlsDaemonTest : public testing::Test {
 protected:
  TlsDaemonTest() {
    std::filesystem::create_directories(root_ + "/openspec/changes/x");
    std::ofstream(root_ + "/openspec/changes/x/tasks.md") << "- [ ] a\n";
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }

  [[nodiscard]] std::string config() const { return daemon_.folder() + "/config.yaml"; }
  void configure(const std::string& text) const { std::ofstream(config()) << text; }
  void use(const Certificate& certificate) const {
    const auto anew = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(certificate.file(), daemon_.folder() + "/c.pem", anew);
    std::filesystem::copy_file(certificate.key(), daemon_.folder() + "/k.pem", anew);
  }
  [[nodiscard]] std::string tls() const {
    return "tls: {certificate: " + daemon_.folder() + "/c.pem, key: " + daemon_.folder() +
           "/k.pem}\n";
  }
  std::string start() { return daemon_.start({root_, "--config", config()}); }
  [[nodiscard]] Ran curl(std::vector<std::string> args, const std::string& target) const {
    std::vector<std::string> command = {
        "curl", "--noproxy", "*", "-sS", "--max-time", "10", "--oauth2-bearer", daemon_.token()};
    command.insert(command.end(), args.begin(), args.end());
    command.push_back("https://127.0.0.1:" + std::to_string(daemon_.port()) + target);
    return daemon_.run(command);
  }
  /// What `specd run` with this configuration says and returns, where it does not begin.
  [[nodiscard]] Ran refused(const std::string& text, std::vector<std::string> args = {}) const {
    configure(text);
    std::vector<std::string> command = {"run", root_, "--config", config()};
    command.insert(command.end(), args.begin(), args.end());
    Ran ran = daemon_.specd(command);
    EXPECT_EQ(ran.exit_code, 2);
    return ran;
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
};

TEST_F(TlsDaemonTest, CurlAndOurOwnCommandsReachItAndTrustNothingElse) {
  const Certificate certificate("DNS:localhost,IP:127.0.0.1");
  use(certificate);
  configure(tls());
  const std::string ready = start();
  ASSERT_EQ(ready, "ready https://127.0.0.1:" + std::to_string(daemon_.port()) + "/");
  const Ran health = curl({"--cacert", certificate.file()}, "/api/v1/health");
  EXPECT_EQ(health.exit_code, 0) << health.err;
  EXPECT_THAT(health.out, HasSubstr("\"status\""));
  EXPECT_EQ(curl({}, "/api/v1/health").exit_code, 60) << "no authority has signed it";
  EXPECT_NE(curl({"--cacert", certificate.file(), "--tls-max", "1.1"}, "/").exit_code, 0);

  const Ran list = daemon_.specd({"list"});
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("x "));
  EXPECT_EQ(daemon_.specd({"sync", "--wait"}).out, "in step\n");
  EXPECT_THAT(daemon_.specd({"doctor"}).out, HasSubstr(" runs at https://127.0.0.1:"));
  EXPECT_EQ(daemon_.specd({"list", "--url", ready.substr(6)}).exit_code, 0) << "it is the same";
  // By another name it could be another one, and is trusted as the system says.
  const std::string other = "https://localhost:" + std::to_string(daemon_.port()) + "/";
  const Ran untrusted = daemon_.specd({"list", "--url", other});
  EXPECT_NE(untrusted.exit_code, 0);
  EXPECT_THAT(untrusted.err, HasSubstr("certificate"));

  EXPECT_EQ(test::RawClient(daemon_.port()).get("/api/v1/health").status, 400) << "plain HTTP";
  const Ran plain = daemon_.specd({"list", "--url", "http" + other.substr(5)});
  EXPECT_EQ(plain.exit_code, 2);
  EXPECT_EQ(plain.err, "specd: this port speaks TLS: ask https://\n");
  EXPECT_EQ(daemon_.stop(SIGTERM), 0);
}

TEST_F(TlsDaemonTest, CommandsFollowACertificateOfAnotherName) {
  use(Certificate("DNS:*.example,DNS:specs.example"));
  configure(tls() + "hosts: [specs.example]\n");
  const std::string ready = start();
  EXPECT_EQ(ready, "ready https://specs.example:" + std::to_string(daemon_.port()) + "/");
  const Ran list = daemon_.specd({"list"});
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("x "));
}

TEST_F(TlsDaemonTest, EventStreamsPassThroughTls) {
  const Certificate certificate("IP:127.0.0.1");
  use(certificate);
  configure(tls());
  start();
  net::HttpStream stream({.port = daemon_.port(),
                          .is_tls = true,
                          .certificate = certificate.file(),
                          .token = daemon_.token()});
  bool has_written = false, has_heard = false;
  (void)stream.read("/api/v1/events", [&](std::string_view bytes) {
    if (!has_written) std::ofstream(root_ + "/openspec/changes/x/tasks.md") << "- [x] a\n";
    has_written = true;
    has_heard = bytes.find("event: spec.updated") != std::string_view::npos || has_heard;
    if (has_heard) stream.stop();
  });
  EXPECT_TRUE(has_heard);
}

/// Reads one answer to the end of the connection, which must be told (close_notify).
constexpr const char* kReadToTheEnd = R"(
import socket, ssl, sys
certificate, port = sys.argv[1:]
trust = ssl.create_default_context(cafile=certificate)
plain = socket.create_connection(("127.0.0.1", int(port)), timeout=10)
client = trust.wrap_socket(plain, server_hostname="127.0.0.1", suppress_ragged_eofs=False)
client.sendall(f"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
while client.recv(4096):
    pass
)";

TEST_F(TlsDaemonTest, WhatEndsIsToldFromWhatIsCutOff) {
  const Certificate certificate("IP:127.0.0.1");
  use(certificate);
  configure(tls());
  start();
  const Ran ran = daemon_.run(
      {"python3", "-c", kReadToTheEnd, certificate.file(), std::to_string(daemon_.port())});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
}

TEST_F(TlsDaemonTest, AReloadTakesANewCertificateAndLeavesABrokenOne) {
  const Certificate first("IP:127.0.0.1"), second("IP:127.0.0.1");
  use(first);
  configure(tls());
  start();
  const auto is_served = [&](const Certificate& certificate) {
    return curl({"--cacert", certificate.file()}, "/api/v1/health").exit_code == 0;
  };
  ASSERT_TRUE(is_served(first));
  ASSERT_FALSE(is_served(second));
  std::ofstream(daemon_.folder() + "/c.pem") << "half of a certifi";
  daemon_.send(SIGHUP);
  ASSERT_TRUE(test::comes_true(
      [&] { return daemon_.log().find("config-not-reloaded") != std::string::npos; }));
  EXPECT_TRUE(is_served(first));
  use(second);
  daemon_.send(SIGHUP);
  EXPECT_TRUE(test::comes_true([&] { return is_served(second); }));
  EXPECT_EQ(daemon_.specd({"list"}).exit_code, 0);
}

TEST_F(TlsDaemonTest, ARenewedCertificateIsTakenByItself) {
  const Certificate first("IP:127.0.0.1"), second("IP:127.0.0.1");
  use(first);
  configure(tls());
  start();
  ASSERT_EQ(daemon_.specd({"list"}).exit_code, 0);
  use(second);
  EXPECT_TRUE(test::comes_true([&] { return daemon_.specd({"list"}).exit_code == 0; }));
  EXPECT_EQ(curl({"--cacert", second.file()}, "/api/v1/health").exit_code, 0);
  EXPECT_THAT(daemon_.log(), HasSubstr("certificate-renewed"));
}

TEST_F(TlsDaemonTest, AnExpiredCertificateIsServedAndLogged) {
  use(Certificate("IP:127.0.0.1", -1));
  configure(tls());
  EXPECT_TRUE(start().starts_with("ready https://"));
  EXPECT_THAT(daemon_.log(), HasSubstr("certificate-does-not-hold"));
}

TEST_F(TlsDaemonTest, WhatCannotBeServedIsRefusedAtTheStart) {
  const Ran open = refused("", {"--listen", "0.0.0.0:0"});
  EXPECT_THAT(open.err, HasSubstr("0.0.0.0 is no loopback address"));
  EXPECT_THAT(open.err, HasSubstr("tls.certificate"));
  EXPECT_THAT(open.err, HasSubstr("--behind-proxy"));
  EXPECT_THAT(refused(tls()).err, HasSubstr("c.pem: No such file or directory"));
  use(Certificate("IP:127.0.0.1"));
  std::ofstream(daemon_.folder() + "/k.pem") << "";
  EXPECT_THAT(refused(tls()).err, HasSubstr("k.pem: "));
  use(Certificate("IP:127.0.0.1"));
  std::filesystem::permissions(daemon_.folder() + "/k.pem", std::filesystem::perms(0644));
  EXPECT_THAT(refused(tls()).err, HasSubstr("k.pem: others can read or write it; `chmod 600` it"));
  EXPECT_THAT(refused("tls: {key: k}").err, HasSubstr("both a certificate and its key"));
  const Ran check = daemon_.specd({"config", "check", config()});
  EXPECT_EQ(check.exit_code, 2);
  EXPECT_THAT(check.err, HasSubstr("both a certificate and its key"));
}

TEST_F(TlsDaemonTest, ACheckRefusesWhatARunRefusesAndBothNameTheSource) {
  use(Certificate("IP:127.0.0.1"));
  std::filesystem::permissions(daemon_.folder() + "/k.pem", std::filesystem::perms(0644));
  const std::string certificate = "tls:\n  certificate: " + daemon_.folder() + "/";
  const std::string key = "\n  key: " + daemon_.folder() + "/k.pem\n";
  const std::pair<std::string, const char*> cases[] = {
      {"log: info\ndb: foo.txt\n", "config.yaml: line 2: db foo.txt: the name must end in .db"},
      {certificate + "no.pem" + key, "config.yaml: line 2: tls.certificate: /"},
      {certificate + "c.pem" + key, "config.yaml: line 3: tls.key: /"},
  };
  for (const auto& [text, says] : cases) {
    const Ran run = refused(text);
    EXPECT_THAT(run.err, HasSubstr(says));
    const Ran check = daemon_.specd({"config", "check", config()});
    EXPECT_EQ(check.exit_code, 2) << check.out;
    EXPECT_EQ(check.err, run.err);
    EXPECT_THAT(daemon_.specd({"doctor", "--config", config()}).out, HasSubstr(says));
  }
  EXPECT_THAT(refused("", {"--db", "foo.txt"}).err, HasSubstr("--db foo.txt: the name must"));
  daemon_.add_to_environment("SPECD_DB=foo.txt");
  EXPECT_THAT(refused("").err, HasSubstr("SPECD_DB foo.txt: the name must"));
}

TEST_F(TlsDaemonTest, AConfigurationWithASecretIsNobodyElsesToRead) {
  const auto check = [&](const std::string& text, unsigned mode) {
    configure(text);
    std::filesystem::permissions(config(), std::filesystem::perms(mode));
    return daemon_.specd({"config", "check", config()});
  };
  EXPECT_EQ(check("log: debug\n", 0644).exit_code, 0) << "this one has none";
  const Ran shown = check("revalidation_secret: hush\n", 0644);
  EXPECT_EQ(shown.exit_code, 2);
  EXPECT_THAT(shown.err,
              HasSubstr("config.yaml: others can read or write it; `chmod 600` it, since "
                        "revalidation_secret is in it"));
  EXPECT_THAT(refused("revalidation_secret: hush\n").err, HasSubstr("others can read"));
  EXPECT_EQ(check("revalidation_secret: hush\n", 0600).exit_code, 0);
}

TEST_F(TlsDaemonTest, BehindAProxyItsNamesAreServedAndNoOthers) {
  configure("hosts: [specs.example]\n");
  const std::string ready = daemon_.start({root_, "--config", config(), "--behind-proxy"});
  ASSERT_EQ(ready, "ready http://127.0.0.1:" + std::to_string(daemon_.port()) + "/");
  const auto status = [&](const std::string& host, const std::string& origin) {
    test::RawClient client(daemon_.port());
    client.send("POST /api/v1/sync HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + origin +
                "\r\nAuthorization: Bearer " + daemon_.token() +
                "\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 2\r\n\r\n{}");
    return client.read_response().status;
  };
  EXPECT_EQ(status("specs.example", "https://specs.example"), 202);
  EXPECT_EQ(status("specs.example:8443", "https://specs.example:8443"), 202);
  EXPECT_EQ(status("specs.example", "https://evil.example"), 403);
  EXPECT_EQ(status("evil.example", "https://evil.example"), 421);
  EXPECT_EQ(daemon_.specd({"list"}).exit_code, 0);

  // Browsers come by the proxy, and by TLS.
  const std::string link = daemon_.client().post("/api/v1/links", "{}").body;
  const std::string begin = "https://specs.example/open?code=";
  ASSERT_THAT(link, HasSubstr(begin));
  const std::string code = link.substr(link.find(begin) + begin.size(), 32);
  const auto signed_in = daemon_.client().post("/open", "code=" + code);
  EXPECT_THAT(signed_in.headers.at("Set-Cookie"), testing::EndsWith("; Secure"));
}

}  // namespace
}  // namespace specd
