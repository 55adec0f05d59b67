#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/net/raw_client.h"
#include "tests/support/temp_dir.h"

namespace specd::test {

struct Ran {
  int exit_code = -1;
  std::string out;
  std::string err;
};

/// The real program, build/PRESET/specd, in an environment of one test's own. Ends what it started.
class DaemonProcess {
 public:
  DaemonProcess();
  ~DaemonProcess();

  /// `specd run ARGS --listen 127.0.0.1:0`. Its first line of stdout, once that is there (bounded
  /// by ten seconds).
  std::string start(const std::vector<std::string>& args);
  /// The same, without waiting for anything.
  void launch(const std::vector<std::string>& args);
  /// For what is started from now on: "NAME=VALUE", in the place of one of the same name.
  void add_to_environment(const std::string& variable) { more_environment_.push_back(variable); }
  /// Sends the signal and goes on.
  void send(int signal) const;
  /// Sends the signal and waits for its end; the exit code, or -signal.
  int stop(int signal);
  [[nodiscard]] bool is_running() const { return pid_ > 0; }

  /// Another `specd` command, in the same environment, to its end.
  Ran specd(const std::vector<std::string>& args) const;
  /// Any program.
  Ran run(const std::vector<std::string>& command, const std::string& folder = "") const;

  [[nodiscard]] std::string folder() const { return home_.path(); }
  [[nodiscard]] std::string state() const { return home_.path() + "/state/specd"; }
  [[nodiscard]] uint16_t port() const { return port_; }
  /// Of its API, that of the default state folder.
  [[nodiscard]] std::string token() const;
  /// A connection that brings the token.
  [[nodiscard]] RawClient client() const;
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string log() const;
  /// What the daemon wrote to stdout after its first line; after stop().
  [[nodiscard]] const std::string& rest_of_stdout() const { return rest_; }

 private:
  [[nodiscard]] std::vector<std::string> environment() const;

  TempDir home_;
  std::vector<std::string> more_environment_;
  pid_t pid_ = -1;
  int out_ = -1;
  uint16_t port_ = 0;
  std::string rest_;
};

}  // namespace specd::test
