#include "daemon/serving.h"

#include <algorithm>

#include "base/descriptors.h"
#include "base/log.h"

namespace specd::daemon {
namespace {

// The database and its readers, the watcher, files that are being read, clients that are turned
// away.
constexpr int64_t kOtherDescriptors = 256;
constexpr int64_t kFewestConnections = 16;

int64_t connections_within_reach(const Config& config) {
  const int64_t wanted = descriptors_for(config);
  const auto allowed = static_cast<int64_t>(raise_descriptor_limit(static_cast<size_t>(wanted)));
  if (allowed >= wanted) return config.max_connections;
  const int64_t reachable = std::max(allowed - kOtherDescriptors, kFewestConnections);
  log::warn("few-descriptors", {{"allowed", allowed},
                                {"wanted", wanted},
                                {"connections", reachable},
                                {"remedy", "specd doctor"}});
  return reachable;
}

}  // namespace

int64_t descriptors_for(const Config& config) {
  return config.max_connections + kOtherDescriptors;
}

net::FrontDeskOptions desk_options(const Config& config) {
  net::FrontDeskOptions options{.host = config.host, .port = config.port};
  options.body_limit = static_cast<uint64_t>(config.max_body_bytes);
  options.max_connections = static_cast<size_t>(connections_within_reach(config));
  options.max_caller_connections = static_cast<size_t>(config.max_caller_connections);
  return options;
}

}  // namespace specd::daemon
