#pragma once

#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "base/assert.h"

namespace specd::test {

/// A folder of one test's own, removed with everything in it.
class TempDir {
 public:
  /// `below`: a folder of another file system, if it is to be there.
  explicit TempDir(const std::filesystem::path& below = std::filesystem::temp_directory_path()) {
    std::string pattern = (below / "specd-test-XXXXXX").string();
    SPECD_ASSERT(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace specd::test
