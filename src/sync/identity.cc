#include "sync/identity.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "sync/core/moves.h"

namespace specd::sync {
namespace {

constexpr int kFamilies = 3;

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
  return kFamilies;
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
      seen.trait.is_closed = listing.is_unlisted(seen.found.dir);
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

Result<std::vector<store::Spec>> Identity::deleted_like(const ProjectView& project,
                                                        const std::vector<Seen>& seen) {
  std::map<SpecKey, store::Spec> candidates;
  for (const Seen& spec : seen) {
    auto deleted =
        tables_.specs.revivable(project.id, spec.trait.change_id, spec.trait.dev, spec.trait.inode);
    if (!deleted) return tl::unexpected(deleted.error());
    for (store::Spec& candidate : *deleted) {
      const SpecKey key = candidate.key;
      candidates.emplace(key, std::move(candidate));
    }
  }
  std::vector<store::Spec> all;
  all.reserve(candidates.size());
  for (auto& [key, spec] : candidates) all.push_back(std::move(spec));
  return all;
}

// Of one family: which of the known are seen.
Result<> Identity::match(const std::vector<store::Spec>& known, const std::vector<Seen>& seen,
                         Recognised& result) {
  std::vector<core::Trait> of_known, of_seen;
  for (const store::Spec& spec : known) {
    auto trait = trait_of(spec);
    if (!trait) return tl::unexpected(trait.error());
    of_known.push_back(std::move(*trait));
  }
  for (const Seen& spec : seen) of_seen.push_back(spec.trait);
  const auto matches = core::match_specs(of_known, of_seen);
  for (size_t i = 0; i < matches.size(); ++i) {
    const spec::FoundSpec& found = seen[i].found;
    if (!matches[i]) {
      const bool may_become_one =
          std::any_of(of_known.begin(), of_known.end(), [&](const core::Trait& trait) {
            return trait.is_deleted && trait.change_id == of_seen[i].change_id;
          });
      if (may_become_one) result.undecided.insert(found.dir);
      continue;
    }
    const store::Spec& spec = known[*matches[i]];
    if (spec.deleted_at) {
      result.revived.emplace(found.dir, spec.key);
    } else if (spec.dir != found.dir) {
      result.moved.push_back({spec.key, found.kind, found.id, found.change_id, found.dir});
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
  auto known = deleted_like(project, *seen);
  if (!known) return tl::unexpected(known.error());
  known->insert(known->end(), homeless.begin(), homeless.end());
  for (int of = 0; of < kFamilies; ++of) {
    std::vector<store::Spec> of_known;
    std::vector<Seen> of_seen;
    std::copy_if(known->begin(), known->end(), std::back_inserter(of_known),
                 [&](const store::Spec& spec) { return family(spec.kind) == of; });
    std::copy_if(seen->begin(), seen->end(), std::back_inserter(of_seen),
                 [&](const Seen& spec) { return family(spec.found.kind) == of; });
    if (auto done = match(of_known, of_seen, result); !done) return tl::unexpected(done.error());
  }
  return result;
}

}  // namespace specd::sync
