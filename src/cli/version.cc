#include "base/columns.h"
#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/table.h"
#include "daemon/admin/build_info.h"
#include "proto/json_build.h"

namespace specd::cli {
namespace {

constexpr const char* kVersion = SPECD_VERSION;

std::string text_for_people(const std::string& daemon) {
  const std::string commit(admin::build_commit());
  std::string text = std::string("specd ") + kVersion + (commit.empty() ? "" : " (" + commit + ")");
  text += "\ncompiler  " + admin::build_compiler() + "\n";
  for (const admin::LibraryVersion& library : admin::library_versions()) {
    text += library.name + std::string(10 - columns(library.name), ' ') + library.running;
    text += (library.running == library.built ? "" : ", built with " + library.built) + "\n";
  }
  text += "daemon    " + (daemon.empty() ? "none answers" : plain(daemon)) + "\n";
  if (!daemon.empty() && daemon != kVersion) {
    text +=
        "The daemon is another version than this program: restart it (`specd service stop && specd "
        "service start`, or Ctrl-C where it runs and `specd run`).\n";
  }
  return text;
}

std::string json_for_programs(const std::string& daemon) {
  Value libraries = proto::object();
  for (const admin::LibraryVersion& library : admin::library_versions()) {
    Value versions = proto::object();
    versions.entries.emplace_back("running", proto::text(library.running));
    versions.entries.emplace_back("built", proto::text(library.built));
    libraries.entries.emplace_back(library.name, std::move(versions));
  }
  Value all = proto::object();
  all.entries.emplace_back("version", proto::text(kVersion));
  all.entries.emplace_back("commit", proto::text_or_null(admin::build_commit()));
  all.entries.emplace_back("compiler", proto::text(admin::build_compiler()));
  all.entries.emplace_back("libraries", std::move(libraries));
  all.entries.emplace_back("daemon", proto::text_or_null(daemon));
  return json::dump(all) + "\n";
}

}  // namespace

int version(const AskArgs& ask) {
  const auto health = get(ask, "/api/v1/health");
  const std::string daemon = health ? text_of(health->value, "version") : "";
  print(ask.json ? json_for_programs(daemon) : text_for_people(daemon));
  return 0;
}

}  // namespace specd::cli
