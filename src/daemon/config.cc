#include "daemon/config.h"

#include <algorithm>

#include "daemon/config_keys.h"
#include "net/origin.h"

namespace specd::daemon {

std::vector<ConfigKey> config_keys() {
  std::vector<ConfigKey> all;
  for (const KeyDefinition& key : key_definitions()) all.push_back({key.name, key.what});
  return all;
}

Result<> set_config(Config& config, const std::string& key_name, const std::string& text,
                    const std::string& source) {
  const KeyDefinition* key = find_key(key_name);
  if (key == nullptr) return fail(Code::not_found, "no such key: " + key_name);
  KeyItems items;
  if (!key->is_list) {
    items.push_back(text);
  } else {
    for (size_t at = 0; at <= text.size() && !text.empty();) {
      const size_t colon = std::min(text.find(':', at), text.size());
      items.push_back(text.substr(at, colon - at));
      at = colon + 1;
    }
  }
  if (auto set = key->set(config, items); !set)
    return fail(set.error().code, source + " " + set.error().message);
  config.sources[key_name] = source;
  return {};
}

std::string told_by(const Config& config, const std::string& key) {
  const auto found = config.sources.find(key);
  if (found == config.sources.end()) return key;
  const std::string& source = found->second;
  if (!source.starts_with("line ")) return source;
  return (config.file.empty() ? "" : config.file + ": ") + source + ": " + key;
}

Result<> check_together(const Config& config) {
  if (config.tls_certificate.empty() != config.tls_key.empty()) {
    const char* half = config.tls_key.empty() ? "tls.certificate" : "tls.key";
    return fail(Code::invalid,
                told_by(config, half) + ": tls wants both a certificate and its key");
  }
  const bool is_safe = !config.tls_certificate.empty() || config.is_behind_proxy;
  const auto address =
      net::bind_address(config.host, is_safe ? net::Reach::anywhere : net::Reach::this_machine);
  if (!address) return fail_within(told_by(config, "listen"), address.error());
  if (!config.is_auth &&
      (config.is_behind_proxy || !net::bind_address(config.host, net::Reach::this_machine))) {
    return fail(Code::refused,
                told_by(config, "auth") +
                    ": requests without a token are served to this machine alone: drop --no-auth "
                    "(`auth: false`), or listen on 127.0.0.1 and not behind a proxy");
  }
  const spec::Workflows& workflows = config.sync.workflows;
  if (auto good = spec::check_moves(workflows.openspec); !good)
    return fail_within(told_by(config, "workflow.openspec_moves"), good.error());
  if (auto good = spec::check_moves(workflows.leanspec); !good)
    return fail_within(told_by(config, "workflow.leanspec_moves"), good.error());
  return {};
}

}  // namespace specd::daemon
