#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

/// Who may talk to a server on loopback. A page of any site can make a browser send requests here,
/// and through DNS rebinding even read the answers, so the name it used is checked, and the page's
/// origin where the browser tells it.
namespace specd::net {

/// The address to bind for `host`, as text: "localhost" is 127.0.0.1. `refused` for all but
/// loopback addresses, `invalid` for what is no address.
[[nodiscard]] Result<std::string> loopback_address(std::string_view host);

/// Whether a Host header means us: a name or address of loopback, with our port (which may be
/// missing if it is 80).
[[nodiscard]] bool is_own_host(std::string_view host, uint16_t port);

/// Whether an Origin header names the server that `host`, the request's Host header, names.
[[nodiscard]] bool is_same_origin(std::string_view origin, std::string_view host);

/// As names and schemes are compared: letters of ASCII in either case are the same.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Whether Sec-Fetch-Site says that a page of another origin asks, be it of another port here
/// (https://www.w3.org/TR/fetch-metadata/). Such a page may lead the browser here (`mode` is
/// "navigate"), since it cannot read what it gets then; the method must be one that changes
/// nothing. Without the header it is no browser, or an old one, which sends Origin.
[[nodiscard]] bool is_foreign_fetch(std::string_view site, std::string_view mode,
                                    std::string_view method);

}  // namespace specd::net
