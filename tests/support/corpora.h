#pragma once

#include <filesystem>
#include <string>

namespace specd::test {

/// A real spec tree, below `shared/corpora` beside the checkout. Not everybody has them: whoever
/// tests against one is skipped without it.
inline std::filesystem::path corpus(const std::string& name) {
  return std::filesystem::path(SPECD_SOURCE_DIR) / "../shared/corpora" / name;
}

}  // namespace specd::test

#define SPECD_SKIP_WITHOUT(tree) \
  if (!std::filesystem::exists(tree)) GTEST_SKIP() << "no corpus at " << (tree)
