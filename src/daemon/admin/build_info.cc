#include "daemon/admin/build_info.h"

#include "sqlite/library.h"

namespace specd::admin {

std::string build_compiler() {
#if defined(__clang__)
  return std::string("clang++ ") + __clang_version__;
#else
  return std::string("g++ ") + __VERSION__;
#endif
}

std::vector<LibraryVersion> library_versions() {
  return {{"sqlite", sqlite::library_version(), sqlite::header_version()}};
}

}  // namespace specd::admin
