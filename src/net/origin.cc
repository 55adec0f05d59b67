#include "net/origin.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

namespace specd::net {
namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";

std::optional<in_addr> as_v4(std::string_view text) {
  in_addr v4{};
  if (::inet_pton(AF_INET, std::string(text).c_str(), &v4) != 1) return std::nullopt;
  return v4;
}

std::optional<in6_addr> as_v6(std::string_view text) {
  in6_addr v6{};
  if (::inet_pton(AF_INET6, std::string(text).c_str(), &v6) != 1) return std::nullopt;
  return v6;
}

/// A Host header, or what follows the scheme in an origin (RFC 9110 section 7.2).
struct HostPort {
  std::string_view name;                 ///< an address of IPv6 with its brackets
  std::optional<std::string_view> port;  ///< none: that of the scheme
};

HostPort split(std::string_view host) {
  const size_t bracket = host.starts_with('[') ? host.find(']') : 0;
  const size_t colon = bracket == std::string_view::npos ? bracket : host.find(':', bracket);
  if (colon == std::string_view::npos) return {host, std::nullopt};
  return {host.substr(0, colon), host.substr(colon + 1)};
}

/// The address that a name in a Host header is, without brackets; empty if it is none.
std::string_view address_in(std::string_view name) {
  if (as_v4(name)) return name;
  if (!name.starts_with('[') || !name.ends_with(']')) return {};
  const std::string_view inside = name.substr(1, name.size() - 2);
  return as_v6(inside) ? inside : std::string_view();
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool contains(const std::vector<std::string>& hosts, std::string_view name) {
  return std::ranges::any_of(
      hosts, [&](const std::string& host) { return equal_ignoring_case(host, name); });
}

/// Without the port, if that is the scheme's own, which browsers leave out.
std::string_view without_port(std::string_view host, std::string_view scheme) {
  const HostPort parts = split(host);
  return parts.port == (scheme == kHttps ? "443" : "80") ? parts.name : host;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool is_loopback(std::string_view address) {
  if (const auto v4 = as_v4(address)) return ntohl(v4->s_addr) >> 24 == 127;
  const auto v6 = as_v6(address);
  return v6 && IN6_IS_ADDR_LOOPBACK(&*v6);
}

std::string in_url(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

Result<std::string> bind_address(std::string_view host, Reach reach) {
  std::string address(host == "localhost" ? "127.0.0.1" : host);
  if (!as_v4(address) && !as_v6(address)) {
    return fail(Code::invalid, "\"" + address + "\" is no address");
  }
  if (reach == Reach::anywhere || is_loopback(address)) return address;
  return fail(Code::refused,
              address +
                  " is no loopback address; others are served with TLS (tls.certificate and "
                  "tls.key), or behind a proxy that speaks it (behind_proxy, --behind-proxy)");
}

bool OwnNames::include(std::string_view host) const {
  const auto [name, its_port] = split(host);
  const bool is_our_port =
      its_port ? *its_port == std::to_string(port) : port == (is_tls ? 443 : 80);
  const std::string_view address = address_in(name);
  const bool is_ours = equal_ignoring_case(name, "localhost") ||
                       (!address.empty() && (reach == Reach::anywhere || is_loopback(address)));
  if (is_ours && is_our_port) return true;
  if (!contains(hosts, name)) return false;
  if (!its_port) return is_tls || is_behind_proxy || is_our_port;
  return is_our_port || (is_behind_proxy && is_port(*its_port));
}

bool OwnNames::is_same_origin(std::string_view origin, std::string_view host) const {
  const std::string_view spoken = is_tls ? kHttps : kHttp;
  const bool has_choice = is_behind_proxy && contains(hosts, split(host).name);
  for (const std::string_view scheme : {kHttp, kHttps}) {
    if (!equal_ignoring_case(origin.substr(0, scheme.size()), scheme)) continue;
    if (scheme != spoken && !has_choice) return false;
    return equal_ignoring_case(without_port(origin.substr(scheme.size()), scheme),
                               without_port(host, scheme));
  }
  return false;
}

bool is_host_name(std::string_view text) {
  if (!address_in(text).empty()) return true;
  const bool is_name =
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") ==
      std::string_view::npos;
  return is_name && !text.empty() && text.front() != '.' && text.back() != '.';
}

bool is_foreign_fetch(std::string_view site, std::string_view mode, std::string_view method) {
  if (site.empty() || site == "same-origin" || site == "none") return false;
  return mode != "navigate" || (method != "GET" && method != "HEAD");
}

}  // namespace specd::net
