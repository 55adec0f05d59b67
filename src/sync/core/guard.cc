#include "sync/core/guard.h"

namespace specd::sync::core {
namespace {

bool is_mass(size_t lost, size_t of) {
  return lost > kMassLoss && lost * 2 > of;
}

std::string count(size_t n, const char* what) {
  return std::to_string(n) + " " + what;
}

}  // namespace

Decision guard_scan(const ScanFacts& facts) {
  // An empty database has nothing to lose: a new project may well be a folder without specs.
  if (facts.is_root_missing)
    return {Verdict::wait, "the project's folder is missing; waiting for it to return"};
  if (facts.specs_known == 0 || facts.is_released) return {};
  // Device numbers change over reboots; only together with a loss do they mean another disk.
  if (facts.is_root_on_other_device && facts.specs_gone > 0 && !facts.is_confirmed) {
    return {Verdict::wait,
            "the project's folder is on another device than before (an unmounted disk?)"};
  }
  if (!facts.has_spec_folder) {
    return {Verdict::wait,
            "the project's folder holds no spec folder any more; waiting for it to return"};
  }
  if (is_mass(facts.specs_gone, facts.specs_known) && !facts.is_confirmed) {
    return {Verdict::hold,
            count(facts.specs_gone, "of ") + count(facts.specs_known, "specs vanished at once; ") +
                "kept until a complete scan at least ten seconds later finds the same, or a person "
                "says so (specd confirm)"};
  }
  return {};
}

Decision guard_rows(const RowFacts& facts) {
  const auto hold = [](std::string what) -> Decision {
    return {Verdict::hold, std::move(what) +
                               " in the database at once; not written to disk until a person says "
                               "so (specd confirm) or takes it back (specd confirm --revert)"};
  };
  if (is_mass(facts.specs_bereft, facts.specs_known))
    return hold("files of " + count(facts.specs_bereft, "of ") +
                count(facts.specs_known, "specs were deleted"));
  if (facts.files_emptied > kMassLoss)
    return hold(count(facts.files_emptied, "files were emptied"));
  if (facts.files_made_identical > kMassLoss)
    return hold(count(facts.files_made_identical, "files were given one and the same text"));
  return {};
}

}  // namespace specd::sync::core
