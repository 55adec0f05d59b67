#include "sqlite/library.h"

#include <sqlite3.h>

namespace specd::sqlite {

std::string library_version() {
  return sqlite3_libversion();
}

std::string header_version() {
  return SQLITE_VERSION;
}

}  // namespace specd::sqlite
