#pragma once

#include <string>

namespace specd::sqlite {

/// The SQLite that this process runs with, such as "3.40.1".
[[nodiscard]] std::string library_version();
/// The one whose headers it was built with.
[[nodiscard]] std::string header_version();

}  // namespace specd::sqlite
