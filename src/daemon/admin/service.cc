#include "daemon/admin/service.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <optional>

#include "daemon/admin/program.h"
#include "daemon/places.h"

namespace specd::admin {
namespace {

constexpr const char* kUnit = "specd.service";
constexpr const char* kLabel = "dev.specd";

std::string replaced(std::string_view text, std::string_view what, const std::string& by) {
  std::string result;
  for (size_t at = 0;;) {
    const size_t found = text.find(what, at);
    result += text.substr(at, found - at);
    if (found == std::string_view::npos) return result;
    result += by;
    at = found + what.size();
  }
}

// systemd.service(5), "Command lines", and systemd.unit(5), "Specifiers": quotes, and % and $
// twice.
std::string quoted_for_systemd(const std::string& path) {
  std::string quoted = "\"";
  for (char c : path) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '%' || c == '$') quoted += c;
    quoted += c;
  }
  return quoted + "\"";
}

std::string escaped_for_xml(const std::string& text) {
  return replaced(replaced(replaced(text, "&", "&amp;"), "<", "&lt;"), ">", "&gt;");
}

RunProgram systemctl(std::vector<std::string> words) {
  words.insert(words.begin(), {"systemctl", "--user"});
  return {.command = std::move(words)};
}

std::string about_lingering(const ServiceUser& user) {
  if (user.lingers) return "Installed and started; it runs whether or not you are logged in.\n";
  return "Installed and started; it runs while you are logged in. To let it run always:\n"
         "  loginctl enable-linger\n";
}

}  // namespace

std::vector<ServiceStep> systemd_steps(ServiceVerb verb, const ServiceUser& user,
                                       const LogOptions& logs) {
  const std::string path = user.config_home + "/systemd/user/" + kUnit;
  switch (verb) {
    case ServiceVerb::install:
      return {WriteFile{path, replaced(systemd_unit(), "=/usr/bin/specd ",
                                       "=" + quoted_for_systemd(user.program) + " ")},
              systemctl({"daemon-reload"}), systemctl({"enable", "--quiet", kUnit}),
              systemctl({"restart", kUnit}), Say{about_lingering(user)}};
    case ServiceVerb::uninstall: {
      RunProgram disable = systemctl({"disable", "--quiet", "--now", kUnit});
      disable.may_fail = true;
      return {
          disable, RemoveFile{path}, systemctl({"daemon-reload"}),
          Say{"Stopped and uninstalled. The database stays where it is, and so do all files.\n"}};
    }
    case ServiceVerb::start:
      return {systemctl({"start", kUnit})};
    case ServiceVerb::stop:
      return {systemctl({"stop", kUnit})};
    case ServiceVerb::status:
      return {systemctl({"status", "--no-pager", kUnit})};
    case ServiceVerb::logs: {
      std::vector<std::string> command = {"journalctl", "--user-unit", kUnit, "--lines",
                                          std::to_string(logs.lines)};
      command.emplace_back(logs.follow ? "--follow" : "--no-pager");
      return {RunProgram{command}};
    }
  }
  return {};
}

std::vector<ServiceStep> launchd_steps(ServiceVerb verb, const ServiceUser& user,
                                       const LogOptions& logs) {
  const std::string path = user.home + "/Library/LaunchAgents/" + kLabel + ".plist";
  const std::string log = user.home + "/Library/Logs/specd.log";
  const std::string domain = "gui/" + std::to_string(user.uid);
  const std::string target = domain + "/" + kLabel;
  switch (verb) {
    case ServiceVerb::install: {
      std::string text =
          replaced(launch_agent(), "/usr/local/bin/specd", escaped_for_xml(user.program));
      text = replaced(text, "/tmp/specd.log", escaped_for_xml(log));
      return {WriteFile{path, text}, RunProgram{{"launchctl", "bootout", target}, true},
              RunProgram{{"launchctl", "bootstrap", domain, path}},
              Say{"Installed and started; it runs while you are logged in.\n"}};
    }
    case ServiceVerb::uninstall:
      return {
          RunProgram{{"launchctl", "bootout", target}, true}, RemoveFile{path},
          Say{"Stopped and uninstalled. The database stays where it is, and so do all files.\n"}};
    case ServiceVerb::start:
      return {RunProgram{{"launchctl", "bootstrap", domain, path}, true},
              RunProgram{{"launchctl", "kickstart", target}}};
    case ServiceVerb::stop:
      return {RunProgram{{"launchctl", "bootout", target}}};
    case ServiceVerb::status:
      return {RunProgram{{"launchctl", "print", target}}};
    case ServiceVerb::logs: {
      std::vector<std::string> command = {"tail", "-n", std::to_string(logs.lines)};
      if (logs.follow) command.emplace_back("-F");
      command.push_back(log);
      return {RunProgram{command}};
    }
  }
  return {};
}

