#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace specd::admin {

/// The commit that this program was built from, "7a88d7a0c1f2" or "7a88d7a0c1f2 with changes";
/// empty where nobody told (cmake/Commit.cmake).
[[nodiscard]] std::string_view build_commit();

/// What it was compiled with: "g++ 12.2.0".
[[nodiscard]] std::string build_compiler();

struct LibraryVersion {
  std::string name;
  std::string running;  ///< that this process has loaded
  std::string built;    ///< whose headers it was built with
};
[[nodiscard]] std::vector<LibraryVersion> library_versions();

}  // namespace specd::admin
