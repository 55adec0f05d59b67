#pragma once

#include <cstddef>
#include <string>

namespace specd::sync::core {

/// What a complete scan of one project found, as far as mass loss is concerned.
struct ScanFacts {
  bool is_root_missing = false;
  bool is_root_on_other_device =
      false;                    ///< than when the project was added: an unmounted disk, mostly
  bool has_spec_folder = true;  ///< `openspec/` or `specs/` is there, even if nothing is in it
  size_t specs_known = 0;       ///< live in the database before the scan
  size_t specs_gone = 0;        ///< of these, those that the scan did not find anywhere
  bool is_confirmed = false;    ///< the scan before found just the same gone
  bool is_released = false;     ///< a person says that it is meant
};

/// What foreign clients did to the rows of one project at once, and is not on disk yet.
struct RowFacts {
  size_t specs_known = 0;
  size_t specs_bereft = 0;  ///< that lose at least one file
  size_t files_emptied = 0;
  size_t files_made_identical = 0;  ///< changed, and all to one and the same content
};

enum class Verdict {
  go,    ///< carry the plan out
  wait,  ///< nothing of this scan is believed; look again later
  hold,  ///< all but the removals is carried out
};

struct Decision {
  Verdict verdict = Verdict::go;
  std::string reason;  ///< for status and UI; empty for go
};

/// More than this many, and more than half, is mass loss.
inline constexpr size_t kMassLoss = 20;

/// Whether what a scan did not find may be marked deleted.
[[nodiscard]] Decision guard_scan(const ScanFacts& facts);

/// Whether what foreign clients did may be written to disk. What is held here no scan releases.
[[nodiscard]] Decision guard_rows(const RowFacts& facts);

}  // namespace specd::sync::core
