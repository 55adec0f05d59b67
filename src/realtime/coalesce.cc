#include "realtime/coalesce.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace specd::realtime {
namespace {

Value* member(Value& payload, std::string_view name) {
  for (auto& [key, value] : payload.entries) {
    if (key == name) return &value;
  }
  return nullptr;
}

/// `into` gets what only `before` lists, in front.
void join_lists(Value& before, Value& into) {
  const auto has = [&](const Value& item) {
    return std::ranges::any_of(into.items,
                               [&](const Value& each) { return each.text == item.text; });
  };
  std::vector<Value> joined;
  for (Value& item : before.items) {
    if (!has(item)) joined.push_back(std::move(item));
  }
  into.items.insert(into.items.begin(), std::make_move_iterator(joined.begin()),
                    std::make_move_iterator(joined.end()));
}

std::string joined_type(const proto::Event& before, const proto::Event& after) {
  if (after.type == "spec.deleted" || after.type == "spec.created") return after.type;
  if (before.type == "spec.created") return before.type;
  return before.type == "spec.renamed" ? before.type : after.type;
}

/// Two events of one spec as one.
void join(proto::Event& before, proto::Event& after) {
  after.type = joined_type(before, after);
  for (const char* name : {"files", "changes"}) {
    Value* earlier = member(before.payload.edit(), name);
    Value* later = member(after.payload.edit(), name);
    if (earlier != nullptr && later != nullptr) join_lists(*earlier, *later);
  }
  // The id that the view knows it by.
  Value* from = member(before.payload.edit(), "from");
  if (from == nullptr || after.type != "spec.renamed") return;
  if (Value* later = member(after.payload.edit(), "from")) {
    *later = std::move(*from);
  } else {
    after.payload.edit().entries.push_back({"from", std::move(*from)});
  }
}

}  // namespace

std::vector<proto::Event> coalesce(std::vector<proto::Event> events) {
  std::vector<proto::Event> urgent, rest;
  std::map<std::string, size_t, std::less<>> place;  // of a spec, in `rest`
  for (proto::Event& event : events) {
    if (is_urgent(event)) {
      urgent.push_back(std::move(event));
      continue;
    }
    const auto [at, is_first] = place.try_emplace(event.key, rest.size());
    if (!is_first) {
      join(rest[at->second], event);
      rest[at->second].type.clear();  // its place is the later one's
      at->second = rest.size();
    }
    rest.push_back(std::move(event));
  }
  for (proto::Event& event : rest) {
    if (!event.type.empty()) urgent.push_back(std::move(event));
  }
  return urgent;
}

}  // namespace specd::realtime
