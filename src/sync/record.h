#pragma once

#include <string>
#include <vector>

#include "base/fs.h"
#include "spec/facts.h"
#include "spec/layout.h"
#include "store/file_state.h"
#include "store/specs.h"
#include "sync/edit.h"

namespace specd::sync {

/// Between what the text of a file says and how the database keeps it.
[[nodiscard]] store::FileFacts to_row(const spec::FileFacts& facts);
[[nodiscard]] spec::FileFacts from_row(const store::FileFacts& row);

/// What is found of a spec on disk: where it is, what its files say together.
struct SpecOnDisk {
  const spec::FoundSpec& found;
  const std::vector<spec::FileFacts>& facts;  ///< in the order of found.files
  Fingerprint folder;
  int64_t latest_mtime_ns = 0;  ///< of its files; 0: it has none
  std::string first_problem;    ///< "PATH: WHY" of what is listed and not imported; empty: nothing
};

/// Writes what somebody says into the record of a spec; a status that is to be told by its files
/// again, update_record writes. The names of the columns that changed.
[[nodiscard]] std::vector<std::string> set_fields(store::Spec& record, const SpecFields& fields);

/// Writes what the disk says into the record of a spec. What people and agents set stays; the key,
/// the version and the database's own times too. The names of the columns that changed.
[[nodiscard]] std::vector<std::string> update_record(store::Spec& record, const SpecOnDisk& disk,
                                                     WallTime now);

}  // namespace specd::sync
