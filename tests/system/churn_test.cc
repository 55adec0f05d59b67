// Clients that come, listen, and go, again and again.

#include <gmock/gmock.h>

#include <deque>
#include <filesystem>
#include <iostream>
#include <optional>

#include "tests/system/daemon_process.h"
#include "tests/system/listener_clients.h"
#include "tests/system/process_usage.h"

namespace specd {
namespace {

using testing::HasSubstr;

constexpr int kAtOnce = 60;
constexpr int kWarmUp = 1'000, kVisits = 10'000;
/// Some of Socket.IO's clients say nothing when they go, and are given up after three heartbeats.
constexpr int kWithoutGoodbye = 50;
/// What the allocator may keep for another time. A leak of 100 bytes per visit is more.
constexpr size_t kSlackKib = 1'024;

class ChurnTest : public testing::Test {
 protected:
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }
  /// The clients of one address have some 28,000 ports, each of which rests for a minute after use.
  static uint32_t address_of(int visit) {
    constexpr uint32_t kLoopback = 127u << 24;
    return kLoopback + 2 + static_cast<uint32_t>(visit) % 200;
  }
  void visit(int number) {
    test::RawClient& client = there_.emplace_back(daemon_.port(), 0, address_of(number));
    client.authorize(token_);
    const auto transport = test::kTransports[number % std::size(test::kTransports)];
    if (transport != test::Transport::socket_io) {
      ASSERT_TRUE(test::begins_to_listen(client, transport));
    } else {
      test::SocketIoSession session(client);
      ASSERT_TRUE(session.is_open());
      ASSERT_TRUE(session.connect());
      ASSERT_TRUE(number % kWithoutGoodbye == 0 || session.end());
    }
    if (there_.size() > kAtOnce) there_.pop_front();
  }
  /// So many, to the end of the last of them.
  void visits(int count) {
    for (int i = 0; i < count && !HasFatalFailure(); ++i) visit(i);
    there_.clear();
  }
  /// When nobody is there any more but who waits for that, which it does by the heartbeats.
  std::optional<test::ProcessUsage> usage_at_rest() {
    test::RawClient listener = daemon_.client(), asking = daemon_.client();
    if (!test::begins_event_stream(listener)) return std::nullopt;
    for (int beats = 0; beats < 10 && !listener.read_until("\n\n").empty(); ++beats) {
      const std::string status = asking.get("/api/v1/status").body;
      if (status.find("\"connections\":2,") != std::string::npos &&
          status.find("\"subscribers\":1,") != std::string::npos) {
        return test::ProcessUsage::of(daemon_.pid());
      }
    }
    return std::nullopt;
  }

  test::DaemonProcess daemon_;
  std::string token_;
  std::deque<test::RawClient> there_;
};

TEST_F(ChurnTest, TenThousandVisitsLeaveNothingBehind) {
  const std::string root = daemon_.folder() + "/app";
  std::filesystem::create_directories(root + "/openspec/changes/x");
  daemon_.add_to_environment("SPECD_EVENTS_HEARTBEAT_SECONDS=1");
  ASSERT_THAT(daemon_.start({root}), HasSubstr("ready"));
  token_ = daemon_.token();
  visits(kWarmUp);
  const auto before = usage_at_rest();
  ASSERT_TRUE(before);
  visits(kVisits);
  const auto after = usage_at_rest();
  ASSERT_TRUE(after);
  EXPECT_EQ(after->descriptors, before->descriptors);
  EXPECT_EQ(after->threads, before->threads);
  if (test::kMemoryIsGivenBack) {
    EXPECT_LE(after->private_kib, before->private_kib + kSlackKib);
  }
}

}  // namespace
}  // namespace specd
