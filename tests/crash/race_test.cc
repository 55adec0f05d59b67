#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

#include "tests/crash/match.h"

namespace specd::crash {
namespace {

using Lie = WitnessOps::Lie;

constexpr uint64_t kSaves = 1'500;       // of each test
constexpr uint64_t kSavesOfMatch = 250;  // afterwards the database is a new one
// A figure of the machine; what it must be is for the long form, on a quiet one.
constexpr Us kLongest{500'000};
constexpr Us kLongestWhenQuiet{20'000};
constexpr uint64_t kWrittenPercent = 30;

/// The long form: so many saves on both file systems together (scripts/prove).
uint64_t asked_saves() {
  const char* asked = std::getenv("SPECD_RACE_SAVES");  // NOLINT(concurrency-mt-unsafe)
  return asked == nullptr ? 0 : std::strtoull(asked, nullptr, 10);
}

/// Of a test of one shape of edits; of the long form, a part.
uint64_t saves_of_shape() {
  return asked_saves() == 0 ? kSaves / 2 : asked_saves() / 10;
}

/// Matches of this kind, with one seed after the other.
Score play(MatchOptions how, uint64_t saves) {
  Score sum;
  how.saves = kSavesOfMatch;
  for (; sum.saves < saves && sum.losses.empty(); ++how.seed) {
    Match match(how);
    sum += match.play();
    if (asked_saves() != 0) std::cerr << "\r" << to_string(sum) << std::flush;
  }
  return sum;
}

Score expect_nothing_lost(const MatchOptions& how, uint64_t saves) {
  const Score score = play(how, saves);
  std::cout << "race in " << how.folder.string() << ": " << to_string(score) << "\n";
  for (const std::string& loss : score.losses) ADD_FAILURE() << loss;
  return score;
}

void expect_nothing_lost(const std::filesystem::path& folder) {
  const uint64_t asked = asked_saves();
  const Score score = expect_nothing_lost({.folder = folder}, asked == 0 ? kSaves : asked / 2);
  EXPECT_LT(score.longest, asked == 0 ? kLongest : kLongestWhenQuiet)
      << "a save had to wait, unless others are at work on this machine";
  EXPECT_GT(score.counts.exchanged, 0u);
  EXPECT_GT(score.counts.put_back, 0u);
  EXPECT_GT(score.counts.put_again, 0u);
  EXPECT_GT(score.counts.overtaken, 0u);
  EXPECT_GT(score.counts.busy, 0u);
  EXPECT_GT(score.late, 0u);
}

/// With a part of the protocol missing, matches until something is lost.
bool is_lost(MatchOptions how) {
  uint64_t saves = 0;
  how.saves = kSavesOfMatch;
  for (; saves < 2 * kSaves; ++how.seed) {
    Match match(how);
    const Score score = match.play();
    saves += score.saves;
    if (score.losses.empty()) continue;
    std::cout << "lost after " << saves << " saves: " << score.losses.front() << " ("
              << to_string(score) << ")\n";
    return true;
  }
  return false;
}

TEST(RaceTest, F38NoSaveAndNoEditIsLost) {
  expect_nothing_lost(std::filesystem::temp_directory_path());
}

TEST(RaceTest, F38NoSaveAndNoEditIsLostInMemory) {
  struct statfs told{};
  if (::statfs("/dev/shm", &told) != 0 || told.f_type != TMPFS_MAGIC)
    GTEST_SKIP() << "/dev/shm is no tmpfs here";
  expect_nothing_lost("/dev/shm");
}

TEST(RaceTest, F38NothingIsLostWhereBothSidesDeleteTheFile) {
  const Score score =
      expect_nothing_lost({.edits = MatchOptions::Edits::deletions}, saves_of_shape());
  EXPECT_GT(score.counts.exchanged, 0u);
  EXPECT_GT(score.counts.put_new, 0u);
  EXPECT_GT(score.counts.taken_away, 0u);
  EXPECT_GT(score.counts.returned, 0u);
}

TEST(RaceTest, F38AnEditOfTwoFilesIsWholeOrRefused) {
  const Score score = expect_nothing_lost({.edits = MatchOptions::Edits::sets}, saves_of_shape());
  EXPECT_GT(score.counts.put_back, 0u);
}

TEST(RaceTest, F38NothingIsLostWhereFilesCannotBeExchanged) {
  const Score score = expect_nothing_lost(
      {.edits = MatchOptions::Edits::deletions, .exchange = MatchOptions::Exchange::missing},
      saves_of_shape());
  EXPECT_EQ(score.counts.exchanged, 0u);
  EXPECT_GT(score.counts.moved_aside, 0u);
  EXPECT_GT(score.counts.taken_away, 0u);
}

TEST(RaceTest, F34EditsAreNotStarvedByAnEditorThatSavesAllTheTime) {
  Match match({.saves = 60, .pace = MatchOptions::Pace::editor});
  const Score score = match.play();
  std::cout << "race with an editor: " << to_string(score) << "\n";
  EXPECT_TRUE(score.losses.empty()) << score.losses.front();
  EXPECT_GE(score.written * 100, score.edits * kWrittenPercent);
}

TEST(RaceTest, TellsOfAPushThatDoesNotVerify) {
  EXPECT_TRUE(is_lost({.lie = Lie::came_out}));
}

TEST(RaceTest, TellsOfADeletionThatDoesNotVerify) {
  EXPECT_TRUE(is_lost({.edits = MatchOptions::Edits::deletions,
                       .exchange = MatchOptions::Exchange::missing,
                       .lie = Lie::came_out}));
}

TEST(RaceTest, TellsOfAPushThatPutsBackOnlyOnce) {
  EXPECT_TRUE(is_lost({.lie = Lie::came_back}));
}

TEST(RaceTest, TellsOfLeftOversThatNobodyLooksAt) {
  EXPECT_TRUE(is_lost({.lie = Lie::left_over}));
}

}  // namespace
}  // namespace specd::crash
