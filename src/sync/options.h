#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "spec/moves.h"

namespace specd::sync {

/// What people may set; defaults are the design's.
struct Options {
  bool read_only = false;       ///< no file of any project is ever written
  bool is_after_crash = false;  ///< staged files may lie beside any file
  std::chrono::milliseconds batch_every{30'000};
  /// The first hint of a burst is handled at once; what follows is handled together after as long
  /// a pause as that took, within these bounds.
  std::chrono::milliseconds coalesce{2};
  std::chrono::milliseconds coalesce_at_most{20};
  /// How long a file or folder must be gone before its row is marked deleted: editors that save by
  /// renaming leave a gap.
  std::chrono::milliseconds absence_grace{1'000};
  /// Mass loss must still be the same this much later to be believed.
  std::chrono::milliseconds mass_loss_window{10'000};
  /// A file that changed less than this ago is read only while nobody writes to it.
  std::chrono::milliseconds recent{10'000};
  int readers = 4;  ///< files read at once, at most 10
  size_t max_files_per_spec = 2'000;
  int64_t max_bytes_per_spec = int64_t{64} << 20;
  int64_t max_bytes_per_file = int64_t{16} << 20;
  /// In bytes: a database log of this size that cannot be emptied is told of.
  int64_t large_log = int64_t{32} << 20;
  spec::Workflows workflows;  ///< of all projects

  std::chrono::hours keep_history{24 * 365};
  int64_t max_history = 200'000;
  std::chrono::hours keep_events{24 * 7};
  int64_t max_events = 20'000;
};

}  // namespace specd::sync
