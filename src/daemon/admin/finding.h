#pragma once

#include <string>

namespace specd::admin {

/// `note`: worth knowing, and no reason to act at once; `problem`: something does not work, or will
/// not.
enum class Level { ok, note, problem };

/// What was found out about one thing, for people.
struct Finding {
  Level level = Level::ok;
  std::string subject;   ///< two or three words
  std::string text;      ///< one line
  std::string remedy{};  ///< what to type or to do; empty where all is well
};

}  // namespace specd::admin
