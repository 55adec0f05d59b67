#include "api/links.h"

#include <algorithm>

#include "base/json.h"

namespace specd::api {
namespace {

// Both spellings are in use: one name, or a list of them.
std::vector<std::string> names_in(const Value* value) {
  std::vector<std::string> names;
  const auto add = [&](const Value& item) {
    if (!item.is_scalar() || item.text.empty()) return;
    if (std::find(names.begin(), names.end(), item.text) == names.end()) names.push_back(item.text);
  };
  if (value == nullptr) return names;
  add(*value);
  for (const Value& item : value->items) add(item);
  return names;
}

}  // namespace

std::vector<Link> links_of(std::span<const store::Spec> specs) {
  std::vector<std::string_view> ids;
  std::vector<size_t> places;
  for (size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].kind != spec::Kind::leanspec) continue;
    ids.push_back(specs[i].id);
    places.push_back(i);
  }
  const spec::SpecNames names(ids);
  std::vector<Link> links;
  for (size_t from : places) {
    if (!specs[from].front_matter) continue;
    const auto front_matter = json::parse(*specs[from].front_matter);
    if (!front_matter) continue;
    std::ptrdiff_t said = 0;
    for (std::string_view type : {"depends_on", "parent", "related"}) {
      for (std::string& name : names_in(front_matter->find(type))) {
        std::vector<size_t> to = names.find(name);
        for (size_t& each : to) each = places[each];
        const auto is_known = [&](const Link& link) {
          return link.from == from && link.type == type && link.is_resolved() && link.to == to;
        };
        // By its name and by its number, perhaps. What this spec said so far stands at the end.
        if (std::any_of(links.end() - said, links.end(), is_known)) continue;
        links.push_back({type, from, std::move(name), std::move(to)});
        ++said;
      }
    }
  }
  return links;
}

}  // namespace specd::api
