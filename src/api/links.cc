#include "api/links.h"

#include <algorithm>
#include <optional>

#include "base/json.h"

namespace specd::api {
namespace {

/// Gathers the links of one spec after the other.
class Linker {
 public:
  explicit Linker(std::span<const store::Spec> specs) {
    for (size_t i = 0; i < specs.size(); ++i) {
      if (specs[i].kind != spec::Kind::leanspec) continue;
      ids_.push_back(specs[i].id);
      places_.push_back(i);
    }
    names_.emplace(ids_);
  }

  void add(size_t from, const Value& front_matter, std::vector<Link>& links) const {
    const size_t first = links.size();
    for (std::string_view type : {"depends_on", "parent", "related"}) {
      for (std::string& name : spec::names_in(front_matter, type)) {
        Link link{type, from, std::move(name), {}};
        for (size_t id : names_->find(link.name)) link.to.push_back(places_[id]);
        // By its name and by its number, perhaps.
        const auto is_known = [&](const Link& said) {
          return said.type == type && said.is_resolved() && said.to == link.to;
        };
        const auto begin = links.begin() + static_cast<std::ptrdiff_t>(first);
        if (std::none_of(begin, links.end(), is_known)) links.push_back(std::move(link));
      }
    }
  }

 private:
  std::vector<std::string_view> ids_;
  std::vector<size_t> places_;  ///< of the specs with these ids
  std::optional<spec::SpecNames> names_;
};

}  // namespace

std::vector<Link> read_links(std::span<const store::Spec> specs) {
  const Linker linker(specs);
  std::vector<Link> links;
  for (size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].kind != spec::Kind::leanspec || !specs[i].front_matter) continue;
    const auto front_matter = json::parse(*specs[i].front_matter);
    if (front_matter) linker.add(i, *front_matter, links);
  }
  return links;
}

}  // namespace specd::api
