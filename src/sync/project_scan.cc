// The complete scan: at start, every batch, after an overflow, and whenever something is gone and
// might be elsewhere. It walks names and stats, and looks closer only at units that do not look as
// they did.

#include <algorithm>
#include <span>
#include <unordered_set>

#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "sync/core/guard.h"
#include "sync/project_sync.h"

namespace specd::sync {
namespace {

// Listings that are in memory at once.
constexpr size_t kUnitsAtOnce = 1024;

}  // namespace

// A root that came back, or was replaced, has to be watched anew: watches die with their
// directories.
Result<> ProjectSync::attach_root(const FileStat& root) {
  const bool is_new =
      project_.root_ino != root.fingerprint.ino || project_.root_dev != root.fingerprint.dev;
  if (!is_new && project_.state != store::ProjectState::missing) return {};
  if (is_new) {
    auto tx = workshop_.store.begin();
    if (!tx) return tl::unexpected(tx.error());
    auto set = workshop_.store.tables.projects.set_root(project_.id, project_.root,
                                                        root.fingerprint.dev, root.fingerprint.ino);
    if (!set) return set;
    if (auto done = tx->commit(); !done) return done;
    project_.root_dev = root.fingerprint.dev;
    project_.root_ino = root.fingerprint.ino;
  }
  attach_ops();
  read_config();
  workshop_.watch(project_, config_);
  // What changed between this look and the new watches nobody has told.
  agenda_.want_scan(store::Trigger::file_watcher, workshop_.clock.steady());
  return {};
}

// The batch joins both ways: rows that a foreign client changed or removed are compared as well.
// Which clients commit through other connections is told by data_version; our own commits do not
// move it.
Result<std::set<std::string>> ProjectSync::units_of_foreign_edits() {
  std::set<std::string> units;
  auto version = workshop_.store.data_version();
  if (!version) return tl::unexpected(version.error());
  if (*version == data_version_) return units;
  has_foreign_edits_ = true;
  auto all_pushed = workshop_.store.tables.files.all_pushed(project_.id);
  if (!all_pushed) return tl::unexpected(all_pushed.error());
  if (*all_pushed) {
    compared_version_ = *version;
    return units;
  }
  has_to_push_ = true;
  const auto add = [&](const std::string& path) {
    if (const auto unit = spec::unit_of(config_, path)) units.insert(unit->dir);
  };
  auto missing = workshop_.store.tables.files.missing(project_.id);
  if (!missing) return tl::unexpected(missing.error());
  for (const std::string& path : *missing) add(path);
  auto unpushed = workshop_.store.tables.files.unpushed(project_.id);
  if (!unpushed) return tl::unexpected(unpushed.error());
  for (const store::FileRow& row : *unpushed) add(row.path);
  compared_version_ = *version;
  return units;
}

Result<ProjectSync::Survey> ProjectSync::survey(const std::set<std::string>& forced) {
  Survey survey;
  Scanner::Units units = scanner_.units(config_);
  tell_unlisted(units);
  auto has_deleted = workshop_.store.tables.specs.has_deleted(project_.id);
  if (!has_deleted) return tl::unexpected(has_deleted.error());
  auto live = workshop_.store.tables.specs.count_live(project_.id);
  if (!live) return tl::unexpected(live.error());
  if (*live == 0 && !*has_deleted) {
    // Nothing is known yet: all of it is new, and none of it can be anything from before.
    survey.changed = std::move(units.found);
    return survey;
  }
  std::unordered_set<std::string_view> seen;
  for (std::span<spec::Unit> rest(units.found); !rest.empty();) {
    if (workshop_.is_stopping()) return fail(Code::busy, "stopping");
    const auto chunk = rest.first(std::min(rest.size(), kUnitsAtOnce));
    rest = rest.subspan(chunk.size());
    const size_t unchanged = set_apart_unchanged(chunk, forced);
    for (const spec::Unit& unit : chunk.first(unchanged)) seen.insert(unit.dir);
    const std::span<const spec::Unit> others = chunk.subspan(unchanged);
    auto listings = scanner_.list_all(config_, others, workshop_.crew);
    for (size_t i = 0; i < others.size(); ++i) {
      const std::string& dir = others[i].dir;
      if (!listings[i] && listings[i].error().code == Code::not_found) continue;  // went just now
      seen.insert(dir);
      if (!listings[i]) {
        list_again_later(dir, listings[i].error());
        continue;
      }
      auto done = survey_unit(std::move(*listings[i]), forced.contains(dir), survey);
      if (!done) return tl::unexpected(done.error());
    }
  }
  if (auto done = find_gone(units, seen, survey); !done) return tl::unexpected(done.error());
  return survey;
}

// Puts first what looks at a glance as it did when it was last in step, and tells how many that
// are.
size_t ProjectSync::set_apart_unchanged(std::span<spec::Unit> units,
                                        const std::set<std::string>& forced) {
  if (is_reread_) return 0;
  std::vector<char> is_unchanged(units.size());
  workshop_.crew.run(units.size(), [&](size_t i) {
    const auto known = memory_.glance(units[i].dir);
    const bool is_known = known && !forced.contains(units[i].dir);
    is_unchanged[i] = is_known && scanner_.glance(config_, units[i]) == known ? 1 : 0;
  });
  size_t count = 0;
  for (size_t i = 0; i < units.size(); ++i) {
    if (is_unchanged[i] != 0) std::swap(units[count++], units[i]);
  }
  return count;
}

// By what the database holds, whatever the memory says: a spec in no unit that there is, be it that
// its folder went or that the project says that its specs are elsewhere.
Result<> ProjectSync::find_gone(const Scanner::Units& units,
                                const std::unordered_set<std::string_view>& seen, Survey& survey) {
  const store::Specs& specs = workshop_.store.tables.specs;
  auto dirs = specs.live_dirs(project_.id);
  if (!dirs) return tl::unexpected(dirs.error());
  for (const std::string& dir : *dirs) {
    if (seen.contains(dir) || units.is_unlisted(dir)) continue;
    const auto unit = spec::unit_of(config_, dir);
    if (unit && seen.contains(unit->dir)) continue;  // survey_unit has seen to it
    auto spec = specs.live_at(project_.id, dir);
    if (!spec) return tl::unexpected(spec.error());
    if (*spec) survey.gone.push_back(std::move(**spec));
  }
  std::erase_if(newborn_, [&](const auto& unit) { return !seen.contains(unit.first); });
  for (const std::string& dir : memory_.missing_in(seen)) {
    auto live = specs.live_below(project_.id, dir);
    if (!live) return tl::unexpected(live.error());
    if (live->empty()) memory_.forget(dir);
  }
  return {};
}

// One parent that cannot be listed keeps nothing else from being kept.
void ProjectSync::tell_unlisted(const Scanner::Units& units) {
  std::string told;
  for (const spec::FileProblem& parent : units.unlisted)
    told += (told.empty() ? "" : "; ") + printable_utf8(parent.message);
  if (!told.empty() && told != unlisted_)
    log::warn("list-failed", {{"project", project_.slug}, {"error", told}});
  unlisted_ = std::move(told);
}

Result<> ProjectSync::survey_unit(UnitListing listing, bool is_forced, Survey& survey) {
  store::Tables& tables = workshop_.store.tables;
  const std::string& dir = listing.unit.dir;
  const bool is_known = memory_.is_known(dir);
  if (is_known && !is_reread_ && !is_forced) {
    if (memory_.is_same(listing)) return {};
    auto same = memory_.remember(tables, project_.id, listing);
    if (!same) return tl::unexpected(same.error());
    if (*same) return {};
  }
  survey.changed.push_back(listing.unit);
  auto residents = tables.specs.live_below(project_.id, dir);
  if (!residents) return tl::unexpected(residents.error());
  const std::vector<spec::FoundSpec> found = find_specs(view(), listing);
  bool is_settled = !has_newcomer(found, *residents);
  for (store::Spec& resident : *residents) {
    const auto is_it = [&](const spec::FoundSpec& spec) { return spec.dir == resident.dir; };
    bool is_there =
        std::any_of(found.begin(), found.end(), is_it) || listing.is_unlisted(resident.dir);
    if (!is_there && is_at_home(resident, listing)) {
      // Its folder is empty because its files have yet to be written.
      auto has_unmade = tables.files.has_unmade(resident.key);
      if (!has_unmade) return tl::unexpected(has_unmade.error());
      is_there = *has_unmade;
    }
    if (!is_there) survey.missing.push_back(resident);
    if (is_at_home(resident, listing)) continue;
    survey.homeless.push_back(std::move(resident));
    is_settled = false;
  }
  if (!is_settled) survey.appeared.push_back(std::move(listing));
  return {};
}

// Whether there is a spec where none was.
bool ProjectSync::has_newcomer(const std::vector<spec::FoundSpec>& found,
                               const std::vector<store::Spec>& residents) {
  return std::any_of(found.begin(), found.end(), [&](const spec::FoundSpec& spec) {
    return std::none_of(residents.begin(), residents.end(),
                        [&](const store::Spec& resident) { return resident.dir == spec.dir; });
  });
}

// Which known specs the folders are that appeared. What is neither at home nor anywhere else is
// gone, be it that its folder is, or that another spec has taken its place.
Result<> ProjectSync::settle_identity(Survey& survey) {
  std::vector<store::Spec> homeless = survey.homeless;
  homeless.insert(homeless.end(), survey.gone.begin(), survey.gone.end());
  auto recognised = identity_.recognise(view(), homeless, survey.appeared);
  if (!recognised) return tl::unexpected(recognised.error());
  survey.revived = std::move(recognised->revived);
  survey.undecided = std::move(recognised->undecided);
  std::map<SpecKey, std::string> dirs;
  for (const store::Spec& spec : homeless) dirs.emplace(spec.key, spec.dir);
  std::set<SpecKey> moved;
  std::set<std::string> taken;
  for (const auto& [dir, key] : survey.revived) taken.insert(dir);
  for (store::SpecMove& move : recognised->moved) {
    moved.insert(move.key);
    taken.insert(move.dir);
    const std::string& from = dirs.at(move.key);
    survey.moved.push_back({std::move(move), from});
  }
  const auto has_moved = [&](const store::Spec& spec) { return moved.contains(spec.key); };
  std::erase_if(survey.gone, has_moved);
  std::erase_if(survey.missing, has_moved);
  for (const store::Spec& spec : homeless) {
    if (taken.contains(spec.dir) && !has_moved(spec)) survey.displaced.push_back(spec);
  }
  return {};
}

// A spec whose place was taken keeps it as long as its loss is not believed: then nobody moves
// there yet, nor to where those are who wait for it.
void ProjectSync::wait_for_room(Survey& survey, const Belief& belief) {
  std::set<std::string> taken;
  for (const store::Spec& spec : survey.displaced) {
    if (!belief.is_believed(spec.dir)) taken.insert(spec.dir);
  }
  for (bool is_more = !taken.empty(); is_more;) {
    is_more = std::erase_if(survey.moved, [&](const Survey::Move& move) {
                if (!taken.contains(move.to.dir)) return false;
                taken.insert(move.from);
                return true;
              }) != 0;
  }
  for (const std::string& dir : taken) {
    if (const auto unit = spec::unit_of(config_, dir)) survey.waiting.insert(unit->dir);
  }
}

Result<> ProjectSync::move_recognised(Survey& survey, const Belief& belief, const Cause& cause) {
  wait_for_room(survey, belief);
  std::vector<SpecKey> displaced;
  for (const store::Spec& spec : survey.displaced) {
    if (belief.is_believed(spec.dir)) {
      displaced.push_back(spec.key);
    } else if (!belief.is_held) {
      expect_return(spec.dir);
    }
  }
  if (!displaced.empty()) {
    if (auto done = puller_.delete_specs(view(), displaced, cause); !done) return done;
    committed(cause, displaced.size());
  }
  if (survey.moved.empty()) return {};
  std::vector<store::SpecMove> moves;
  moves.reserve(survey.moved.size());
  for (const Survey::Move& move : survey.moved) moves.push_back(move.to);
  auto moved = puller_.move_specs(view(), std::move(moves), cause);
  if (!moved) return tl::unexpected(moved.error());
  if (!*moved) return fail(Code::conflict, "specs that moved met others in their new places");
  std::vector<std::pair<std::string, std::string>> folders;
  folders.reserve(survey.moved.size());
  for (const Survey::Move& move : survey.moved) folders.emplace_back(move.from, move.to.dir);
  left_overs_.follow(folders);
  has_foreign_edits_ = true;
  committed(cause, survey.moved.size());
  for (const Survey::Move& move : survey.moved) {
    if (const auto unit = spec::unit_of(config_, move.to.dir)) memory_.expect(unit->dir);
    agenda_.absent.erase(move.from);
    if (auto done = forget_if_empty(move.from); !done) return done;
  }
  return {};
}

Result<> ProjectSync::pull_changed(const Survey& survey, const Absences& absences,
                                   const Cause& cause) {
  std::vector<spec::Unit> units = survey.changed;
  std::erase_if(units, [&](const spec::Unit& unit) { return survey.waiting.contains(unit.dir); });
  // What people are at work on first.
  const auto archived = std::stable_partition(
      units.begin(), units.end(), [](const spec::Unit& unit) { return !unit.archived; });
  const size_t active = static_cast<size_t>(archived - units.begin());
  units_done_ = 0;
  units_to_do_ = units.size();
  for (size_t at = 0; at < units.size();) {
    const bool is_active = at < active;
    const size_t end = std::min(at + kUnitsAtOnce, is_active ? active : units.size());
    const std::span<const spec::Unit> chunk(units.data() + at, end - at);
    at = end;
    auto listings = scanner_.list_all(config_, chunk, workshop_.crew);
    std::vector<UnitWork> work;
    for (size_t i = 0; i < chunk.size(); ++i) {
      if (!listings[i]) {
        if (listings[i].error().code != Code::not_found)
          list_again_later(chunk[i].dir, listings[i].error());
      } else if (cause.trigger == store::Trigger::startup ||
                 !must_wait(*listings[i], survey.undecided)) {
        work.push_back({std::move(*listings[i]), survey.revived});
      }
    }
    const uint64_t before = pulled_;
    auto done = pull(std::move(work), {}, absences, cause);
    if (!done) return done;
    if (cause.trigger == store::Trigger::periodic && is_active && pulled_ != before) {
      missed_by_watcher_ += pulled_ - before;
      log::warn("missed-by-watcher", {{"project", project_.slug}, {"files", pulled_ - before}});
      workshop_.missed(project_.id);
    }
  }
  units_to_do_ = 0;
  return {};
}

Result<> ProjectSync::drop_gone(const Survey& survey, const Belief& belief, const Cause& cause) {
  std::vector<SpecKey> keys;
  for (const store::Spec& spec : survey.gone) {
    const auto unit = spec::unit_of(config_, spec.dir);
    const std::string dir = unit ? unit->dir : spec.dir;
    const auto stat = fs_->stat(spec.dir);
    const bool is_absent =
        !unit || (stat ? stat->kind != FileKind::directory : stat.error().code == Code::not_found);
    if (!is_absent) {
      agenda_.take({project_.id, Hint::What::subtree, dir, {}}, cause.began);  // back already
    } else if (belief.is_believed(dir)) {
      keys.push_back(spec.key);
    } else {
      expect_return(dir);
    }
  }
  if (keys.empty()) return {};
  if (auto done = puller_.delete_specs(view(), keys, cause); !done) return done;
  committed(cause, keys.size());
  for (const store::Spec& spec : survey.gone) {
    if (auto done = forget_if_empty(spec.dir); !done) return done;
  }
  return {};
}

Result<> ProjectSync::remember_config() {
  if (!is_reread_) return {};
  is_reread_ = false;
  return change_setting("config",
                        {.kind = Value::Kind::scalar, .text = config_digest_, .quoted = true});
}

Result<> ProjectSync::scan_tree(const FileStat& root, const Belief& belief, const Cause& cause) {
  auto foreign = units_of_foreign_edits();
  if (!foreign) return tl::unexpected(foreign.error());
  // Files that did not change may mean something else under another config.
  const Value settings = json::parse(project_.settings).value_or(Value{.kind = Value::Kind::map});
  const Value* known_config = settings.find("config");
  is_reread_ = known_config == nullptr || known_config->text != config_digest_;
  auto surveyed = survey(*foreign);
  if (!surveyed) return tl::unexpected(surveyed.error());
  if (auto done = settle_identity(*surveyed); !done) return done;

  auto known = workshop_.store.tables.specs.count_live(project_.id);
  if (!known) return tl::unexpected(known.error());
  std::set<std::string> gone;
  for (const auto* lost : {&surveyed->gone, &surveyed->missing, &surveyed->displaced}) {
    for (const store::Spec& spec : *lost) {
      auto has_files = workshop_.store.tables.files.has_live(spec.key);
      if (!has_files) return tl::unexpected(has_files.error());
      if (*has_files)
        gone.insert(spec.dir);  // else its files were deleted one by one, and are known
    }
  }
  const bool is_confirmed =
      !gone.empty() && gone == held_gone_ &&
      workshop_.clock.steady() - held_since_ >= workshop_.options.mass_loss_window;
  const core::ScanFacts facts{.is_root_on_other_device = project_.root_dev != 0 &&
                                                         project_.root_dev != root.fingerprint.dev,
                              .has_spec_folder = scanner_.has_spec_folder(config_),
                              .specs_known = static_cast<size_t>(*known),
                              .specs_gone = gone.size(),
                              .is_confirmed = is_confirmed,
                              .is_released = is_released_};
  const core::Decision decision = core::guard_scan(facts);
  tree_reason_ = decision.reason;
  if (decision.verdict == core::Verdict::wait) return settle_state();
  if (auto done = attach_root(root); !done) return done;
  const bool is_held = decision.verdict == core::Verdict::hold;
  if (!is_held || gone != held_gone_) held_since_ = workshop_.clock.steady();
  held_gone_ = is_held ? gone : std::set<std::string>();
  // What was held has been gone for longer than any grace.
  const bool is_sure = is_confirmed || is_released_;
  const Belief believed = is_held   ? Belief{.is_held = true}
                          : is_sure ? Belief{.all = true}
                                    : belief;
  if (auto done = move_recognised(*surveyed, believed, cause); !done) return done;
  Absences absences{.files = belief.all ? Absence::believe : Absence::wait};
  for (const store::Spec& spec : surveyed->missing) {
    if (believed.is_believed(spec.dir)) absences.specs.insert(spec.key);
  }
  if (auto done = pull_changed(*surveyed, absences, cause); !done) return done;
  if (auto done = remember_config(); !done) return done;
  data_version_ = compared_version_;
  if (!is_held) {
    if (auto done = drop_gone(*surveyed, believed, cause); !done) return done;
    is_released_ = false;
  }
  // What is held the disk may have overruled since.
  if (!row_guard_.reason().empty()) {
    if (auto looked = look_at_rows(); !looked) return looked;
  }
  return settle_state();
}

Result<> ProjectSync::scan(const Belief& belief, const Cause& cause) {
  ++scans_;
  ++scans_by_cause_[static_cast<size_t>(cause.trigger)];
  const auto root = fs_->attach();
  if (!root) {
    is_looked_at_ = true;  // and there is nothing to see
    const core::Decision decision = core::guard_scan({.is_root_missing = true});
    return set_state(store::ProjectState::missing, decision.reason);
  }
  if (auto done = scan_tree(*root, belief, cause); !done) return done;
  is_looked_at_ = true;
  last_scan_at_ = workshop_.clock.wall();
  return {};
}

}  // namespace specd::sync
