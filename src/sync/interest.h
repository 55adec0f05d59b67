#pragma once

#include <string_view>

#include "spec/layout.h"

namespace specd::sync {

/// How closely a folder of a project has to be watched.
enum class Interest {
  none,     ///< nothing in it is ours, or the batch looks after it
  entries,  ///< what comes, goes and moves in it
  full,     ///< and what is written to its files
};

/// Active specs wholly; of archives the top folder only; and whatever leads to them.
[[nodiscard]] Interest interest_in(const spec::ProjectConfig& config, std::string_view dir);

}  // namespace specd::sync
