#include "sync/core/moves.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace specd::sync::core {
namespace {

using Matches = std::vector<std::optional<size_t>>;

Digest digest_of(int n) {
  Digest digest;
  digest.bytes[0] = static_cast<unsigned char>(n);
  return digest;
}

Trait trait(std::string dir, uint64_t inode, std::string change_id, std::vector<int> contents) {
  Trait made{.dir = std::move(dir),
             .dev = 1,
             .inode = inode,
             .change_id = std::move(change_id),
             .contents = {}};
  for (int content : contents) made.contents.push_back(digest_of(content));
  std::sort(made.contents.begin(), made.contents.end());
  return made;
}

TEST(Likeness, CountsInodeChangeIdAndHalfOfTheContents) {
  const Trait a = trait("a", 1, "a", {1, 2});
  EXPECT_EQ(likeness(a, a), 3);
  EXPECT_EQ(likeness(a, trait("b", 1, "b", {1, 3})), 2);
  EXPECT_EQ(likeness(a, trait("b", 2, "b", {1, 3, 4})), 0) << "one of three is less than half";
  EXPECT_EQ(likeness(trait("a", 0, "a", {}), trait("b", 0, "b", {})), 0)
      << "unknown inodes, nothing in common";
}

TEST(Moves, AnArchivedChangeIsTheSameSpec) {
  const Trait known[] = {trait("changes/x", 5, "x", {1, 2, 3})};
  const Trait seen[] = {trait("changes/archive/2026-01-01-x", 5, "x", {1, 2, 3})};
  EXPECT_EQ(match_specs(known, seen), Matches{0});
}

TEST(Moves, ARenamedFolderIsTheSameSpecByInodeAndContents) {
  const Trait known[] = {trait("changes/x", 5, "x", {1, 2})};
  const Trait seen[] = {trait("changes/y", 5, "y", {1, 9})};
  EXPECT_EQ(match_specs(known, seen), Matches{0});
}

TEST(Moves, OneOfThreeIsNotEnough) {
  const Trait known[] = {trait("changes/x", 5, "x", {1, 2})};
  const Trait reused_inode[] = {trait("changes/y", 5, "y", {8, 9})};
  const Trait copied_text[] = {trait("changes/y", 6, "y", {1, 2})};
  EXPECT_EQ(match_specs(known, reused_inode), Matches{std::nullopt});
  EXPECT_EQ(match_specs(known, copied_text), Matches{std::nullopt});
}

TEST(Moves, ACopyBesideItsSourceIsNew) {
  const Trait known[] = {trait("changes/x", 5, "x", {1, 2})};
  const Trait seen[] = {trait("changes/x", 5, "x", {1, 2}),
                        trait("changes/archive/x", 6, "x", {1, 2})};
  EXPECT_EQ(match_specs(known, seen), (Matches{0, std::nullopt}));
}

TEST(Moves, TwoCandidatesAreAmbiguousAndSoNew) {
  const Trait known[] = {trait("changes/x", 5, "x", {1, 2})};
  const Trait seen[] = {trait("archive/2026-01-01-x", 6, "x", {1, 2}),
                        trait("archive/2026-01-02-x", 7, "x", {1, 2})};
  EXPECT_EQ(match_specs(known, seen), (Matches{std::nullopt, std::nullopt}));
  const Trait two_known[] = {trait("archive/2026-01-01-x", 6, "x", {1}),
                             trait("archive/2026-01-02-x", 7, "x", {1})};
  const Trait one_seen[] = {trait("changes/x", 9, "x", {1})};
  EXPECT_EQ(match_specs(two_known, one_seen), Matches{std::nullopt});
}

TEST(Moves, F17TwoSpecsThatSwappedNamesKeepTheirKeys) {
  const Trait known[] = {trait("changes/a", 1, "a", {1, 2}), trait("changes/b", 2, "b", {3, 4})};
  const Trait seen[] = {trait("changes/a", 2, "a", {3, 4}), trait("changes/b", 1, "b", {1, 2})};
  EXPECT_EQ(match_specs(known, seen), (Matches{1, 0}));
}

TEST(Moves, F17SwappedSpecsThatShareHalfOfTheirContentsKeepTheirKeys) {
  const Trait known[] = {trait("a", 1, "a", {1, 9}), trait("b", 2, "b", {2, 9})};
  const Trait seen[] = {trait("a", 2, "a", {2, 9}), trait("b", 1, "b", {1, 9})};
  EXPECT_EQ(match_specs(known, seen), (Matches{1, 0}));
}

TEST(Moves, F20ACloneThatWasGivenTheInodesOfOthersKeepsEveryKey) {
  const Trait known[] = {trait("a", 1, "a", {9}), trait("b", 2, "b", {9})};
  const Trait seen[] = {trait("a", 2, "a", {9}), trait("b", 1, "b", {9})};
  EXPECT_EQ(match_specs(known, seen), (Matches{0, 1})) << "all contents are the same";
}

TEST(Moves, F71ADeletedSpecComesBackToAPlaceThatALiveOneHasLeft) {
  Trait known[] = {trait("a", 2, "a", {3, 4}), trait("a", 1, "a", {1, 2})};
  known[1].is_deleted = true;
  const Trait seen[] = {trait("a", 1, "a", {1, 2})};
  EXPECT_EQ(match_specs(known, seen), Matches{1});
  const Trait rewritten[] = {trait("a", 7, "a", {7, 8})};
  EXPECT_EQ(match_specs(known, rewritten), Matches{0}) << "it is nobody else";
}

TEST(Moves, AClosedFolderIsKnownByItsInode) {
  const Trait known[] = {trait("a", 1, "a", {1}), trait("b", 2, "b", {2})};
  Trait seen[] = {trait("a", 2, "a", {2}), trait("b", 1, "b", {})};
  seen[1].is_closed = true;
  EXPECT_EQ(match_specs(known, seen), (Matches{1, 0}));
  Trait elsewhere[] = {trait("c", 9, "c", {})};
  elsewhere[0].is_closed = true;
  EXPECT_EQ(match_specs(known, elsewhere), Matches{std::nullopt});
}

TEST(Moves, AChainOfRenamesKeepsEveryKey) {
  const Trait known[] = {trait("changes/a", 1, "a", {1}), trait("changes/b", 2, "b", {2})};
  const Trait seen[] = {trait("changes/b", 1, "b", {1}), trait("changes/c", 2, "c", {2})};
  EXPECT_EQ(match_specs(known, seen), (Matches{0, 1}));
}

TEST(Moves, F20AFreshCloneHasOtherInodesAndTheSameSpecs) {
  const Trait known[] = {trait("changes/a", 1, "a", {1}), trait("changes/b", 2, "b", {2})};
  const Trait seen[] = {trait("changes/b", 12, "b", {2}), trait("changes/a", 11, "a", {1})};
  EXPECT_EQ(match_specs(known, seen), (Matches{1, 0}));
}

TEST(Moves, ASpecThatWasRewrittenWhereItIsStays) {
  const Trait known[] = {trait("changes/a", 1, "a", {1, 2})};
  const Trait seen[] = {trait("changes/a", 9, "a", {7, 8})};
  EXPECT_EQ(match_specs(known, seen), Matches{0});
}

TEST(Moves, ADeletedSpecReturnsByLikenessAndNotByItsNameAlone) {
  Trait known[] = {trait("changes/a", 1, "a", {1, 2})};
  known[0].is_deleted = true;
  const Trait other[] = {trait("changes/a", 9, "a", {7, 8})};
  const Trait given_its_inode[] = {trait("changes/a", 5, "a", {7, 8})};
  const Trait same[] = {trait("changes/a", 9, "a", {1, 8})};
  EXPECT_EQ(match_specs(known, other), Matches{std::nullopt});
  EXPECT_EQ(match_specs(known, given_its_inode), Matches{std::nullopt});
  EXPECT_EQ(match_specs(known, same), Matches{0});
}

TEST(Moves, AnEmptySpecMovesByInodeAndChangeId) {
  const Trait known[] = {trait("changes/a", 1, "a", {})};
  const Trait seen[] = {trait("archive/2026-01-01-a", 1, "a", {})};
  EXPECT_EQ(match_specs(known, seen), Matches{0});
}

// Every placement of three specs, each with its traits kept or changed, against what must always
// hold.
using Match = std::function<Matches(std::span<const Trait>, std::span<const Trait>)>;

std::string find_fault(const Match& match) {
  const std::string dirs[] = {"a", "b", "c", "d"};
  const std::vector<Trait> known = {trait("a", 1, "a", {1, 2}), trait("b", 2, "b", {3, 4}),
                                    trait("c", 3, "c", {5, 6})};
  // For each known spec: gone (4) or at one of four dirs; its inode kept or not; its contents kept
  // or not.
  for (int code = 0; code < 20 * 20 * 20; ++code) {
    std::vector<Trait> seen;
    std::vector<size_t> truth;
    std::vector<bool> provable;
    bool is_possible = true;
    for (int spec = 0, rest = code; spec < 3; ++spec, rest /= 20) {
      const int where = rest % 20 / 4;
      if (where == 4) continue;
      const bool keeps_inode = rest % 4 / 2 == 0, keeps_contents = rest % 2 == 0;
      const auto id = static_cast<uint64_t>(spec) + 1;
      std::vector<int> contents = keeps_contents ? std::vector<int>{spec * 2 + 1, spec * 2 + 2}
                                                 : std::vector<int>{spec * 2 + 101, spec * 2 + 102};
      for (const Trait& other : seen) is_possible = is_possible && other.dir != dirs[where];
      seen.push_back(trait(dirs[where], keeps_inode ? id : id + 10, dirs[where], contents));
      truth.push_back(static_cast<size_t>(spec));
      provable.push_back(int{keeps_inode} + int{keeps_contents} + int{where == spec} >= 2);
    }
    if (!is_possible) continue;
    const Matches found = match(known, seen);
    std::vector<int> uses(known.size());
    for (size_t s = 0; s < seen.size(); ++s) {
      if (found[s] && ++uses[*found[s]] > 1) return "one key twice";
      if (provable[s] && found[s] != truth[s]) return "a spec lost its key";
      const bool at_home = found[s] && known[*found[s]].dir == seen[s].dir;
      if (found[s] && !at_home && likeness(known[*found[s]], seen[s]) < 2)
        return "a key moved without proof";
    }
  }
  return "";
}

TEST(Moves, EveryPlacementOfThreeSpecsKeepsEveryProvableKey) {
  EXPECT_EQ(find_fault(match_specs), "");
}

TEST(MovesNegativeControl, BrokenRulesAreFound) {
  const auto by = [](const std::function<bool(const Trait&, const Trait&)>& same) {
    return find_fault([same](std::span<const Trait> known, std::span<const Trait> seen) {
      Matches found(seen.size());
      for (size_t s = 0; s < seen.size(); ++s) {
        for (size_t k = 0; k < known.size() && !found[s]; ++k) {
          if (same(known[k], seen[s])) found[s] = k;
        }
      }
      return found;
    });
  };
  EXPECT_NE(by([](auto& k, auto& s) { return k.dir == s.dir; }), "") << "by name alone";
  EXPECT_NE(by([](auto& k, auto& s) { return k.inode == s.inode; }), "") << "by inode alone";
  EXPECT_NE(by([](auto& k, auto& s) { return likeness(k, s) >= 1; }), "") << "by one of three";
  EXPECT_NE(by([](auto&, auto&) { return false; }), "") << "always new";
}

}  // namespace
}  // namespace specd::sync::core
