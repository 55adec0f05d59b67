#include "sync/identity.h"

#include <algorithm>
#include <set>

#include "sync/core/moves.h"

namespace specd::sync {
namespace {

// Changes become archived ones and back; nothing else changes its kind.
int family(spec::Kind kind) {
  switch (kind) {
    case spec::Kind::change:
    case spec::Kind::archived:
      return 0;
    case spec::Kind::capability:
      return 1;
    case spec::Kind::leanspec:
      return 2;
  }
  return 3;
}

}  // namespace

bool is_at_home(const store::Spec& spec, const UnitListing& listing) {
  const Fingerprint* folder = listing.folder(spec.dir);
  if (folder == nullptr) return listing.is_unlisted(spec.dir);  // for all that is known
  return folder->ino == spec.dir_ino && folder->dev == spec.dir_dev;
}

Result<core::Trait> Identity::trait_of(const store::Spec& spec) {
  core::Trait trait{
      .dir = spec.dir, .dev = spec.dir_dev, .inode = spec.dir_ino, .change_id = spec.change_id};
  trait.is_deleted = spec.deleted_at.has_value();
  if (trait.is_deleted) {
    auto contents = tables_.specs.contents_of_deleted(spec.key);
    if (!contents) return tl::unexpected(contents.error());
    trait.contents = std::move(*contents);
    return trait;
  }
  auto states = tables_.states.of_spec(spec.key);
  if (!states) return tl::unexpected(states.error());
  for (const store::FileState& state : *states) {
    if (state.base) trait.contents.push_back(*state.base);
  }
  std::sort(trait.contents.begin(), trait.contents.end());
  return trait;
}

Result<std::vector<Identity::Seen>> Identity::traits_of(const ProjectView& project,
                                                        const std::vector<UnitListing>& appeared) {
  std::vector<Seen> all;
  for (const UnitListing& listing : appeared) {
    for (spec::FoundSpec& found : find_specs(project, listing)) {
      auto resident = tables_.specs.live_at(project.id, found.dir);
      if (!resident) return tl::unexpected(resident.error());
      if (*resident && is_at_home(**resident, listing)) continue;  // and nobody else
      Seen seen{.found = std::move(found)};
      seen.trait.dir = seen.found.dir;
      seen.trait.change_id = seen.found.change_id;
      if (const Fingerprint* folder = listing.folder(seen.found.dir)) {
        seen.trait.dev = folder->dev;
        seen.trait.inode = folder->ino;
      }
      std::vector<Wanted> wanted;
      wanted.reserve(seen.found.files.size());
      for (const spec::FoundFile& file : seen.found.files)
        wanted.push_back({.file = file, .is_done = true});
      for (const OnDisk& disk : disk_.read_all(project.fs, wanted)) {
        if (disk.disk.state == core::Disk::State::present)
          seen.trait.contents.push_back(disk.disk.content);
      }
      std::sort(seen.trait.contents.begin(), seen.trait.contents.end());
      all.push_back(std::move(seen));
    }
  }
  return all;
}

Result<> Identity::match_live(const std::vector<store::Spec>& homeless, std::vector<Seen>& seen,
                              Recognised& result) {
  for (int of = 0; of < 3; ++of) {
    std::vector<core::Trait> known, here;
    std::vector<const store::Spec*> known_specs;
    std::vector<size_t> here_at;
    for (const store::Spec& spec : homeless) {
      if (family(spec.kind) != of) continue;
      auto trait = trait_of(spec);
      if (!trait) return tl::unexpected(trait.error());
      known.push_back(std::move(*trait));
      known_specs.push_back(&spec);
    }
    for (size_t i = 0; i < seen.size(); ++i) {
      if (family(seen[i].found.kind) != of) continue;
      here.push_back(seen[i].trait);
      here_at.push_back(i);
    }
    std::set<size_t> used;
    const auto matches = core::match_specs(known, here);
    for (size_t i = 0; i < matches.size(); ++i) {
      if (!matches[i]) continue;
      const spec::FoundSpec& found = seen[here_at[i]].found;
      const store::Spec& spec = *known_specs[*matches[i]];
      used.insert(here_at[i]);
      if (spec.dir == found.dir) continue;
      result.moved.push_back({spec.key, found.kind, found.id, found.change_id, found.dir});
    }
    for (auto at = used.rbegin(); at != used.rend(); ++at)
      seen.erase(seen.begin() + static_cast<ptrdiff_t>(*at));
  }
  return {};
}

Result<> Identity::match_deleted(const ProjectView& project, std::vector<Seen>& seen,
                                 Recognised& result) {
  std::map<SpecKey, core::Trait> candidates;
  for (const Seen& spec : seen) {
    auto deleted =
        tables_.specs.revivable(project.id, spec.trait.change_id, spec.trait.dev, spec.trait.inode);
    if (!deleted) return tl::unexpected(deleted.error());
    for (const store::Spec& candidate : *deleted) {
      if (family(candidate.kind) != family(spec.found.kind) || candidates.contains(candidate.key))
        continue;
      auto trait = trait_of(candidate);
      if (!trait) return tl::unexpected(trait.error());
      candidates.emplace(candidate.key, std::move(*trait));
    }
  }
  if (candidates.empty()) return {};
  std::vector<SpecKey> keys;
  std::vector<core::Trait> known, here;
  for (auto& [key, trait] : candidates) {
    keys.push_back(key);
    known.push_back(std::move(trait));
  }
  for (const Seen& spec : seen) here.push_back(spec.trait);
  const auto matches = core::match_specs(known, here);
  for (size_t i = 0; i < matches.size(); ++i) {
    if (matches[i]) {
      result.revived.emplace(seen[i].found.dir, keys[*matches[i]]);
    } else if (std::any_of(known.begin(), known.end(), [&](const core::Trait& deleted) {
                 return deleted.change_id == here[i].change_id;
               })) {
      result.undecided.insert(seen[i].found.dir);
    }
  }
  return {};
}

Result<Recognised> Identity::recognise(const ProjectView& project,
                                       const std::vector<store::Spec>& homeless,
                                       const std::vector<UnitListing>& appeared) {
  Recognised result;
  // Nobody to be: then nothing has to be read.
  auto has_deleted = tables_.specs.has_deleted(project.id);
  if (!has_deleted) return tl::unexpected(has_deleted.error());
  if (appeared.empty() || (homeless.empty() && !*has_deleted)) return result;
  auto seen = traits_of(project, appeared);
  if (!seen) return tl::unexpected(seen.error());
  if (auto done = match_live(homeless, *seen, result); !done) return tl::unexpected(done.error());
  if (auto done = match_deleted(project, *seen, result); !done) return tl::unexpected(done.error());
  return result;
}

}  // namespace specd::sync
