// The variables of the environment that say what a daemon is told.

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/nearest.h"
#include "daemon/config_keys.h"

namespace specd::daemon {

std::string variable_of(const std::string& key) {
  std::string name = "SPECD_";
  for (char c : key) name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return name;
}

Result<> read_environment(Config& config) {
  for (const KeyDefinition& key : key_definitions()) {
    for (const std::string& variable :
         {std::string(key.also ? key.also : ""), variable_of(key.name)}) {
      if (variable.empty()) continue;
      const char* value = std::getenv(variable.c_str());  // NOLINT(concurrency-mt-unsafe)
      if (value == nullptr || *value == '\0') continue;
      if (auto done = set_config(config, key.name, value, variable); !done) return done;
    }
  }
  return {};
}

std::vector<std::string> unknown_variables() {
  std::vector<std::string> known = {"SPECD_TOKEN", "SPECD_AGENT"};  // of commands
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
