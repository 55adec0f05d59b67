#include "sync/unit_memory.h"

#include <functional>

#include "base/hash.h"
#include "base/path.h"

namespace specd::sync {
namespace {

// Mixes what a unit consists of, path after path in byte order. 64 bits: two looks of one unit that
// differ and give the same number are as likely as a disk error, and the price would be a file read
// at its next change.
class Look {
 public:
  void add(std::string_view path, const Fingerprint& fingerprint) {
    add(std::hash<std::string_view>()(path));
    add(fingerprint.dev);
    add(fingerprint.ino);
    add(static_cast<uint64_t>(fingerprint.size));
    add(static_cast<uint64_t>(fingerprint.mtime_ns));
    add(static_cast<uint64_t>(fingerprint.ctime_ns));
  }
  void add_folder(uint64_t dev, uint64_t ino) { folders_ += mixed(dev ^ mixed(ino)); }
  [[nodiscard]] uint64_t value() const { return mixed(files_ ^ mixed(folders_)); }

 private:
  void add(uint64_t part) { files_ = mixed(files_ ^ part) + 0x9e3779b97f4a7c15; }

  uint64_t files_ = 0;
  uint64_t folders_ = 0;
};

constexpr Fingerprint kNone{};

}  // namespace

uint64_t look_of(const UnitListing& listing) {
  Look look;
  // Files and problems in one order by path, since the database keeps them in one table.
  auto problem = listing.problems.begin();
  const auto add_problems_before = [&](const std::string* path) {
    for (; problem != listing.problems.end() && (path == nullptr || problem->path < *path);
         ++problem) {
      look.add(problem->path, kNone);
    }
  };
  for (const DiskFile& file : listing.files) {
    add_problems_before(&file.path);
    look.add(file.path, file.fingerprint);
  }
  add_problems_before(nullptr);
  if (const Fingerprint* folder = listing.folder(listing.unit.dir);
      folder != nullptr && listing.unit.family != spec::Kind::capability) {
    look.add_folder(folder->dev, folder->ino);
  }
  return look.value();
}

bool UnitMemory::is_same(const UnitListing& listing) {
  const auto at = units_.find(listing.unit.dir);
  if (at == units_.end() || !at->second.look || *at->second.look != look_of(listing)) return false;
  at->second.glance = listing.glance.value();
  return true;
}

std::optional<uint64_t> UnitMemory::glance(const std::string& unit_dir) const {
  const auto at = units_.find(unit_dir);
  return at == units_.end() ? std::nullopt : at->second.glance;
}

void UnitMemory::touch(const std::string& unit_dir) {
  if (const auto at = units_.find(unit_dir); at != units_.end()) at->second = {};
}

std::vector<std::string> UnitMemory::missing_in(
    const std::unordered_set<std::string_view>& seen) const {
  std::vector<std::string> missing;
  for (const auto& [dir, known] : units_) {
    if (!seen.contains(dir)) missing.push_back(dir);
  }
  return missing;
}

namespace {

// What the database believes, in the form of look_of. A file that is no more has no look.
void add_state(Look& look, const store::FileState& state) {
  if (!state.base && state.facts.error.empty()) return;
  look.add(state.path, state.fingerprint.value_or(kNone));
}

}  // namespace

Result<> UnitMemory::load(const store::Tables& tables, ProjectId project,
                          const spec::ProjectConfig& config) {
  std::unordered_map<std::string, Look> looks;
  auto specs = tables.specs.places(project);
  if (!specs) return tl::unexpected(specs.error());
  for (const store::SpecPlace& place : *specs) {
    const auto unit = spec::unit_of(config, place.dir);
    if (!unit) continue;
    Look& look = looks[unit->dir];
    if (place.kind != spec::Kind::capability) look.add_folder(place.dir_dev, place.dir_ino);
  }
  std::string dir;  // of the unit that the last path lay in; units do not nest
  Look* look = nullptr;
  auto walked = tables.states.each_look(project, [&](const store::FileLook& file) {
    if (dir.empty() || !path::is_within(file.path, dir)) {
      const auto unit = spec::unit_of(config, std::string(file.path));
      dir = unit ? unit->dir : std::string();
      const auto at = looks.find(dir);
      look = at == looks.end() ? nullptr : &at->second;
    }
    if (look != nullptr && file.is_there) look->add(file.path, file.fingerprint.value_or(kNone));
  });
  if (!walked) return walked;
  units_.clear();
  units_.reserve(looks.size());
  for (const auto& [unit, of] : looks) units_.emplace(unit, Known{of.value(), {}});
  return {};
}

Result<bool> UnitMemory::remember(const store::Tables& tables, ProjectId project,
                                  const UnitListing& listing) {
  Look look;
  auto states = tables.states.below(project, listing.unit.dir);
  if (!states) return tl::unexpected(states.error());
  for (const store::FileState& state : *states) add_state(look, state);
  auto specs = tables.specs.live_below(project, listing.unit.dir);
  if (!specs) return tl::unexpected(specs.error());
  for (const store::Spec& spec : *specs) {
    if (spec.kind != spec::Kind::capability) look.add_folder(spec.dir_dev, spec.dir_ino);
  }
  if (specs->empty()) {
    forget(listing.unit.dir);
    return look.value() == look_of(listing);
  }
  const bool is_in_step = look.value() == look_of(listing);
  Known& known = units_[listing.unit.dir];
  known = {};
  if (is_in_step) known = {look.value(), listing.glance.value()};
  return is_in_step;
}

}  // namespace specd::sync
