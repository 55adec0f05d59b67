#include "sync/interest.h"

#include "base/path.h"

namespace specd::sync {

Interest interest_in(const spec::ProjectConfig& config, std::string_view dir) {
  if (dir.empty()) return Interest::entries;
  for (const spec::UnitParent& parent : spec::unit_parents(config)) {
    if (dir == parent.dir) return Interest::entries;
  }
  if (const auto unit = spec::unit_of(config, dir)) {
    if (unit->archived || spec::is_excluded_dir(config, dir)) return Interest::none;
    return Interest::full;
  }
  for (const std::string& place : spec::config_places()) {
    // `openspec`, `.lean-spec`, and `openspec/schemas` with what is in it.
    if (path::parent(place) == dir || path::is_within(dir, place)) return Interest::full;
  }
  for (const spec::UnitParent& parent : spec::unit_parents(config)) {
    if (path::is_within(parent.dir, dir)) return Interest::entries;
  }
  return Interest::none;
}

}  // namespace specd::sync
