#include "daemon/serving.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>

#include "tests/support/certificate.h"
#include "tests/support/must.h"

namespace specd::daemon {
namespace {

/// How many connections are admitted where the process may have so many files open: by a process of
/// its own, since a hard limit cannot be taken back.
int connections_with(rlim_t hard, const Config& config) {
  const pid_t pid = fork();
  if (pid == 0) {
    const rlimit limit{.rlim_cur = 64, .rlim_max = hard};
    setrlimit(RLIMIT_NOFILE, &limit);
    _exit(static_cast<int>(desk_options(config)->max_connections));
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ServingTest, AsManyConnectionsAreAdmittedAsDescriptorsAllow) {
  Config config;
  config.max_connections = 100;
  EXPECT_EQ(descriptors_for(config), 356);
  EXPECT_EQ(connections_with(400, config), 100);
  EXPECT_EQ(connections_with(300, config), 44);
  EXPECT_EQ(connections_with(100, config), 16);
}

TEST(ServingTest, LimitsReachTheFrontDesk) {
  Config config;
  config.max_body_bytes = 3 << 20;
  config.max_connections = 20;
  config.max_caller_connections = 4;
  const net::FrontDeskOptions options = test::must(desk_options(config));
  EXPECT_EQ(options.body_limit, uint64_t{3} << 20);
  EXPECT_EQ(options.max_connections, 20u);
  EXPECT_EQ(options.max_caller_connections, 4u);
}

Address address(const std::string& host, const std::string& names = "") {
  Config config;
  config.host = host;
  config.is_behind_proxy = true;
  config.hosts = {"specs.example", "[2001:db8::1]"};
  std::optional<test::Certificate> certificate;
  if (!names.empty()) {
    certificate.emplace(names);
    config.tls_certificate = certificate->file();
    config.tls_key = certificate->key();
  }
  const Address found = address_of(test::must(desk_options(config)), 4400, config);
  EXPECT_EQ(found.certificate, config.tls_certificate);
  EXPECT_EQ(found.pid, getpid());
  return found;
}

TEST(ServingTest, ProgramsHereAreToldAnAddressThatLeadsHere) {
  EXPECT_EQ(address("127.0.0.1").url, "http://127.0.0.1:4400/");
  EXPECT_EQ(address("::1").url, "http://[::1]:4400/");
  EXPECT_EQ(address("0.0.0.0").url, "http://127.0.0.1:4400/");
  EXPECT_EQ(address("::").url, "http://[::1]:4400/");
  EXPECT_EQ(address("192.0.2.1").url, "http://192.0.2.1:4400/");
  EXPECT_EQ(address("0.0.0.0").connect_to, "");
}

TEST(ServingTest, OverTlsTheNameIsTheCertificates) {
  const Address both = address("0.0.0.0", "DNS:localhost,IP:127.0.0.1");
  EXPECT_EQ(both.url, "https://127.0.0.1:4400/");
  EXPECT_EQ(both.connect_to, "127.0.0.1");
  EXPECT_EQ(address("127.0.0.1", "DNS:other.example,DNS:localhost").url, "https://localhost:4400/");
  EXPECT_EQ(address("0.0.0.0", "DNS:other.example,DNS:specs.example").url,
            "https://specs.example:4400/");
  EXPECT_EQ(address("::", "IP:2001:db8::1").url, "https://[2001:db8::1]:4400/");
  EXPECT_EQ(address("::", "IP:2001:db8::1").connect_to, "::1");
  EXPECT_EQ(address("0.0.0.0", "DNS:*.example,DNS:other.example").url,
            "https://other.example:4400/");
  EXPECT_EQ(address("0.0.0.0", "IP:192.0.2.1").url, "https://127.0.0.1:4400/");
}

}  // namespace
}  // namespace specd::daemon
