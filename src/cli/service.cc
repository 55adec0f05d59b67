#include "daemon/admin/service.h"

#include <map>

#include "cli/commands.h"
#include "cli/print.h"

namespace specd::cli {

int service(const ServiceArgs& args) {
  using admin::ServiceVerb;
  static const std::map<std::string, ServiceVerb> verbs = {
      {"install", ServiceVerb::install}, {"uninstall", ServiceVerb::uninstall},
      {"start", ServiceVerb::start},     {"stop", ServiceVerb::stop},
      {"status", ServiceVerb::status},   {"logs", ServiceVerb::logs}};
  const auto code =
      admin::service(verbs.at(args.verb), {.follow = args.follow, .lines = args.lines});
  return code ? *code : give_up(code.error());
}

}  // namespace specd::cli
