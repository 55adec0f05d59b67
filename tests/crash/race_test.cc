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

Score play(const std::filesystem::path& folder, uint64_t saves) {
  Score sum;
  for (uint64_t seed = 1; sum.saves < saves && sum.losses.empty(); ++seed) {
    Match match({.folder = folder, .seed = seed, .saves = kSavesOfMatch});
    sum += match.play();
    if (asked_saves() != 0) std::cerr << "\r" << to_string(sum) << std::flush;
  }
  return sum;
}

void expect_nothing_lost(const std::filesystem::path& folder) {
  const uint64_t asked = asked_saves();
  const Score score = play(folder, asked == 0 ? kSaves : asked / 2);
  std::cout << "race in " << folder.string() << ": " << to_string(score) << "\n";
  for (const std::string& loss : score.losses) ADD_FAILURE() << loss;
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
bool is_lost_with(Lie lie) {
  uint64_t saves = 0;
  for (uint64_t seed = 1; saves < 2 * kSaves; ++seed) {
    Match match({.seed = seed, .saves = kSavesOfMatch, .lie = lie});
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

TEST(RaceTest, F34EditsAreNotStarvedByAnEditorThatSavesAllTheTime) {
  Match match({.saves = 60, .pace = MatchOptions::Pace::editor});
  const Score score = match.play();
  std::cout << "race with an editor: " << to_string(score) << "\n";
  EXPECT_TRUE(score.losses.empty()) << score.losses.front();
  EXPECT_GE(score.written * 100, score.edits * kWrittenPercent);
}

TEST(RaceTest, TellsOfAPushThatDoesNotVerify) {
  EXPECT_TRUE(is_lost_with(Lie::came_out));
}

TEST(RaceTest, TellsOfAPushThatPutsBackOnlyOnce) {
  EXPECT_TRUE(is_lost_with(Lie::came_back));
}

TEST(RaceTest, TellsOfLeftOversThatNobodyLooksAt) {
  EXPECT_TRUE(is_lost_with(Lie::left_over));
}

}  // namespace
}  // namespace specd::crash
