#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace specd::test {

/// The real `openspec` of tests/tools, in an environment of its own: nothing of the user's settings
/// gets in, and nothing gets out.
class OpenSpecCli {
 public:
  /// `home` is an empty folder for its settings; it is not removed.
  explicit OpenSpecCli(std::filesystem::path home);

  /// `not_found`, naming scripts/setup, where the pinned tools are not installed.
  [[nodiscard]] static Result<> is_installed();

  /// Runs `openspec ARGUMENTS` in `project` and reads the JSON that it prints.
  [[nodiscard]] Result<Value> json(const std::filesystem::path& project,
                                   const std::string& arguments) const;

 private:
  std::filesystem::path home_;
};

}  // namespace specd::test
