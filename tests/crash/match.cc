#include "tests/crash/match.h"

#include <algorithm>
#include <cerrno>
#include <sstream>

namespace specd::crash {
namespace {

using std::chrono::milliseconds;
using sync::Expected;
using sync::FileEnd;
using test::must;

const std::string kDir = "openspec/changes/x";
const std::string kFile = kDir + "/tasks.md";
const std::string kBeside = kDir + "/design.md";

constexpr milliseconds kEdit{20};       // that an edit is waited for, before the next one
constexpr milliseconds kDeadline{500};  // after which an edit is answered in any case
constexpr milliseconds kQuiet{20'000};
constexpr milliseconds kSkipped{1};
// Longer than a displaced file is left alone; whoever saved into it has finished.
constexpr milliseconds kSettled{1'100};
constexpr uint64_t kMostSaves = 3;  // of one round
constexpr uint64_t kMostBytes = 12'000;
constexpr uint64_t kAimed = 40;  // microseconds: longer than the moment that is aimed at
constexpr uint64_t kAtOnce = 6;
constexpr uint64_t kUnaimed = 4'000;
constexpr uint64_t kEditor = 60'000;

std::string first_line(const std::string& content) {
  return content.substr(0, content.find('\n'));
}

}  // namespace

Score& Score::operator+=(const Score& other) {
  saves += other.saves;
  edits += other.edits;
  written += other.written;
  refused += other.refused;
  late += other.late;
  longest = std::max(longest, other.longest);
  counts += other.counts;
  losses.insert(losses.end(), other.losses.begin(), other.losses.end());
  return *this;
}

std::string to_string(const Score& score) {
  std::ostringstream out;
  const WitnessOps::Counts& counts = score.counts;
  out << score.saves << " saves, " << score.edits << " edits (" << score.written << " written, "
      << score.refused << " refused), longest wait " << score.longest.count() << " us; exchanged "
      << counts.exchanged << ", put back " << counts.put_back << ", put again " << counts.put_again
      << ", overtaken " << counts.overtaken << ", busy " << counts.busy << ", without lease "
      << counts.unsupported << ", moved aside " << counts.moved_aside << ", new " << counts.put_new
      << ", deleted " << counts.taken_away << ", returned " << counts.returned << ", late "
      << score.late << "; " << score.losses.size() << " lost";
  return out.str();
}

Match::Match(const MatchOptions& options)
    : how_(options), project_dir_(options.folder), chance_(options.seed) {
  root_ = project_dir_.path();
  std::filesystem::create_directories(root_ + "/openspec/changes/archive");
  std::filesystem::create_directories(root_ + "/drafts");
  put(kFile, next_content("start"));
  put(kBeside, next_content("start"));
  add();
  const bool may_be_away = how_.edits == MatchOptions::Edits::deletions ||
                           how_.exchange == MatchOptions::Exchange::missing;
  writer_.emplace(at(kFile), may_be_away ? Presence::perhaps : Presence::always, root_ + "/drafts",
                  ops_->windows(),
                  [this] { engine_->post({{project_, Hint::What::file, kFile, {}}}); });
}

Match::~Match() = default;

Result<std::unique_ptr<FileOps>> Match::open_ops(const std::string& root) {
  auto ops = std::make_unique<WitnessOps>(must(posix_file_ops(root)), how_.lie);
  ops_ = ops.get();
  if (how_.exchange == MatchOptions::Exchange::missing)
    ops_->before([](HookOps::Call call) -> std::optional<Error> {
      if (call != HookOps::Call::exchange) return std::nullopt;
      return Error{.code = Code::io, .message = "exchange", .os = EINVAL};
    });
  return ops;
}

Score Match::play() {
  while (score_.saves < how_.saves) round();
  judge_all();
  score_.longest = writer_->longest();
  score_.counts = ops_->counts();
  for (const std::string& failure : writer_->failures()) lose("a save failed: " + failure);
  return std::move(score_);
}

void Match::round() {
  const std::vector<Save> saves = next_saves();
  score_.saves += saves.size();
  writer_->begin(saves);
  do {
    edit();
  } while (!writer_->is_done());
  become_quiet();
  judge_round(saves.back());
}

std::vector<Save> Match::next_saves() {
  if (how_.pace == MatchOptions::Pace::editor)
    return {{static_cast<Way>(below(4)), next_content("save"), false, Us(below(kEditor))}};
  const uint64_t ways = how_.edits == MatchOptions::Edits::deletions ? 5 : 4;
  if (below(3) == 0) return next_duel();
  std::vector<Save> saves(1 + below(kMostSaves));
  for (Save& save : saves) {
    save.way = static_cast<Way>(below(ways));
    save.content = next_content("save");
    save.is_aimed = below(2) == 0;
    save.delay = Us(save.is_aimed ? below(kAimed) : below(kUnaimed));
  }
  return saves;
}

/// One save that a push displaces, and one at the moment at which that is put back.
std::vector<Save> Match::next_duel() {
  std::vector<Save> saves(2);
  for (Save& save : saves) save = {.content = next_content("save"), .is_aimed = true};
  saves.front().delay = Us(below(kAimed));
  saves.back().delay = Us(below(kAtOnce));
  return saves;
}

/// None is like another, and most have several pages.
std::string Match::next_content(const char* whose) {
  std::string content = std::string(whose) + " " + std::to_string(++contents_) + "\n";
  return content.append(below(kMostBytes), static_cast<char>('a' + below(26)));
}

// ---- the engine

/// Time passes as it does for the writer.
void Match::step() {
  const auto now = std::chrono::steady_clock::now();
  const auto passed = std::chrono::duration_cast<Us>(now - stepped_);
  stepped_ += passed;
  clock_.advance(passed);
  clock_.jump(-passed);  // the wall moves by itself
  engine_->step(clock_.steady());
}

template <class Condition>
bool Match::step_until(Condition is_met, milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  do {
    step();
    if (is_met()) return true;
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

std::vector<sync::FileEdit> Match::next_edit() {
  const Expected anything{Expected::What::anything, {}};
  std::vector<sync::FileEdit> files{{kFile, next_content("edit"), anything}};
  if (how_.edits == MatchOptions::Edits::deletions && below(3) == 0) files.front().content.reset();
  if (how_.edits == MatchOptions::Edits::sets)
    files.push_back({kBeside, next_content("edit"), anything});
  return files;
}

void Match::edit() {
  const std::vector<sync::FileEdit> files = next_edit();
  ++unanswered_;
  engine_->edit(project_, {.files = files}, clock_.steady() + kDeadline,
                [this, files](const auto& answer) { take(files, answer); });
  (void)step_until([this] { return unanswered_ == 0; }, kEdit);
}

void Match::take(const std::vector<sync::FileEdit>& files, const Result<sync::EditAnswer>& answer) {
  --unanswered_;
  for (const sync::FileEdit& file : files) {
    if (file.content) (answer ? to_keep_ : refused_).push_back({file.path, *file.content});
  }
  if (!answer) {
    ++score_.refused;
    if (answer.error().code != Code::conflict) lose("an edit failed: " + answer.error().message);
    return;
  }
  ++score_.edits;
  if (!answer->files.empty() && answer->files.front().end == FileEnd::written) ++score_.written;
}

// ---- the judge

/// Nobody is at work, so that time may as well pass faster.
void Match::become_quiet() {
  const auto is_over = [this] {
    clock_.advance(kSkipped);
    return is_quiet();
  };
  if (!step_until(is_over, kQuiet)) lose("disk and database stay apart");
}

bool Match::is_quiet() {
  return unanswered_ == 0 && must(tables().dirty.count_files(project_)) == 0 &&
         status().waiting == 0 && rows() == disk();
}

bool Match::is_known(const Text& text) {
  if (row(text.path) == text.content) return true;
  const Digest digest = sha256(text.content);
  return must(tables().versions.has(project_, text.path, digest)) &&
         tables().versions.content(digest) == text.content;
}

void Match::judge_round(const Save& last) {
  if (last.way == Way::remove) return;
  const Text text{kFile, last.content};
  to_keep_.push_back(text);
  if (is_known(text)) return;
  late_.insert(text);
  if (last.way == Way::rename) lose("displaced unseen: " + first_line(last.content));
}

size_t Match::left_over() const {
  size_t count = 0;
  const std::string in_state = dir_.path() + "/state/staging";
  for (const std::string& folder : {in_state, root_ + "/.specd"}) {
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      count += entry.is_regular_file() && entry.path().filename() != ".gitignore" ? 1 : 0;
  }
  return count;
}

void Match::judge_all() {
  for (int i = 0; i < 10 && left_over() != 0; ++i) wait(kSettled);
  become_quiet();
  if (left_over() != 0) lose("something stays in the staging folder");
  if (rows() != disk()) lose("the database has other files than the disk");
  for (const Text& text : to_keep_) {
    const bool is_kept = is_known(text);
    if (!is_kept) lose("nowhere: " + first_line(text.content));
    if (is_kept && late_.contains(text)) ++score_.late;
  }
  for (const Text& text : refused_) {
    if (is_known(text)) lose("refused, and there: " + first_line(text.content));
  }
}

}  // namespace specd::crash
