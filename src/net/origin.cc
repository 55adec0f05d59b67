#include "net/origin.h"

#include <arpa/inet.h>

#include <algorithm>

namespace specd::net {
namespace {

constexpr std::string_view kScheme = "http://";

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

Result<std::string> loopback_address(std::string_view host) {
  std::string name(host == "localhost" ? "127.0.0.1" : host);
  if (in_addr v4{}; ::inet_pton(AF_INET, name.c_str(), &v4) == 1) {
    if (ntohl(v4.s_addr) >> 24 == 127) return name;
    return fail(Code::refused, name + " is no loopback address: only this machine is served");
  }
  if (in6_addr v6{}; ::inet_pton(AF_INET6, name.c_str(), &v6) == 1) {
    if (IN6_IS_ADDR_LOOPBACK(&v6)) return name;
    return fail(Code::refused, name + " is no loopback address: only this machine is served");
  }
  return fail(Code::invalid, "\"" + name + "\" is no address");
}

bool is_own_host(std::string_view host, uint16_t port) {
  for (const std::string_view name : {"127.0.0.1", "localhost", "[::1]"}) {
    if (!equal_ignoring_case(host.substr(0, name.size()), name)) continue;
    const std::string_view rest = host.substr(name.size());
    if (rest == ":" + std::to_string(port) || (rest.empty() && port == 80)) return true;
  }
  return false;
}

bool is_same_origin(std::string_view origin, std::string_view host) {
  return equal_ignoring_case(origin.substr(0, kScheme.size()), kScheme) &&
         equal_ignoring_case(origin.substr(std::min(kScheme.size(), origin.size())), host);
}

bool is_foreign_fetch(std::string_view site, std::string_view mode, std::string_view method) {
  if (site.empty() || site == "same-origin" || site == "none") return false;
  return mode != "navigate" || (method != "GET" && method != "HEAD");
}

}  // namespace specd::net
