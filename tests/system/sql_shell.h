#pragma once

#include <sys/types.h>

#include <string>

#include "base/fd.h"

namespace specd::test {

/// A `sqlite3` shell that stays open, as a person's does: what it has begun it keeps until it is
/// told to end it, or is ended. For the tests of what it keeps from the daemon.
class SqlShell {
 public:
  explicit SqlShell(const std::string& database);
  /// Kills it.
  ~SqlShell();
  SqlShell(const SqlShell&) = delete;
  SqlShell& operator=(const SqlShell&) = delete;

  /// Statements, or commands of the shell; what it printed, once they are done (bounded by
  /// kPatience; empty then, and the test fails).
  std::string ask(const std::string& lines);
  /// The same, without waiting.
  void say(const std::string& lines) const;
  /// What it prints until the answer to what was said is complete.
  std::string listen();
  void send(int signal) const;
  /// Without a chance to end anything.
  void kill();

 private:
  pid_t pid_ = -1;
  Fd in_, out_;
};

}  // namespace specd::test
