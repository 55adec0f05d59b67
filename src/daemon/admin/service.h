#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

/// What works without a running daemon, for the command line.
namespace specd::admin {

enum class ServiceVerb { install, uninstall, start, stop, status, logs };

/// Who asks, and for which program.
struct ServiceUser {
  std::string program;      ///< absolute path of specd
  std::string home;         ///< absolute
  std::string config_home;  ///< $XDG_CONFIG_HOME
  unsigned uid = 0;
  bool lingers = false;  ///< the user's services outlive a logout (systemd)
};

/// This process's user and program.
[[nodiscard]] Result<ServiceUser> service_user();

struct LogOptions {
  bool follow = false;
  int lines = 50;
};

/// One step on the way. Each is harmless when it was done before.
struct WriteFile {
  std::string path;
  std::string text;
};
struct RemoveFile {
  std::string path;
};
struct RunProgram {
  std::vector<std::string> command;
  bool may_fail = false;
};
struct Say {
  std::string text;
};
using ServiceStep = std::variant<WriteFile, RemoveFile, RunProgram, Say>;

/// What a verb takes, with a user's systemd (`systemctl --user`) and with macOS's launchd. Nothing
/// is done yet.
[[nodiscard]] std::vector<ServiceStep> systemd_steps(ServiceVerb verb, const ServiceUser& user,
                                                     const LogOptions& logs);
[[nodiscard]] std::vector<ServiceStep> launchd_steps(ServiceVerb verb, const ServiceUser& user,
                                                     const LogOptions& logs);

/// Takes them, with the manager of this system. The exit code of the last program; errors say what
/// to do instead. An installation that fails leaves what was installed before, or nothing.
[[nodiscard]] Result<int> service(ServiceVerb verb, const LogOptions& logs);

/// systemd/specd.service and launchd/dev.specd.plist, as checked in.
[[nodiscard]] std::string_view systemd_unit();
[[nodiscard]] std::string_view launch_agent();

}  // namespace specd::admin
