#include "realtime/subscription.h"

#include <algorithm>

namespace specd::realtime {
namespace {

constexpr size_t kMaxValues = 100;

bool fits(std::string_view pattern, std::string_view type) {
  return pattern.ends_with(".*") ? type.starts_with(pattern.substr(0, pattern.size() - 1))
                                 : pattern == type;
}

Result<> add_values(std::string_view name, std::string_view list,
                    std::vector<std::string>& values) {
  for (size_t start = 0;;) {
    const size_t comma = list.find(',', start);
    values.emplace_back(list.substr(start, comma - start));
    if (values.back().empty() || values.size() > kMaxValues) {
      return fail(Code::invalid, std::string(name) + " takes 1 to " + std::to_string(kMaxValues) +
                                     " values, separated by commas");
    }
    if (comma == std::string_view::npos) return {};
    start = comma + 1;
  }
}

}  // namespace

bool Subscription::wants(const proto::Event& event) const {
  if (!project.empty() && project != event.project) return false;
  if (!specs.empty() && !event.spec.empty() &&
      std::ranges::find(specs, event.spec) == specs.end()) {
    return false;
  }
  return types.empty() ||
         std::ranges::any_of(types, [&](const auto& type) { return fits(type, event.type); });
}

Result<Subscription> parse_subscription(const net::Fields& query) {
  Subscription subscription;
  for (const auto& [name, value] : query) {
    Result<> added;
    if (name == "project") subscription.project = value;
    if (name == "spec") added = add_values(name, value, subscription.specs);
    if (name == "types") added = add_values(name, value, subscription.types);
    if (!added) return tl::unexpected(added.error());
  }
  return subscription;
}

}  // namespace specd::realtime
