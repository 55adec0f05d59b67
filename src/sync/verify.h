#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "store/store.h"
#include "sync/options.h"

namespace specd::sync {

/// What a comparison of disk and database found.
struct VerifyReport {
  size_t specs = 0;
  size_t files = 0;                      ///< compared
  int64_t bytes = 0;                     ///< of these
  std::vector<std::string> differences;  ///< for people, "PATH: WHAT"; empty: the two are equal
  /// Files that the database has no content of, as their rows say: "PATH: WHY".
  std::vector<std::string> not_imported;
};

/// Reads every file of every spec of the project from disk, and every row, and compares names,
/// bytes and hashes. What is being changed meanwhile shows as a difference: bring it into step and
/// verify again. Any thread, with a reader of its own.
[[nodiscard]] Result<VerifyReport> verify(Fs& fs, const store::Reader& reader,
                                          const store::Project& project, const Options& options);

}  // namespace specd::sync
