#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/crash/writer.h"
#include "tests/fake/witness_ops.h"
#include "tests/sync/engine_fixture.h"

namespace specd::crash {

/// What came of one match, or of several.
struct Score {
  uint64_t saves = 0;    ///< of the other program
  uint64_t edits = 0;    ///< that were acknowledged
  uint64_t written = 0;  ///< of these, those that stood in the file
  uint64_t refused = 0;  ///< since the row had moved on
  uint64_t late = 0;     ///< saves into a file that had been displaced, found there
  Us longest{};          ///< that a system call of a save waited
  WitnessOps::Counts counts;
  std::vector<std::string> losses;  ///< for people; none: nothing was lost

  Score& operator+=(const Score& other);
};
/// The figures, in one line.
[[nodiscard]] std::string to_string(const Score& score);

struct MatchOptions {
  std::filesystem::path folder = std::filesystem::temp_directory_path();  ///< of the project
  uint64_t seed = 1;
  uint64_t saves = 100;
  /// How often the other program saves: as it hurts most, or as the busiest of editors.
  enum class Pace { storm, editor } pace = Pace::storm;
  /// What the edits are: new texts of the file that is saved; these, and deletions of it, while the
  /// other program deletes it, too; or new texts of it and of a file beside it, as one edit.
  enum class Edits { texts, deletions, sets } edits = Edits::texts;
  /// Whether the file system can exchange two files.
  enum class Exchange { works, missing } exchange = Exchange::works;
  WitnessOps::Lie lie = WitnessOps::Lie::none;
};

/// Another program saves a file, again and again and in every way, while edits of the same file are
/// pushed: real threads and real system calls, on a real disk, with an engine and a database.
///
/// It is played in rounds of a few saves, each until all is quiet. Then the last save of the round
/// was on disk with nobody at work: it stays there, or goes through us, and is retrievable as long
/// as the match lasts; so is each edit that was acknowledged. (An earlier save of a round may have
/// been written over by its own program.) A save of a whole file must be in the database at once.
/// One that went into a displaced file is found there, a second later, which may be in any of the
/// next rounds. Of an edit that was refused, nothing is anywhere.
class Match : private sync::EngineRig {
 public:
  explicit Match(const MatchOptions& options);
  ~Match() override;

  /// Once.
  [[nodiscard]] Score play();

 private:
  /// What a file had, or was to have.
  struct Text {
    std::string path, content;
    auto operator<=>(const Text&) const = default;
  };
  Result<std::unique_ptr<FileOps>> open_ops(const std::string& root) override;

  void round();
  [[nodiscard]] std::vector<Save> next_saves();
  [[nodiscard]] std::vector<Save> next_duel();
  [[nodiscard]] std::string next_content(const char* whose);
  [[nodiscard]] uint64_t below(uint64_t end) { return chance_.next() % end; }

  void step();
  void edit();
  [[nodiscard]] std::vector<sync::FileEdit> next_edit();
  void take(const std::vector<sync::FileEdit>& files, const Result<sync::EditAnswer>& answer);
  template <class Condition>
  bool step_until(Condition is_met, std::chrono::milliseconds limit);

  void become_quiet();
  [[nodiscard]] bool is_quiet();
  [[nodiscard]] bool is_known(const Text& text);
  [[nodiscard]] size_t left_over() const;
  void judge_round(const Save& last);
  void judge_all();
  void lose(const std::string& why) { score_.losses.push_back(why); }

  const MatchOptions how_;
  const test::TempDir project_dir_;
  SeededRandom chance_;
  Score score_;
  WitnessOps* ops_ = nullptr;
  std::optional<Writer> writer_;
  std::chrono::steady_clock::time_point stepped_ = std::chrono::steady_clock::now();
  uint64_t contents_ = 0;
  int unanswered_ = 0;
  std::vector<Text> to_keep_;  // what must be there in the end
  std::vector<Text> refused_;  // what must not
  std::set<Text> late_;        // what must be there, and was nowhere yet
};

}  // namespace specd::crash
