#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// Who may talk to this server. A page of any site can make a browser send requests here, and
/// through DNS rebinding even read the answers, so the name it used is checked, and the page's
/// origin where the browser tells it.
namespace specd::net {

/// From where requests may come.
enum class Reach { this_machine, anywhere };

/// The address to bind for `host`, as text: "localhost" is 127.0.0.1. `invalid` for what is no
/// address, `refused` for one that is not of loopback unless it may be reached from anywhere.
[[nodiscard]] Result<std::string> bind_address(std::string_view host, Reach reach);
/// Whether a text is an address of loopback, without brackets.
[[nodiscard]] bool is_loopback(std::string_view address);
/// An address as it stands in a URL: one of IPv6 in brackets.
[[nodiscard]] std::string in_url(const std::string& address);

/// What a server is called, and by what it is reached.
struct OwnNames {
  uint16_t port = 0;                  ///< that it listens on
  Reach reach = Reach::this_machine;  ///< whether it listens on an address that is not of loopback
  bool is_tls = false;
  bool is_behind_proxy = false;      ///< which may speak TLS to clients, and have another port
  std::vector<std::string> hosts{};  ///< names that it was given, besides addresses and "localhost"

  /// Whether a Host header means this server: "localhost" or an address of loopback, with our port
  /// (which may be missing if it is the scheme's own); where others reach us, any address with our
  /// port, since an address is no name that somebody could have rebound; or one of `hosts`. Those
  /// need no port, and behind a proxy they may have any.
  [[nodiscard]] bool include(std::string_view host) const;
  /// Whether an Origin header names what `host`, a Host header that is ours, names: over the scheme
  /// that we speak, or for one of `hosts` the one that a proxy before us may speak.
  [[nodiscard]] bool is_same_origin(std::string_view origin, std::string_view host) const;
};

/// Whether a text can be one of `hosts`: a name of letters, digits, '-' and '.', or an address, in
/// brackets if it is of IPv6.
[[nodiscard]] bool is_host_name(std::string_view text);

/// As names and schemes are compared: letters of ASCII in either case are the same.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Whether Sec-Fetch-Site says that a page of another origin asks, be it of another port here
/// (https://www.w3.org/TR/fetch-metadata/). Such a page may lead the browser here (`mode` is
/// "navigate"), since it cannot read what it gets then; the method must be one that changes
/// nothing. Without the header it is no browser, or an old one, which sends Origin.
[[nodiscard]] bool is_foreign_fetch(std::string_view site, std::string_view mode,
                                    std::string_view method);

}  // namespace specd::net
