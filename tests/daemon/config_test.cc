#include "daemon/config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/support/must.h"

namespace specd::daemon {
namespace {

using test::must;

std::string refused(const std::string& text) {
  const auto config = read_config(text);
  return config ? "taken" : config.error().message;
}

/// Sets a variable of the environment as long as it lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }

 private:
  const char* const name_;
};

TEST(ConfigTest, AnEmptyFileIsTheDefaults) {
  EXPECT_EQ(to_yaml(must(read_config(""))), to_yaml(Config{}));
  EXPECT_EQ(must(read_config("# nothing\n")).port, 4400);
}

TEST(ConfigTest, EveryKeyIsReadAndShownWithItsSource) {
  const std::string text =
      "listen: \"[::1]:4500\"\n"
      "hosts: [specs.example, \"[2001:db8::1]\"]\n"
      "behind_proxy: true\n"
      "tls:\n"
      "  certificate: /c.pem\n"
      "  key: /k.pem\n"
      "db: /x/y z.db\n"
      "projects: [/a, \"/b c\"]\n"
      "auth: false\n"
      "read_only: true\n"
      "poll: true\n"
      "batch_seconds: 5\n"
      "log: debug\n"
      "openspec: {command: /o/openspec}\n"
      "events:\n"
      "  heartbeat_seconds: 7\n"
      "  keep_days: 8\n"
      "  keep_count: 900\n"
      "limits:\n"
      "  file_mib: 1\n"
      "  spec_mib: 2\n"
      "  spec_files: 3\n"
      "  body_mib: 4\n"
      "  connections: 50\n"
      "  caller_connections: 6\n"
      "  listeners: 10\n"
      "workflow:\n"
      "  openspec: [idea, in_progress, qa, done]\n"
      "  openspec_moves: [\"idea>in_progress\", in_progress>qa]\n"
      "  leanspec: [planned, in-progress, complete]\n"
      "  leanspec_moves: [planned>complete]\n";
  const Config config = must(read_config(text));
  EXPECT_EQ(config.host, "::1");
  EXPECT_EQ(config.port, 4500);
  EXPECT_EQ(config.hosts, (std::vector<std::string>{"specs.example", "[2001:db8::1]"}));
  EXPECT_TRUE(config.is_behind_proxy);
  EXPECT_EQ(config.tls_certificate, "/c.pem");
  EXPECT_EQ(config.tls_key, "/k.pem");
  EXPECT_EQ(config.db, "/x/y z.db");
  EXPECT_EQ(config.projects, (std::vector<std::string>{"/a", "/b c"}));
  EXPECT_FALSE(config.is_auth);
  EXPECT_TRUE(config.sync.read_only);
  EXPECT_TRUE(config.always_poll);
  EXPECT_EQ(config.sync.batch_every, std::chrono::seconds(5));
  EXPECT_EQ(config.log_level, log::Level::debug);
  EXPECT_EQ(config.sync.max_bytes_per_file, 1 << 20);
  EXPECT_EQ(config.sync.max_bytes_per_spec, 2 << 20);
  EXPECT_EQ(config.sync.max_files_per_spec, 3u);
  EXPECT_EQ(config.max_body_bytes, 4 << 20);
  EXPECT_EQ(config.max_connections, 50);
  EXPECT_EQ(config.max_caller_connections, 6);
  EXPECT_EQ(config.max_listeners, 10);
  EXPECT_EQ(config.openspec, "/o/openspec");
  EXPECT_EQ(config.heartbeat_seconds, 7);
  EXPECT_EQ(config.sync.keep_events, std::chrono::days(8));
  EXPECT_EQ(config.sync.max_events, 900);
  EXPECT_EQ(config.sync.workflows.openspec.statuses.at(2), "qa");
  EXPECT_EQ(spec::to_string(config.sync.workflows.openspec.moves.at(0)), "idea>in_progress");
  EXPECT_EQ(config.sync.workflows.leanspec.statuses.size(), 3u);
  EXPECT_EQ(spec::to_string(config.sync.workflows.leanspec.moves.at(0)), "planned>complete");
  EXPECT_EQ(config.sources.size() + 1, config_keys().size())
      << "this test knows every key but the secret, which is not shown";
  EXPECT_EQ(config.sources.at("limits.spec_files"), "line 22");

  // What is shown is a file that says the same.
  const std::string shown = to_yaml(config);
  EXPECT_NE(shown.find("batch_seconds: 5  # line 12\n"), std::string::npos) << shown;
  Config again = must(read_config(shown));
  again.sources = config.sources;
  EXPECT_EQ(to_yaml(again), shown);
}

TEST(ConfigTest, WhatIsWrongIsToldWithItsLine) {
  EXPECT_EQ(
      refused("listen: 1.2.3.4:5\npols: true"),
      "line 2: no such key: pols; there are listen, hosts, behind_proxy, tls, db, "
      "projects, auth, read_only, poll, batch_seconds, log, revalidation_secret, openspec, events, "
      "workflow, limits");
  EXPECT_EQ(refused("limits: {file_mb: 1}"),
            "line 1: no such key: limits.file_mb; there are file_mib, spec_mib, spec_files, "
            "body_mib, connections, caller_connections, listeners");
  EXPECT_EQ(refused("limits: 3"),
            "line 1: limits wants some of file_mib, spec_mib, spec_files, body_mib, connections, "
            "caller_connections, listeners");
  EXPECT_EQ(refused("limits: {connections: 15}"),
            "line 1: limits.connections wants a number from 16 to 100000");
  EXPECT_EQ(refused("batch_seconds: 0"), "line 1: batch_seconds wants a number from 1 to 86400");
  EXPECT_EQ(refused("batch_seconds: 1.5"), "line 1: batch_seconds wants a number from 1 to 86400");
  EXPECT_EQ(refused("poll: yes"), "line 1: poll is true or false");
  EXPECT_EQ(refused("log: loud"), "line 1: log is debug, info or warning");
  EXPECT_EQ(refused("projects: /a"), "line 1: projects wants a list");
  EXPECT_EQ(refused("projects: [[/a]]"), "line 1: projects wants a list of names");
  for (const char* host : {"https://specs.example", "specs.example:443", "*.example"})
    EXPECT_NE(refused("hosts: [\"" + std::string(host) + "\"]").find("without scheme or port"),
              std::string::npos)
        << host;
  EXPECT_EQ(refused("db: [x]"), "line 1: db wants one value");
  EXPECT_EQ(refused("log: info\nlisten:\n\n# a word\nhosts: []"), "line 2: listen wants one value");
  for (const char* address : {"4400", "host", "host:", "host:port", "host:70000", ":4400"})
    EXPECT_NE(refused("listen: \"" + std::string(address) + "\"").find("HOST:PORT"),
              std::string::npos)
        << address;
  EXPECT_NE(refused("- a list").find("line 1: a configuration is a map"), std::string::npos);
  EXPECT_NE(refused("a: [").find("line"), std::string::npos);
}

TEST(ConfigTest, WhatIsWrongWithAWorkflowIsToldWithItsLine) {
  EXPECT_EQ(refused("workflow: {openspec: [a, b]}"),
            "line 1: workflow.openspec wants \"in_progress\", and behind it \"done\" (OpenSpec) or "
            "\"complete\" (LeanSpec), since claims and dependencies go by these");
  EXPECT_EQ(refused("log: info\nworkflow:\n  leanspec_moves: [a-b]"),
            "line 3: workflow.leanspec_moves wants moves such as approved>assigned; \"a-b\" is "
            "none");
}

std::string together(const std::string& text) {
  const auto fits = check_together(must(read_config(text)));
  return fits ? "fits" : fits.error().message;
}

TEST(ConfigTest, OtherAddressesWantTlsOrAProxy) {
  EXPECT_EQ(together(""), "fits");
  EXPECT_EQ(together("listen: 127.0.0.2:1"), "fits");
  EXPECT_EQ(together("listen: \"[::1]:1\""), "fits");
  const std::string open = "listen: 0.0.0.0:4400\n";
  EXPECT_EQ(together(open),
            "line 1: listen: 0.0.0.0 is no loopback address; others are served with TLS "
            "(tls.certificate and tls.key), or behind a proxy that speaks it (behind_proxy, "
            "--behind-proxy)");
  EXPECT_EQ(together(open + "hosts: [specs.example]"), together(open));
  EXPECT_EQ(together(open + "behind_proxy: true"), "fits");
  EXPECT_EQ(together(open + "tls: {certificate: c, key: k}"), "fits");
  const std::string both = ": tls wants both a certificate and its key";
  EXPECT_EQ(together("tls: {certificate: c}"), "line 1: tls.certificate" + both);
  EXPECT_EQ(together("log: info\ntls:\n  key: k"), "line 3: tls.key" + both);
  for (const std::string& served :
       {open + "tls: {certificate: c, key: k}\n", std::string("behind_proxy: true\n")}) {
    const std::string told = together(served + "auth: false");
    EXPECT_NE(told.find("drop --no-auth"), std::string::npos) << told;
    EXPECT_TRUE(told.starts_with("line " + std::to_string(std::ranges::count(served, '\n') + 1) +
                                 ": auth: requests without a token"))
        << told;
  }
  EXPECT_EQ(together("auth: false"), "fits");
  EXPECT_EQ(together("auth: false\nlisten: 127.0.0.1:1\ntls: {certificate: c, key: k}"), "fits");
  EXPECT_EQ(together("listen: specs.example:1\nbehind_proxy: true"),
            "line 1: listen: \"specs.example\" is no address");
}

TEST(ConfigTest, WhatDoesNotGoTogetherIsToldByWhatSaidIt) {
  Config config = must(read_config("log: info"));
  config.file = "/c.yaml";
  must(set_config(config, "listen", "0.0.0.0:4400", "--listen"));
  const auto fits = check_together(config);
  ASSERT_FALSE(fits);
  EXPECT_TRUE(fits.error().message.starts_with("--listen: 0.0.0.0 is no loopback address"))
      << fits.error().message;
  config = must(read_config("log: info\nlisten: 0.0.0.0:4400"));
  config.file = "/c.yaml";
  EXPECT_TRUE(check_together(config).error().message.starts_with("/c.yaml: line 2: listen: "));
}

// Whichever of the two comes first in the file.
TEST(ConfigTest, MovesAreBetweenStatusesThatThereAre) {
  const std::string moves = "workflow:\n  openspec_moves: [idea>in_progress]\n";
  EXPECT_EQ(together(moves),
            "line 2: workflow.openspec_moves: idea>in_progress: \"idea\" is none of the statuses");
  EXPECT_EQ(together(moves + "  openspec: [idea, in_progress, done]"), "fits");
  EXPECT_EQ(together("workflow:\n  leanspec_moves: [planned>done]\n"),
            "line 2: workflow.leanspec_moves: planned>done: \"done\" is none of the statuses");
}

TEST(ConfigTest, TheEnvironmentComesOverTheFile) {
  const Variable batch("SPECD_BATCH_SECONDS", "7");
  const Variable limit("SPECD_LIMITS_FILE_MIB", "9");
  const Variable projects("SPECD_PROJECTS", "/a:/b");
  Config config = must(read_config("batch_seconds: 5\nprojects: [/c]"));
  must(read_environment(config));
  EXPECT_EQ(config.sync.batch_every, std::chrono::seconds(7));
  EXPECT_EQ(config.sync.max_bytes_per_file, 9 << 20);
  EXPECT_EQ(config.projects, (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(config.sources.at("batch_seconds"), "SPECD_BATCH_SECONDS");
  const Variable none("SPECD_LISTEN", "");
  const Variable no_projects("SPECD_PROJECTS", "");
  const Variable no_secret("REVALIDATION_SECRET", "");
  Config as_in_the_file = must(read_config("listen: 127.0.0.1:1\nprojects: [/c]"));
  must(read_environment(as_in_the_file));
  EXPECT_EQ(as_in_the_file.port, 1) << "an empty one counts as none";
  EXPECT_EQ(as_in_the_file.projects, std::vector<std::string>{"/c"});
  EXPECT_FALSE(as_in_the_file.sources.contains("revalidation_secret"));
  const Variable wrong("SPECD_POLL", "often");
  EXPECT_EQ(read_environment(config).error().message, "SPECD_POLL is true or false");
}

TEST(ConfigTest, AVariableThatNothingReadsIsTold) {
  const Variable known("SPECD_LISTEN", "127.0.0.1:1"), of_commands("SPECD_TOKEN", "x");
  EXPECT_EQ(unknown_variables(), std::vector<std::string>{});
  const Variable slip("SPECD_LISTN", "127.0.0.1:1"), other("SPECD_FROBNICATION", "");
  EXPECT_EQ(unknown_variables(),
            (std::vector<std::string>{"SPECD_FROBNICATION: there is no such variable",
                                      "SPECD_LISTN: there is no such variable; perhaps "
                                      "SPECD_LISTEN"}));
}

TEST(ConfigTest, TheDatabaseIsShownWhereItIs) {
  const Variable state("XDG_STATE_HOME", "/home/ann/state");
  EXPECT_NE(to_yaml(Config{}).find("db: /home/ann/state/specd/specd.db  # default\n"),
            std::string::npos)
      << to_yaml(Config{});
}

TEST(ConfigTest, ASecretIsTakenFromWhereOthersKeepItAndNeverShown) {
  Config config = must(read_config("revalidation_secret: from-file"));
  EXPECT_EQ(config.revalidation_secret, "from-file");
  const Variable others("REVALIDATION_SECRET", "from-others");
  must(read_environment(config));
  EXPECT_EQ(config.revalidation_secret, "from-others");
  EXPECT_EQ(config.sources.at("revalidation_secret"), "REVALIDATION_SECRET");
  const Variable ours("SPECD_REVALIDATION_SECRET", "from-us");
  must(read_environment(config));
  EXPECT_EQ(config.revalidation_secret, "from-us");
  for (const std::string& shown : {to_yaml(config), to_json(config)}) {
    EXPECT_EQ(shown.find("from-us"), std::string::npos) << shown;
    EXPECT_NE(shown.find("(hidden)"), std::string::npos) << shown;
  }
  EXPECT_NE(refused(to_yaml(config)).find("is hidden here"), std::string::npos)
      << "else that word would be the secret";
  EXPECT_NE(to_yaml(Config{}).find("revalidation_secret: \"\""), std::string::npos);
}

TEST(ConfigTest, TheHomeMayBeWrittenAsInAShell) {
  const Variable home("HOME", "/home/ann");
  const Config config = must(read_config("projects: [~/app, /x/~/y]\ndb: ~/s.db"));
  EXPECT_EQ(config.projects, (std::vector<std::string>{"/home/ann/app", "/x/~/y"}));
  EXPECT_EQ(config.db, "/home/ann/s.db");
}

}  // namespace
}  // namespace specd::daemon
