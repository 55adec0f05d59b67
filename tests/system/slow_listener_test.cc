// Listeners that take nothing of what they are told, beside one that does.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <list>

#include "tests/system/daemon_process.h"
#include "tests/system/listener_clients.h"
#include "tests/system/process_usage.h"

namespace specd {
namespace {

using testing::HasSubstr;

constexpr int kSpecs = 50;
constexpr int kWarmUp = 5, kLast = 25;  ///< rounds of edits
constexpr size_t kTitle = 8'000;
constexpr int kSlowOfEachKind = 10;
/// What waits for one of them: some 256 KiB on their way, as much behind that, and what else it
/// costs. All that is told would be eight times as much.
constexpr size_t kMostKibOfEach = 1'024;

class SlowListenerTest : public testing::Test {
 protected:
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }
  /// Titles are part of what is told of a spec, so there is much to tell.
  void edit_all(int round) const {
    for (int i = 0; i < kSpecs; ++i) {
      const std::string folder = root_ + "/openspec/changes/c" + std::to_string(i);
      std::filesystem::create_directories(folder);
      std::ofstream(folder + "/proposal.md~") << "# " << title(round, i) << "\n";
      std::filesystem::rename(folder + "/proposal.md~", folder + "/proposal.md");
    }
  }
  static std::string title(int round, int spec) {
    const std::string name = "round " + std::to_string(round) + " spec " + std::to_string(spec);
    return name + " " + std::string(kTitle, 'x');
  }
  /// Until it has heard of every spec what was written in that round.
  static bool hears_all(test::RawClient& client, int round) {
    std::string heard;
    const auto has = [&](int i) { return heard.find(title(round, i)) != std::string::npos; };
    for (int i = 0; i < kSpecs; ++i) {
      while (!has(i)) {
        const std::string more = client.read_until("\n\n");
        if (more.empty()) return false;
        heard += more;
      }
    }
    return true;
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
};

TEST_F(SlowListenerTest, F73WhoNeverReadsHasABoundedQueueAndOthersHearEverything) {
  edit_all(0);
  ASSERT_THAT(daemon_.start({root_}), HasSubstr("ready"));
  test::RawClient reader = daemon_.client();
  ASSERT_TRUE(test::begins_event_stream(reader));
  for (int round = 1; round <= kWarmUp; ++round) {
    edit_all(round);
    ASSERT_TRUE(hears_all(reader, round));
  }
  const auto before = test::ProcessUsage::of(daemon_.pid());

  constexpr int kTinyBuffer = 4'096;
  std::list<test::RawClient> slow;
  for (const test::Transport transport : test::kTransports) {
    for (int i = 0; i < kSlowOfEachKind; ++i) {
      test::RawClient& client = slow.emplace_back(daemon_.port(), kTinyBuffer);
      client.authorize(daemon_.token());
      ASSERT_TRUE(test::begins_to_listen(client, transport));
    }
  }
  for (int round = kWarmUp + 1; round <= kLast; ++round) {
    edit_all(round);
    ASSERT_TRUE(hears_all(reader, round)) << "round " << round;
  }
  const auto after = test::ProcessUsage::of(daemon_.pid());
  if (test::kMemoryIsGivenBack) {
    EXPECT_LT(after.private_kib, before.private_kib + slow.size() * kMostKibOfEach);
  }

  const std::string stats = daemon_.client().get("/api/v1/realtime").body;
  size_t behind = 0;
  for (size_t at = 0; (at = stats.find("\"behind\":true", at)) != std::string::npos; ++at) ++behind;
  EXPECT_EQ(behind, slow.size()) << "nothing more is put into their queues";

  // Who reads after all is brought up to date, without what has been overtaken.
  EXPECT_TRUE(hears_all(slow.front(), kLast));
  edit_all(kLast + 1);
  EXPECT_TRUE(hears_all(slow.front(), kLast + 1));
}

}  // namespace
}  // namespace specd
