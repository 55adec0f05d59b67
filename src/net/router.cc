#include "net/router.h"

#include "base/assert.h"

namespace specd::net {
namespace {

bool answers(const std::string& has, std::string_view wanted) {
  return has == wanted || (has == "GET" && wanted == "HEAD");
}

std::string joined(const std::vector<std::string>& segments, size_t from) {
  std::string rest = segments[from];
  for (size_t i = from + 1; i < segments.size(); ++i) rest.append("/").append(segments[i]);
  return rest;
}

}  // namespace

Router::RouteId Router::add(std::string method, std::string_view pattern) {
  const auto target = url::parse_target(pattern);
  SPECD_ASSERT(target.has_value());
  Route route{.method = std::move(method), .parts = {}};
  for (const std::string& segment : target->segments) {
    SPECD_ASSERT(route.parts.empty() || route.parts.back().kind != Part::Kind::rest);
    if (!segment.starts_with('{')) {
      route.parts.push_back({Part::Kind::literal, segment});
    } else if (segment.ends_with("...}")) {
      route.parts.push_back({Part::Kind::rest, segment.substr(1, segment.size() - 5)});
    } else {
      route.parts.push_back({Part::Kind::name, segment.substr(1, segment.size() - 2)});
    }
  }
  routes_.push_back(std::move(route));
  return routes_.size() - 1;
}

std::optional<Fields> Router::fit(const Route& route, const std::vector<std::string>& segments) {
  const bool has_rest = route.parts.back().kind == Part::Kind::rest;
  if (has_rest ? segments.size() < route.parts.size() : segments.size() != route.parts.size()) {
    return std::nullopt;
  }
  Fields params;
  for (size_t i = 0; i < route.parts.size(); ++i) {
    const Part& part = route.parts[i];
    switch (part.kind) {
      case Part::Kind::literal:
        if (segments[i] != part.text) return std::nullopt;
        break;
      case Part::Kind::name:
        if (segments[i].empty()) return std::nullopt;
        params.add(part.text, segments[i]);
        break;
      case Part::Kind::rest:
        params.add(part.text, joined(segments, i));
        break;
    }
  }
  return params;
}

Router::Match Router::match(std::string_view method, const url::Target& target) const {
  Match match;
  for (RouteId id = 0; id < routes_.size(); ++id) {
    auto params = fit(routes_[id], target.segments);
    if (!params) continue;
    if (answers(routes_[id].method, method)) {
      return {.route = id, .params = std::move(*params), .allowed = {}};
    }
    if (!match.allowed.empty()) match.allowed += ", ";
    match.allowed += routes_[id].method == "GET" ? "GET, HEAD" : routes_[id].method;
  }
  return match;
}

}  // namespace specd::net
