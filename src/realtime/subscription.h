#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/message.h"
#include "proto/event.h"

namespace specd::realtime {

/// Which events somebody wants to hear of. Empty: whatever it is.
struct Subscription {
  std::vector<std::string> projects;  ///< slugs
  /// Keys, ids, or patterns of ids with `*` and `?`: "E13-*". Then only events about such specs;
  /// of a renamed one by its id before, too.
  std::vector<std::string> specs;
  /// Also specs below them: "E13-1" and "E13/a" below "E13", and whose `parent` it is.
  bool has_children = false;
  std::vector<std::string> types;  ///< "spec.updated"; "spec.*" is every type that begins so

  [[nodiscard]] bool wants(const proto::Event& event) const;
  [[nodiscard]] bool wants_everything() const {
    return projects.empty() && specs.empty() && types.empty();
  }

 private:
  [[nodiscard]] bool names(const proto::Event& event) const;
};

/// More values of a kind, empty ones, and types that there are not are `invalid`, with words for
/// people.
constexpr size_t kMaxValues = 100;
[[nodiscard]] Result<> check(const Subscription& subscription);

/// All that one client subscribed to, each under a name that it chose. It hears of each event once,
/// however many of them want it.
class Interests {
 public:
  static constexpr size_t kMost = 100;
  static constexpr size_t kMostText = 64 << 10;  ///< bytes of names and values, of all together

  /// In the place of one of that name. `invalid` where there are too many, or too much in them.
  [[nodiscard]] Result<> put(const std::string& name, Subscription subscription);
  /// False: there is none of that name.
  [[nodiscard]] bool remove(const std::string& name) { return all_.erase(name) != 0; }
  void clear() { all_.clear(); }

  [[nodiscard]] bool wants(const proto::Event& event) const;
  [[nodiscard]] bool wants_everything() const;
  [[nodiscard]] bool empty() const { return all_.empty(); }
  [[nodiscard]] const std::map<std::string, Subscription>& all() const { return all_; }

 private:
  std::map<std::string, Subscription> all_;
};

/// At most this long between two deliveries is what a client may ask for.
constexpr std::chrono::milliseconds kLongestThrottle{60'000};

/// What a subscriber says in a query.
struct Wish {
  Subscription subscription;
  /// At least this long between two deliveries; what happens meanwhile is told as one.
  std::chrono::milliseconds throttle{0};
};

/// From a query: `project=`, `spec=` and `types=` (separated by commas, or given several times),
/// `children=` and `throttle_ms=`. `invalid`, with words for people, for what `check` finds and
/// what cannot be read.
[[nodiscard]] Result<Wish> parse_wish(const net::Fields& query);

}  // namespace specd::realtime
