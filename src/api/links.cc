#include "api/links.h"

#include <algorithm>
#include <optional>

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

// The exact time where it is told, else the day: both sort as text.
std::string created_in(const Value& front_matter) {
  for (const char* name : {"created_at", "created"}) {
    const Value* value = front_matter.find(name);
    if (value == nullptr || !value->is_scalar()) continue;
    const std::string& text = value->text;
    const bool is_date = text.size() >= 10 && text[4] == '-' && text[7] == '-' &&
                         text.find_first_not_of("0123456789") == 4;
    if (is_date) return text;
  }
  return {};
}

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
      for (std::string& name : names_in(front_matter.find(type))) {
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

Said read_front_matter(std::span<const store::Spec> specs) {
  const Linker linker(specs);
  Said said;
  said.created.resize(specs.size());
  for (size_t i = 0; i < specs.size(); ++i) {
    if (!specs[i].front_matter) continue;
    const auto front_matter = json::parse(*specs[i].front_matter);
    if (!front_matter) continue;
    said.created[i] = created_in(*front_matter);
    if (specs[i].kind == spec::Kind::leanspec) linker.add(i, *front_matter, said.links);
  }
  return said;
}

}  // namespace specd::api
