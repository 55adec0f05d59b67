#include <unistd.h>

#include <algorithm>

#include "base/nearest.h"
#include "daemon/config.h"

namespace specd::daemon {

std::vector<std::string> unknown_variables() {
  std::vector<std::string> known = {"SPECD_TOKEN"};  // of commands
  for (const ConfigKey& key : config_keys()) known.push_back(variable_of(key.name));
  std::vector<std::string> unknown;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view variable(*at);
    const std::string name(variable.substr(0, variable.find('=')));
    if (!name.starts_with("SPECD_") || std::ranges::find(known, name) != known.end()) continue;
    const std::string meant = nearest(name, known);
    unknown.push_back(name + ": there is no such variable" +
                      (meant.empty() ? "" : "; perhaps " + meant));
  }
  std::ranges::sort(unknown);
  return unknown;
}

}  // namespace specd::daemon
