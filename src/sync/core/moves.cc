#include "sync/core/moves.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_map>

namespace specd::sync::core {
namespace {

bool are_half_common(const std::vector<Digest>& a, const std::vector<Digest>& b) {
  if (a.empty() || b.empty()) return false;
  std::vector<Digest> common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
  return common.size() * 2 >= std::max(a.size(), b.size());
}

// The one element of `candidates`, if it is the only one.
std::optional<size_t> only(const std::vector<size_t>& candidates) {
  return candidates.size() == 1 ? std::optional(candidates.front()) : std::nullopt;
}

// Two of three. A deleted spec's folder is gone, and file systems give its inode to the next one at
// once: there, what agrees must include the contents.
bool is_same(const Trait& known, const Trait& seen) {
  return likeness(known, seen) >= 2 &&
         (!known.is_deleted || are_half_common(known.contents, seen.contents));
}

class Matcher {
 public:
  Matcher(std::span<const Trait> known, std::span<const Trait> seen)
      : known_(known), seen_(seen), of_seen_(seen.size()), is_placed_(known.size(), false) {
    for (size_t k = 0; k < known.size(); ++k) known_by_dir_.emplace(known[k].dir, k);
  }

  std::vector<std::optional<size_t>> run() {
    settle_residents();
    settle_moved();
    settle_replaced();
    return std::move(of_seen_);
  }

 private:
  void place(size_t k, size_t s) {
    of_seen_[s] = k;
    is_placed_[k] = true;
  }

  std::optional<size_t> resident_of(size_t s) const {
    const auto at = known_by_dir_.find(seen_[s].dir);
    return at == known_by_dir_.end() ? std::nullopt : std::optional(at->second);
  }

  // Where a spec was, something much like it still is. (Its change id is part of its dir, and so
  // agrees.)
  void settle_residents() {
    for (size_t s = 0; s < seen_.size(); ++s) {
      const auto k = resident_of(s);
      if (k && is_same(known_[*k], seen_[s])) place(*k, s);
    }
  }

  // Of what is left on both sides, pairs that can be nobody else. Two of three always include the
  // inode or the change id, so these two find all candidates.
  void settle_moved() {
    std::unordered_multimap<uint64_t, size_t> by_inode;
    std::unordered_multimap<std::string_view, size_t> by_change_id;
    for (size_t k = 0; k < known_.size(); ++k) {
      if (is_placed_[k]) continue;
      by_inode.emplace(known_[k].inode, k);
      by_change_id.emplace(known_[k].change_id, k);
    }
    std::vector<std::vector<size_t>> of_known(known_.size()), of_seen(seen_.size());
    for (size_t s = 0; s < seen_.size(); ++s) {
      if (of_seen_[s]) continue;
      std::vector<size_t> candidates;
      const auto add = [&](auto range) {
        for (auto at = range.first; at != range.second; ++at) candidates.push_back(at->second);
      };
      add(by_inode.equal_range(seen_[s].inode));
      add(by_change_id.equal_range(seen_[s].change_id));
      std::sort(candidates.begin(), candidates.end());
      candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
      for (size_t k : candidates) {
        if (!is_same(known_[k], seen_[s])) continue;
        of_known[k].push_back(s);
        of_seen[s].push_back(k);
      }
    }
    for (size_t s = 0; s < seen_.size(); ++s) {
      const auto k = only(of_seen[s]);
      if (k && only(of_known[*k])) place(*k, s);
    }
  }

  // A place whose spec went nowhere else: it was rewritten where it is.
  void settle_replaced() {
    for (size_t s = 0; s < seen_.size(); ++s) {
      if (of_seen_[s]) continue;
      const auto k = resident_of(s);
      if (k && !is_placed_[*k] && !known_[*k].is_deleted) place(*k, s);
    }
  }

  const std::span<const Trait> known_;
  const std::span<const Trait> seen_;
  std::unordered_map<std::string_view, size_t> known_by_dir_;
  std::vector<std::optional<size_t>> of_seen_;
  std::vector<bool> is_placed_;
};

}  // namespace

int likeness(const Trait& a, const Trait& b) {
  const bool same_inode = a.inode != 0 && a.inode == b.inode && a.dev == b.dev;
  return int{same_inode} + int{a.change_id == b.change_id} +
         int{are_half_common(a.contents, b.contents)};
}

std::vector<std::optional<size_t>> match_specs(std::span<const Trait> known,
                                               std::span<const Trait> seen) {
  return Matcher(known, seen).run();
}

}  // namespace specd::sync::core
