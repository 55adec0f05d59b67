#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/message.h"
#include "net/url.h"

namespace specd::net {

/// Which route a method and path take. Compares segment by segment: regular expressions would do it
/// too, but those of libstdc++ recurse for every character, and a path of 8 KB overflows a stack of
/// 2 MB.
class Router {
 public:
  using RouteId = size_t;  ///< counted from 0 in the order of `add`

  struct Match {
    std::optional<RouteId> route;  ///< the first that fits
    Fields params;
    std::string allowed;  ///< without a route: the methods that this path has, "GET, HEAD"
  };

  /// `pattern`: "/a/{name}/b/{rest...}". A {name} is one segment that is not empty; a {rest...}, at
  /// the end, one or more, joined by '/'. A GET answers HEAD as well.
  RouteId add(std::string method, std::string_view pattern);

  [[nodiscard]] Match match(std::string_view method, const url::Target& target) const;

 private:
  struct Part {
    enum class Kind { literal, name, rest } kind;
    std::string text;
  };
  struct Route {
    std::string method;
    std::vector<Part> parts;
  };
  static std::optional<Fields> fit(const Route& route, const std::vector<std::string>& segments);

  std::vector<Route> routes_;
};

}  // namespace specd::net
