#include "spec/references.h"

#include <algorithm>
#include <optional>

namespace specd::spec {
namespace {

std::string_view leading_number(std::string_view id) {
  const size_t end = id.find_first_not_of("0123456789");
  if (end == std::string_view::npos) return id;
  return id[end] == '-' ? id.substr(0, end) : std::string_view();
}

std::string_view without_zeros(std::string_view number) {
  const size_t first = number.find_first_not_of('0');
  return first == std::string_view::npos ? number.substr(number.size() - 1) : number.substr(first);
}

/// What is left of a graph once everything that is in no circle has been taken away.
class Circles {
 public:
  explicit Circles(const Links& to)
      : to_(to), from_(to.size()), in_(to.size()), out_(to.size()), is_gone_(to.size()) {
    for (size_t node = 0; node < to_.size(); ++node) {
      out_[node] = to_[node].size();
      for (size_t next : to_[node]) {
        from_[next].push_back(node);
        ++in_[next];
      }
    }
    for (size_t node = 0; node < to_.size(); ++node) {
      if (in_[node] == 0 || out_[node] == 0) remove(node);
    }
  }

  [[nodiscard]] bool is_gone(size_t node) const { return is_gone_[node] != 0; }

  /// Takes the node away, and whatever is in no circle any more without it.
  void remove(size_t node) {
    std::vector<size_t> todo{node};
    while (!todo.empty()) {
      const size_t gone = todo.back();
      todo.pop_back();
      if (std::exchange(is_gone_[gone], char{1}) != 0) continue;
      for (size_t next : to_[gone]) {
        if (--in_[next] == 0) todo.push_back(next);
      }
      for (size_t before : from_[gone]) {
        if (--out_[before] == 0) todo.push_back(before);
      }
    }
  }

  /// Every node that is left leads to another one that is: sooner or later to one seen before.
  [[nodiscard]] std::vector<size_t> walk(size_t node) const {
    std::vector<size_t> path;
    std::map<size_t, size_t> place;
    while (place.try_emplace(node, path.size()).second) {
      path.push_back(node);
      node = *std::find_if(to_[node].begin(), to_[node].end(),
                           [&](size_t next) { return !is_gone(next); });
    }
    path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(place[node]));
    return path;
  }

 private:
  const Links& to_;
  Links from_;
  std::vector<size_t> in_, out_;  ///< links that are left
  std::vector<char> is_gone_;
};

}  // namespace

SpecNames::SpecNames(std::span<const std::string_view> ids) {
  for (size_t i = 0; i < ids.size(); ++i) {
    by_id_.emplace_back(ids[i], i);
    const std::string_view number = leading_number(ids[i]);
    if (!number.empty()) by_number_[std::string(without_zeros(number))].push_back(i);
  }
  std::sort(by_id_.begin(), by_id_.end());
}

std::vector<size_t> SpecNames::find(std::string_view name) const {
  if (name.empty()) return {};
  const auto at = std::lower_bound(by_id_.begin(), by_id_.end(), std::pair(name, size_t{0}));
  if (at != by_id_.end() && at->first == name) return {at->second};
  if (name.find_first_not_of("0123456789") == std::string_view::npos) {
    const auto numbered = by_number_.find(without_zeros(name));
    return numbered == by_number_.end() ? std::vector<size_t>{} : numbered->second;
  }
  const std::string prefix = std::string(name) + "-";
  std::vector<size_t> found;
  auto each = std::lower_bound(by_id_.begin(), by_id_.end(),
                               std::pair(std::string_view(prefix), size_t{0}));
  for (; each != by_id_.end() && each->first.starts_with(prefix); ++each)
    found.push_back(each->second);
  return found;
}

std::vector<std::string> names_in(const Value& front_matter, std::string_view field) {
  const Value* value = front_matter.find(field);
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

std::vector<std::vector<size_t>> find_cycles(const Links& links) {
  Circles left(links);
  std::vector<std::vector<size_t>> cycles;
  for (size_t node = 0; node < links.size(); ++node) {
    while (!left.is_gone(node)) {
      cycles.push_back(left.walk(node));
      for (size_t member : cycles.back()) left.remove(member);
    }
  }
  return cycles;
}

}  // namespace specd::spec
