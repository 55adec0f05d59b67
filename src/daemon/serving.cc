#include "daemon/serving.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/clock.h"
#include "base/descriptors.h"
#include "base/log.h"
#include "daemon/certificate.h"
#include "net/origin.h"

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

// What a reload may find elsewhere, daemon.json names for programs that run in other folders.
std::string absolute(const std::string& path) {
  std::error_code error;
  const auto made = std::filesystem::absolute(path, error);
  return error ? path : made.lexically_normal().string();
}

net::TlsFiles tls_files(const Config& config) {
  return {.certificate = config.tls_certificate, .key = config.tls_key};
}

// The address at which this machine reaches one that listens on all.
std::string own_address(const std::string& host) {
  if (host == "localhost" || host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

// What clients must call it, so that the certificate fits.
std::string name_of(const net::FrontDeskOptions& options, const std::string& address) {
  if (!options.tls) return address;
  std::vector<std::string> names = {address, "localhost"};
  for (const std::string& host : options.hosts) {
    names.push_back(host.starts_with('[') ? host.substr(1, host.size() - 2) : host);
  }
  for (const std::string& name : names) {
    if (options.tls->covers(name)) return name;
  }
  const std::string any = options.tls->a_name();
  return any.empty() ? address : any;
}

}  // namespace

Result<> check_files(const Config& config) {
  if (config.tls_certificate.empty()) return {};
  const auto identity = load_identity(tls_files(config));
  if (identity) return {};
  // It begins with the file that it is about.
  const bool is_of_key = identity.error().message.starts_with(config.tls_key + ": ");
  return fail_within(told_by(config, is_of_key ? "tls.key" : "tls.certificate"), identity.error());
}

int64_t descriptors_for(const Config& config) {
  return config.max_connections + kOtherDescriptors;
}

Result<net::FrontDeskOptions> desk_options(const Config& config) {
  net::FrontDeskOptions options{.host = config.host, .port = config.port};
  if (!config.tls_certificate.empty()) {
    auto identity = RenewedIdentity::load(tls_files(config), system_clock());
    if (!identity) return tl::unexpected(identity.error());
    options.tls = identity->current();
    options.renewed_tls = [renewed = std::make_shared<RenewedIdentity>(std::move(*identity))] {
      return renewed->current();
    };
  }
  options.hosts = config.hosts;
  options.is_behind_proxy = config.is_behind_proxy;
  options.body_limit = static_cast<uint64_t>(config.max_body_bytes);
  options.max_connections = static_cast<size_t>(connections_within_reach(config));
  options.max_caller_connections = static_cast<size_t>(config.max_caller_connections);
  return options;
}

Address address_of(const net::FrontDeskOptions& options, uint16_t port, const Config& config) {
  const std::string address = own_address(options.host);
  Address found{.url = (options.tls ? "https://" : "http://") +
                       net::in_url(name_of(options, address)) + ":" + std::to_string(port) + "/",
                .pid = getpid()};
  if (options.tls) {
    found.connect_to = address;
    found.certificate = absolute(config.tls_certificate);
  }
  return found;
}

bool is_reached_by_tls(const Config& config) {
  return config.is_behind_proxy || !config.tls_certificate.empty();
}

std::string public_url(const Address& address, const Config& config) {
  if (!config.is_behind_proxy || config.hosts.empty()) return address.url;
  return "https://" + config.hosts.front() + "/";
}

}  // namespace specd::daemon