Result<ServiceUser> service_user() {
  auto homes = daemon::user_homes();
  if (!homes) return tl::unexpected(homes.error());
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return fail_os("find the path of this program", error.value());
  ServiceUser user{.program = program.string(),
                   .home = homes->home,
                   .config_home = homes->config,
                   .uid = getuid()};
  user.lingers = std::filesystem::exists("/var/lib/systemd/linger/" + homes->name, error);
  return user;
}

namespace {

Result<int> take(const WriteFile& step) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(step.path).parent_path(), error);
  if (error) return fail_os("make the folder of " + step.path, error.value());
  auto written = daemon::write_text_file(step.path, step.text);
  if (!written) return tl::unexpected(written.error());
  return 0;
}

Result<int> take(const RemoveFile& step) {
  std::error_code error;
  std::filesystem::remove(step.path, error);
  if (error) return fail_os("remove " + step.path, error.value());
  return 0;
}

Result<int> take(const RunProgram& step) {
  std::fflush(stdout);
  auto code = run_program(step.command);
  if (!code && code.error().code == Code::not_found) {
    return fail(Code::not_found, step.command[0] +
                                     ": not found, so there is no service manager that could keep "
                                     "specd running. Start it yourself: specd run --registered");
  }
  if (code && step.may_fail) return 0;
  return code;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
  return all;
}

Result<int> take(const Say& step) {
  std::fputs(step.text.c_str(), stdout);
  return 0;
}

}  // namespace

namespace {

std::vector<ServiceStep> steps_of(ServiceVerb verb, const ServiceUser& user,
                                  const LogOptions& logs) {
#if defined(__APPLE__)
  return launchd_steps(verb, user, logs);
#else
  return systemd_steps(verb, user, logs);
#endif
}

/// What was at the place of a file before a step wrote it.
struct Replaced {
  std::string path;
  std::optional<std::string> text;  ///< none: nothing was there
};

// An installation that failed leaves what was there before: another one, which is told to the
// manager again, or none. What fails of that was told already. `is_told`: whether the manager has
// heard of the new one at all.
void take_back(const ServiceUser& user, const Replaced& replaced, bool is_told) {
  const auto verb = replaced.text ? ServiceVerb::install : ServiceVerb::uninstall;
  for (const ServiceStep& step : steps_of(verb, user, {})) {
    if (std::holds_alternative<WriteFile>(step)) {
      (void)take(WriteFile{replaced.path, replaced.text.value_or("")});
    } else if (const auto* file = std::get_if<RemoveFile>(&step)) {
      (void)take(*file);
    } else if (const auto* program = std::get_if<RunProgram>(&step);
               program != nullptr && is_told) {
      (void)take(*program);
    }
  }
}

// Takes the steps; notes what they have replaced, and whether a program has done its own.
Result<int> take_all(const std::vector<ServiceStep>& steps, std::optional<Replaced>& replaced,
                     bool& has_run) {
  for (const ServiceStep& step : steps) {
    if (const auto* file = std::get_if<WriteFile>(&step)) {
      const auto before = daemon::read_text_file(file->path);
      replaced = {file->path, before ? std::optional(*before) : std::nullopt};
    }
    auto code = std::visit([](const auto& what) { return take(what); }, step);
    if (!code) return code;
    const auto* ran = std::get_if<RunProgram>(&step);
    has_run = has_run || (ran != nullptr && *code == 0);
    if (*code == 0) continue;
    if (ran == nullptr || steps.size() == 1) return code;  // which said it itself
    return fail(Code::io, "`" + joined(ran->command) +
                              "` failed. See `specd service logs`; where no service manager runs "
                              "for you, start it yourself: specd run --registered");
  }
  return 0;
}

}  // namespace

Result<int> service(ServiceVerb verb, const LogOptions& logs) {
  auto user = service_user();
  if (!user) return tl::unexpected(user.error());
  std::optional<Replaced> replaced;
  bool has_run = false;
  auto code = take_all(steps_of(verb, *user, logs), replaced, has_run);
  if (!code && replaced) take_back(*user, *replaced, has_run);
  return code;
}

}  // namespace specd::admin
