#include "sync/core/moves.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace specd::sync::core {
namespace {

bool is_same_inode(const Trait& a, const Trait& b) {
  return a.inode != 0 && a.inode == b.inode && a.dev == b.dev;
}

// How much of the larger one's contents the other has, too, in thousandths.
int overlap(const Trait& a, const Trait& b) {
  if (a.is_closed || b.is_closed) return is_same_inode(a, b) ? 1000 : 0;
  if (a.contents.empty() || b.contents.empty()) return 0;
  std::vector<Digest> common;
  std::set_intersection(a.contents.begin(), a.contents.end(), b.contents.begin(), b.contents.end(),
                        std::back_inserter(common));
  return static_cast<int>(common.size() * 1000 / std::max(a.contents.size(), b.contents.size()));
}

bool are_half_common(const Trait& a, const Trait& b) {
  return overlap(a, b) >= 500;
}

// Two of three. A deleted spec's folder is gone, and file systems give its inode to the next one at
// once: there, what agrees must include the contents.
bool is_same(const Trait& known, const Trait& seen) {
  return likeness(known, seen) >= 2 && (!known.is_deleted || are_half_common(known, seen));
}

// A known and a seen one that may be the same, and how much they are alike.
struct Pair {
  size_t known;
  size_t seen;
  std::tuple<int, int, bool> score;
};

class Matcher {
 public:
  Matcher(std::span<const Trait> known, std::span<const Trait> seen)
      : known_(known), seen_(seen), of_seen_(seen.size()), is_settled_(known.size(), false) {}

  std::vector<std::optional<size_t>> run() {
    settle_alike();
    settle_rewritten();
    return std::move(of_seen_);
  }

 private:
  // Two of three always include the inode or the change id, so these two find all pairs.
  std::vector<Pair> pairs() const {
    std::unordered_multimap<uint64_t, size_t> by_inode;
    std::unordered_multimap<std::string_view, size_t> by_change_id;
    for (size_t k = 0; k < known_.size(); ++k) {
      by_inode.emplace(known_[k].inode, k);
      by_change_id.emplace(known_[k].change_id, k);
    }
    std::vector<Pair> all;
    for (size_t s = 0; s < seen_.size(); ++s) {
      std::set<size_t> candidates;
      const auto add = [&](auto range) {
        for (auto at = range.first; at != range.second; ++at) candidates.insert(at->second);
      };
      add(by_inode.equal_range(seen_[s].inode));
      add(by_change_id.equal_range(seen_[s].change_id));
      for (size_t k : candidates) {
        if (!is_same(known_[k], seen_[s])) continue;
        all.push_back({k,
                       s,
                       {likeness(known_[k], seen_[s]), overlap(known_[k], seen_[s]),
                        known_[k].dir == seen_[s].dir}});
      }
    }
    std::sort(all.begin(), all.end(),
              [](const Pair& a, const Pair& b) { return a.score > b.score; });
    return all;
  }

  // The most alike first. Who could as well be somebody else is nobody, and keeps nobody.
  void settle_alike() {
    const std::vector<Pair> all = pairs();
    std::vector<bool> is_seen_settled(seen_.size(), false);
    for (size_t first = 0; first < all.size();) {
      size_t last = first;
      std::map<size_t, int> of_known, of_seen;
      for (; last < all.size() && all[last].score == all[first].score; ++last) {
        if (is_settled_[all[last].known] || is_seen_settled[all[last].seen]) continue;
        ++of_known[all[last].known];
        ++of_seen[all[last].seen];
      }
      for (; first < last; ++first) {
        const auto [k, s, score] = all[first];
        const bool is_open = of_known.contains(k) && of_seen.contains(s);
        if (is_open && of_known[k] == 1 && of_seen[s] == 1) of_seen_[s] = k;
      }
      for (const auto& [k, count] : of_known) is_settled_[k] = true;
      for (const auto& [s, count] : of_seen) is_seen_settled[s] = true;
    }
  }

  // A place whose spec went nowhere else: it was rewritten where it is.
  void settle_rewritten() {
    std::unordered_map<std::string_view, size_t> live_by_dir;
    for (size_t k = 0; k < known_.size(); ++k) {
      if (!known_[k].is_deleted) live_by_dir.emplace(known_[k].dir, k);
    }
    const std::set<std::optional<size_t>> placed(of_seen_.begin(), of_seen_.end());
    for (size_t s = 0; s < seen_.size(); ++s) {
      const auto resident = live_by_dir.find(seen_[s].dir);
      if (!of_seen_[s] && resident != live_by_dir.end() && !placed.contains(resident->second))
        of_seen_[s] = resident->second;
    }
  }

  const std::span<const Trait> known_;
  const std::span<const Trait> seen_;
  std::vector<std::optional<size_t>> of_seen_;
  std::vector<bool> is_settled_;  ///< known ones: placed, or ambiguous
};

}  // namespace

int likeness(const Trait& a, const Trait& b) {
  return int{is_same_inode(a, b)} + int{a.change_id == b.change_id} + int{are_half_common(a, b)};
}

std::vector<std::optional<size_t>> match_specs(std::span<const Trait> known,
                                               std::span<const Trait> seen) {
  return Matcher(known, seen).run();
}

}  // namespace specd::sync::core
