#include "realtime/subscription.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/path.h"

namespace specd::realtime {
namespace {

/// "spec.*" fits "spec.updated".
bool fits_type(std::string_view pattern, std::string_view type) {
  return pattern.ends_with(".*") ? type.starts_with(pattern.substr(0, pattern.size() - 1))
                                 : pattern == type;
}

bool is_below(std::string_view id, std::string_view parent) {
  return id.size() > parent.size() && id.starts_with(parent) &&
         (id[parent.size()] == '-' || id[parent.size()] == '/');
}

/// `*` is any text, `?` any one byte. After a byte that does not fit, the latest `*` takes one
/// more.
bool fits_pattern(std::string_view pattern, std::string_view text) {
  size_t at = 0, star = std::string_view::npos, star_ends = 0;
  for (size_t i = 0; i < text.size();) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      star_ends = i;
    } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == text[i])) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++star_ends;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

bool fits_id(std::string_view wanted, std::string_view id) {
  return wanted == id || (!id.empty() && fits_pattern(wanted, id));
}

void add_values(std::string_view list, std::vector<std::string>& values) {
  for (size_t start = 0;;) {
    const size_t comma = list.find(',', start);
    values.emplace_back(list.substr(start, comma - start));
    if (comma == std::string_view::npos) return;
    start = comma + 1;
  }
}

Result<> check_values(std::string_view name, const std::vector<std::string>& values) {
  const auto is_empty = [](const std::string& value) { return value.empty(); };
  if (values.size() <= kMaxValues && std::ranges::none_of(values, is_empty)) return {};
  return fail(Code::invalid, std::string(name) + " takes at most " + std::to_string(kMaxValues) +
                                 " values, none of them empty");
}

Result<> check_types(const std::vector<std::string>& types) {
  const auto& known = proto::event_types();
  for (const std::string& type : types) {
    if (std::ranges::any_of(known, [&](std::string_view each) { return fits_type(type, each); }))
      continue;
    std::string all;
    for (const std::string_view each : known) all += (all.empty() ? "" : ", ") + std::string(each);
    return fail(Code::invalid, "there is no type \"" + printable_utf8(type) + "\", but " + all +
                                   "; \"spec.*\" is every one that begins so");
  }
  return {};
}

Result<> parse_yes(std::string_view name, std::string_view text, bool& yes) {
  yes = text == "true" || text == "1";
  if (yes || text == "false" || text == "0") return {};
  return fail(Code::invalid, std::string(name) + " must be true or false");
}

Result<> parse_throttle(std::string_view text, std::chrono::milliseconds& throttle) {
  int ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error != std::errc() || end != text.data() + text.size() || ms < 0 ||
      ms > kLongestThrottle.count()) {
    return fail(Code::invalid, "throttle_ms must be a whole number, 0 to " +
                                   std::to_string(kLongestThrottle.count()));
  }
  throttle = std::chrono::milliseconds(ms);
  return {};
}

size_t text_of(const std::string& name, const Subscription& subscription) {
  size_t bytes = name.size();
  for (const auto* values : {&subscription.projects, &subscription.specs, &subscription.types}) {
    for (const std::string& value : *values) bytes += value.size();
  }
  return bytes;
}

}  // namespace

bool Subscription::names(const proto::Event& event) const {
  const std::string_view id = event.text("id"), from = event.text("from");
  return std::ranges::any_of(specs, [&](const std::string& wanted) {
    if (wanted == event.key || fits_id(wanted, id) || fits_id(wanted, from)) return true;
    return has_children &&
           (is_below(id, wanted) || is_below(from, wanted) || event.text("parent") == wanted);
  });
}

bool Subscription::wants(const proto::Event& event) const {
  if (!projects.empty() && std::ranges::find(projects, event.project) == projects.end())
    return false;
  if (!specs.empty() && !names(event)) return false;
  return types.empty() ||
         std::ranges::any_of(types, [&](const auto& type) { return fits_type(type, event.type); });
}

Result<> check(const Subscription& subscription) {
  for (const auto& [name, values] :
       {std::pair("project", &subscription.projects), std::pair("spec", &subscription.specs),
        std::pair("types", &subscription.types)}) {
    if (auto checked = check_values(name, *values); !checked) return checked;
  }
  return check_types(subscription.types);
}

Result<> Interests::put(const std::string& name, Subscription subscription) {
  if (all_.size() >= kMost && !all_.contains(name)) {
    return fail(Code::invalid,
                "one connection has at most " + std::to_string(kMost) + " subscriptions");
  }
  size_t text = text_of(name, subscription);
  for (const auto& [other, its] : all_) text += other == name ? 0 : text_of(other, its);
  if (text > kMostText) {
    return fail(Code::invalid, "the subscriptions of one connection have at most " +
                                   std::to_string(kMostText) + " bytes of text");
  }
  all_[name] = std::move(subscription);
  return {};
}

bool Interests::wants(const proto::Event& event) const {
  return std::ranges::any_of(all_, [&](const auto& each) { return each.second.wants(event); });
}

bool Interests::wants_everything() const {
  return std::ranges::any_of(all_, [](const auto& each) { return each.second.wants_everything(); });
}

Result<Wish> parse_wish(const net::Fields& query) {
  Wish wish;
  Subscription& wanted = wish.subscription;
  for (const auto& [name, value] : query) {
    Result<> done;
    if (name == "project") add_values(value, wanted.projects);
    if (name == "spec") add_values(value, wanted.specs);
    if (name == "types") add_values(value, wanted.types);
    if (name == "children") done = parse_yes(name, value, wanted.has_children);
    if (name == "throttle_ms") done = parse_throttle(value, wish.throttle);
    if (!done) return tl::unexpected(done.error());
  }
  if (auto checked = check(wanted); !checked) return tl::unexpected(checked.error());
  return wish;
}

}  // namespace specd::realtime
