// What the engine tells about itself for metrics, and the paths that it is asked to look at.

#include "tests/sync/engine_fixture.h"

namespace specd::sync {
namespace {

using std::chrono::milliseconds;
using Strings = std::vector<std::string>;
using Outcome = std::optional<Result<Strings>>;

constexpr const char* kTasks = "openspec/changes/x/tasks.md";

class TellingTest : public EngineTest {
 protected:
  TellingTest() {
    put(kTasks, "- [ ] one\n");
    add();
  }
  uint64_t scans(store::Trigger cause) {
    return status().scans_by_cause[static_cast<size_t>(cause)];
  }
  /// Whatever became of it, once it is told.
  std::shared_ptr<Outcome> sync_path(const std::string& path) {
    auto told = std::make_shared<Outcome>();
    engine_->sync_paths({{project_, path}}, clock_.steady() + std::chrono::seconds(10),
                        [told](Result<Strings> left) { *told = std::move(left); });
    rounds();
    return told;
  }
  static bool is_done(const std::shared_ptr<Outcome>& told) {
    return *told && **told && (**told)->empty();
  }
};

TEST_F(TellingTest, LatencyIsFromTheHintToTheCommitOfWhatTheWatcherTold) {
  EXPECT_EQ(engine_->status().latency.count(), 0U) << "the first scan is not the watcher's";
  put(kTasks, "- [x] one\n");
  engine_->post({{project_, Hint::What::file, kTasks, ""}});
  clock_.advance(milliseconds(30));  // in the queue
  rounds();
  const Histogram told = engine_->status().latency;
  EXPECT_EQ(told.count(), 1U);
  EXPECT_GE(told.sum, milliseconds(30));
  EXPECT_LT(told.sum, milliseconds(50));
  put(kTasks, "- [x] two\n");
  batch();
  EXPECT_EQ(engine_->status().latency.count(), 1U) << "missed, and found by the batch";
  saved(kTasks);
  EXPECT_EQ(engine_->status().latency.count(), 1U) << "nothing new";
}

TEST_F(TellingTest, ScansAreCountedByTheirCause) {
  EXPECT_EQ(scans(store::Trigger::startup), 1U);
  const uint64_t periodic = scans(store::Trigger::periodic);
  batch();
  EXPECT_EQ(scans(store::Trigger::periodic), periodic + 1);
  EXPECT_EQ(scans(store::Trigger::file_watcher), 0U);
  hint(Hint::What::everywhere, "");
  EXPECT_EQ(scans(store::Trigger::file_watcher), 1U);
}

TEST_F(TellingTest, TheOldestUnsyncedChangeIsToldWhileItWaits) {
  EXPECT_EQ(engine_->status().oldest_unsynced, std::nullopt);
  const SteadyTime noticed = clock_.steady();
  engine_->post({{project_, Hint::What::file, kTasks, ""}});
  EXPECT_EQ(engine_->status().waiting_messages, 1U);
  EXPECT_EQ(engine_->status().oldest_unsynced, noticed) << "before anybody looked at it";
  rounds();
  EXPECT_EQ(engine_->status().waiting_messages, 0U);
  EXPECT_EQ(engine_->status().oldest_unsynced, std::nullopt);

  const int writer = ::open(at(kTasks).c_str(), O_WRONLY | O_CLOEXEC);
  std::filesystem::resize_file(at(kTasks), 0);
  const SteadyTime busy = clock_.steady();
  hint(Hint::What::open_file, kTasks);
  wait(milliseconds(500));
  const auto oldest = engine_->status().oldest_unsynced;
  ASSERT_TRUE(oldest) << "somebody is writing it";
  EXPECT_GE(*oldest, busy);
  EXPECT_LT(*oldest, busy + milliseconds(100)) << "since the first look, not the latest";
  ASSERT_EQ(::write(writer, "- [x] one\n", 10), 10);
  ::close(writer);
  wait(milliseconds(2000));
  EXPECT_EQ(engine_->status().oldest_unsynced, std::nullopt);

  remove(kTasks);
  const SteadyTime gone = clock_.steady();
  saved(kTasks);
  const auto missed = engine_->status().oldest_unsynced;
  ASSERT_TRUE(missed) << "a deletion that is not believed yet";
  EXPECT_GE(*missed, gone);
  EXPECT_LE(*missed, clock_.steady());
  grace();
  EXPECT_EQ(engine_->status().oldest_unsynced, std::nullopt);
}

TEST_F(TellingTest, APathThatIsAskedForIsLookedAtThoughNobodyTold) {
  put(kTasks, "- [x] one\n");
  put("openspec/changes/new/proposal.md", "# New\n");
  EXPECT_TRUE(is_done(sync_path(kTasks)));
  EXPECT_EQ(row(kTasks), "- [x] one\n");
  EXPECT_EQ(row("openspec/changes/new/proposal.md"), std::nullopt) << "not asked for";
  EXPECT_TRUE(is_done(sync_path("openspec/changes/new")));
  EXPECT_EQ(row("openspec/changes/new/proposal.md"), "# New\n");
  put(kTasks, "- [x] two\n");
  EXPECT_TRUE(is_done(sync_path("openspec/changes")));
  EXPECT_EQ(row(kTasks), "- [x] two\n");
  put(kTasks, "- [x] three\n");
  EXPECT_TRUE(is_done(sync_path("")));
  EXPECT_EQ(row(kTasks), "- [x] three\n");
}

TEST_F(TellingTest, APathThatIsGoneIsWaitedForUntilThatIsBelieved) {
  remove("openspec/changes/x");
  const auto told = sync_path("openspec/changes/x");
  EXPECT_FALSE(*told);
  grace();
  EXPECT_TRUE(is_done(told));
  EXPECT_EQ(row(kTasks), std::nullopt);
}

TEST_F(TellingTest, APathIsNotWaitedForLongerBecauseOfOthers) {
  const int writer = ::open(at(kTasks).c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  hint(Hint::What::open_file, kTasks);
  EXPECT_EQ(status().busy, 1U);
  put("openspec/changes/new/proposal.md", "# New\n");
  EXPECT_TRUE(is_done(sync_path("openspec/changes/new")));
  const auto all = sync_path("openspec/changes");
  EXPECT_FALSE(*all) << "somebody writes to a file of it";
  ::close(writer);
  wait(milliseconds(2000));
  EXPECT_TRUE(is_done(all));
}

TEST_F(TellingTest, APathThatNoProjectHasIsNotFound) {
  for (const char* path : {"openspec/changes/none", "openspec/changes/x/none.md", "README.md",
                           "src", "openspec/changes/.hidden/x.md"}) {
    const auto told = sync_path(path);
    ASSERT_TRUE(*told) << path;
    ASSERT_FALSE(**told) << path;
    EXPECT_EQ((**told).error().code, Code::not_found);
  }
  must(engine_->pause_project(project_));
  const auto told = sync_path(kTasks);
  ASSERT_TRUE(*told && **told);
  EXPECT_EQ((**told)->size(), 1U) << "paused: told, and not waited for";
}

}  // namespace
}  // namespace specd::sync
