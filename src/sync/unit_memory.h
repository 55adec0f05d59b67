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
/// thread only.
class UnitMemory {
 public:
  /// What the database believes of every live unit.
  [[nodiscard]] Result<> load(const store::Tables& tables, ProjectId project,
                              const spec::ProjectConfig& config);

  /// Whether a live spec is known in this unit.
  [[nodiscard]] bool is_known(const std::string& unit_dir) const {
    return looks_.contains(unit_dir);
  }
  /// Whether the unit looks as it did when it was last in step.
  [[nodiscard]] bool is_same(const UnitListing& listing) const;
  /// The unit was brought into step, looking like this. False if the database holds something else
  /// after all.
  [[nodiscard]] Result<bool> remember(const store::Tables& tables, ProjectId project,
                                      const UnitListing& listing);
  /// A live spec is in this unit by now, and how it looks is not known.
  void expect(const std::string& unit_dir) { looks_.try_emplace(unit_dir); }
  /// Something happened in the unit: compare it next time.
  void touch(const std::string& unit_dir);
  void forget(const std::string& unit_dir) { looks_.erase(unit_dir); }
  void clear() { looks_.clear(); }

  /// Known units that are not among `seen`.
  [[nodiscard]] std::vector<std::string> missing_in(
      const std::unordered_set<std::string>& seen) const;
  [[nodiscard]] size_t size() const { return looks_.size(); }

 private:
  // None: known, but how it looks is not.
  std::unordered_map<std::string, std::optional<uint64_t>> looks_;
};

/// One number for the names and stats of everything in a unit.
[[nodiscard]] uint64_t look_of(const UnitListing& listing);

}  // namespace specd::sync
