#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "spec/layout.h"
#include "store/store.h"
#include "sync/scanner.h"

namespace specd::sync {

/// How each unit of a project looked when it was last in step with the database, as one number. It
/// turns the batch into a walk of stats: a unit that looks as it did needs no row to be read.
///
/// Only a memory: whatever is wrong or missing in it costs a second look, and nothing else. Sync
/// thread only; while that waits, others may ask for glances.
class UnitMemory {
 public:
  /// What the database believes of every live unit.
  [[nodiscard]] Result<> load(const store::Tables& tables, ProjectId project,
                              const spec::ProjectConfig& config);

  /// Whether a live spec is known in this unit.
  [[nodiscard]] bool is_known(const std::string& unit_dir) const {
    return units_.contains(unit_dir);
  }
  /// Whether the unit looks as it did when it was last in step. If so, its glance is kept.
  [[nodiscard]] bool is_same(const UnitListing& listing);
  /// What Scanner::glance tells of this unit as long as it looks as it did when it was last in
  /// step; none where that is not known.
  [[nodiscard]] std::optional<uint64_t> glance(const std::string& unit_dir) const;
  /// The unit was brought into step, looking like this. False if the database holds something else
  /// after all.
  [[nodiscard]] Result<bool> remember(const store::Tables& tables, ProjectId project,
                                      const UnitListing& listing);
  /// A live spec is in this unit by now, and how it looks is not known.
  void expect(const std::string& unit_dir) { units_.try_emplace(unit_dir); }
  /// Something happened in the unit: compare it next time.
  void touch(const std::string& unit_dir);
  void forget(const std::string& unit_dir) { units_.erase(unit_dir); }
  void clear() { units_.clear(); }

  /// Known units that are not among `seen`.
  [[nodiscard]] std::vector<std::string> missing_in(
      const std::unordered_set<std::string_view>& seen) const;
  [[nodiscard]] size_t size() const { return units_.size(); }

 private:
  // Both are none where a spec is known, but not how its unit looks.
  struct Known {
    std::optional<uint64_t> look;    ///< as look_of
    std::optional<uint64_t> glance;  ///< of a listing that had this look
  };
  std::unordered_map<std::string, Known> units_;
};

/// One number for the names and stats of everything in a unit.
[[nodiscard]] uint64_t look_of(const UnitListing& listing);

}  // namespace specd::sync
