#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/config.h"

// For the files that make up config.h.
namespace specd::daemon {

/// What a key is set to, and shows: a list has any number of items, all else has one.
using KeyItems = std::vector<std::string>;

/// What stands in the place of a secret.
inline constexpr const char* kHidden = "(hidden)";

/// How one key is set and shown.
struct KeyDefinition {
  std::string name;
  std::string what;
  bool is_list = false;
  std::function<Result<>(Config&, const KeyItems&)> set;
  std::function<KeyItems(const Config&)> show;
  const char* also = nullptr;  ///< another variable that sets it; null: none
  bool is_secret = false;      ///< whether there is one is shown, and no more

  /// As people may see it.
  [[nodiscard]] KeyItems shown(const Config& config) const;
};

/// All of them, in the order in which people should read them.
[[nodiscard]] const std::vector<KeyDefinition>& key_definitions();
/// Null: there is none of this name.
[[nodiscard]] const KeyDefinition* find_key(const std::string& name);

}  // namespace specd::daemon
