#include "net/stream.h"

#include <gmock/gmock.h>

#include "base/thread.h"
#include "tests/net/desk_fixture.h"

namespace specd::net {
namespace {

using test::comes_true;
using test::RawClient;
using testing::HasSubstr;

class StreamTest : public DeskTest {
 protected:
  void attach(RawClient& client, const std::string& fields = "") {
    const size_t before = desk_->stats().streams;
    client.send_request("GET", "/events", fields);
    EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("Content-Type: text/event-stream\r\n"));
    EXPECT_EQ(client.read_until("\n\n"), ": welcome\n\n");
    ASSERT_TRUE(comes_true([&] { return desk_->stats().streams == before + 1; }));
  }
};

TEST_F(StreamTest, BytesArriveInOrder) {
  open();
  RawClient client = this->client();
  attach(client);
  on_loop([&] {
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(streams_[0]->write(std::to_string(i) + "\n"));
  });
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(client.read_until("\n"), std::to_string(i) + "\n");
}

TEST_F(StreamTest, EndsWithTheRightToIt) {
  admit_ = [](const Request& head) {
    Admission admission;
    if (head.headers.find("x-guest") != nullptr)
      admission.holds_for = std::chrono::milliseconds(50);
    return admission;
  };
  open();
  RawClient guest = client(), other = client();
  attach(other);
  attach(guest, "X-Guest: 1\r\n");
  EXPECT_TRUE(guest.is_ended());
  EXPECT_TRUE(comes_true([&] { return closed_ == 1; })) << "its owner hears of it";
  on_loop([&] { EXPECT_TRUE(streams_[0]->write("more\n")); });
  EXPECT_EQ(other.read_until("\n"), "more\n");
}

TEST_F(StreamTest, KeepsNoRoomForABody) {
  open({.body_limit = 1'000, .workers = 1});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(desk_->port()));
    clients.back()->send_request("GET", "/events", "", std::string(1'000, 'b'));
    EXPECT_THAT(clients.back()->read_until("welcome\n\n"), HasSubstr("200 OK"));
  }
}

TEST_F(StreamTest, CostsNoWorker) {
  open({.workers = 1});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<RawClient>(desk_->port()));
    attach(*clients.back());
  }
  RawClient other = client();
  EXPECT_EQ(other.get("/hello").status, 200);
  on_loop([&] {
    for (const auto& stream : streams_) EXPECT_TRUE(stream->write("all\n"));
  });
  for (const auto& client : clients) EXPECT_EQ(client->read_until("\n"), "all\n");
}

TEST_F(StreamTest, QueueOfASlowClientIsBoundedAndToldWhenItIsEmpty) {
  open({.stream_queue = 64 << 10});
  RawClient slow(desk_->port(), 4096);
  attach(slow);
  size_t taken = 0;
  on_loop([&] {
    while (streams_[0]->write(std::string(16 << 10, 'x'))) taken += 16 << 10;
  });
  // What is being sent, and at most the queue behind it.
  EXPECT_LE(taken, size_t{16 + 64} << 10);
  EXPECT_EQ(slow.read_until(std::string(taken, 'x')).size(), taken);
  EXPECT_TRUE(comes_true([&] {
    size_t drained = 0;
    on_loop([&] { drained = drained_; });
    return drained == 1;
  }));
  on_loop([&] { EXPECT_TRUE(streams_[0]->write("again\n")); });
  EXPECT_EQ(slow.read_until("\n"), "again\n");
}

TEST_F(StreamTest, ClientThatTakesNothingIsGivenUp) {
  open({.write_limit = std::chrono::milliseconds(50), .stream_queue = 32 << 20});
  RawClient deaf(desk_->port(), 4096);
  attach(deaf);
  on_loop([&] { EXPECT_TRUE(streams_[0]->write(std::string(16 << 20, 'x'))); });
  EXPECT_TRUE(comes_true([&] { return closed_ == 1; }));
  on_loop([&] { EXPECT_FALSE(streams_[0]->write("x")); });
}

TEST_F(StreamTest, AQuietStreamOutlivesTheLimitOfAWrite) {
  open({.write_limit = std::chrono::milliseconds(20)});
  RawClient client = this->client();
  attach(client);
  // As many limits later as other work takes.
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
  RawClient other = this->client();
  while (std::chrono::steady_clock::now() < until) EXPECT_EQ(other.get("/hello").status, 200);
  on_loop([&] { EXPECT_TRUE(streams_[0]->write("still here\n")); });
  EXPECT_EQ(client.read_until("\n"), "still here\n");
  EXPECT_EQ(closed_, 0u);
}

TEST_F(StreamTest, OwnerHearsThatTheClientHasGone) {
  open();
  {
    RawClient client = this->client();
    attach(client);
  }
  EXPECT_TRUE(comes_true([&] { return closed_ == 1; }));
  EXPECT_TRUE(comes_true([&] { return desk_->stats().connections == 0; }));
}

TEST_F(StreamTest, CloseSendsWhatIsQueuedFirst) {
  open();
  RawClient client = this->client();
  attach(client);
  on_loop([&] {
    EXPECT_TRUE(streams_[0]->write(std::string(100'000, 'x') + "!"));
    streams_[0]->close();
    EXPECT_FALSE(streams_[0]->write("after"));
  });
  EXPECT_EQ(client.read_until("!").size(), 100'001u);
  EXPECT_TRUE(client.is_ended());
  EXPECT_TRUE(comes_true([&] { return desk_->stats().streams == 0; }));
  EXPECT_EQ(closed_, 0u);
}

TEST_F(StreamTest, StreamsOfOneCallerCanBeEnded) {
  admit_ = [](const Request& request) {
    return Admission{.caller = Caller{std::stoull(*request.headers.find("x-number"))},
                     .refusal = {}};
  };
  open();
  RawClient leaving = client(), staying = client();
  attach(leaving, "X-Number: 7\r\n");
  attach(staying, "X-Number: 8\r\n");
  desk_->end_streams(Caller{7});
  EXPECT_TRUE(leaving.is_ended());
  ASSERT_TRUE(comes_true([&] { return closed_ == 1; }));
  on_loop([&] { EXPECT_TRUE(streams_[1]->write("on\n")); });
  EXPECT_EQ(staying.read_until("\n"), "on\n");
}

TEST_F(StreamTest, ClientsThatTalkWithoutAPauseAreEndedToo) {
  constexpr size_t kTalkers = 8;
  open();
  std::vector<RawClient> clients;
  for (size_t i = 0; i < kTalkers; ++i) attach(clients.emplace_back(desk_->port()));
  std::atomic<int> said = 0;
  std::vector<Thread> talking;
  for (RawClient& client : clients) {
    talking.emplace_back("talking", [&] {
      const std::string words(64 << 10, 'x');
      while (client.send(words)) ++said;
    });
  }
  EXPECT_TRUE(comes_true([&] { return said > 100; }));
  desk_->end_streams(Caller::nobody);
  EXPECT_TRUE(comes_true([&] { return closed_ == kTalkers; }));
  desk_->stop();  // so that nobody talks on
}

TEST_F(StreamTest, RefusedStreamIsAnOrdinaryAnswer) {
  refusal_ = problem(404, "not_found", "no such project");
  open();
  RawClient client = this->client();
  const auto answer = client.get("/events");
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body, HasSubstr("no such project"));
  EXPECT_TRUE(client.is_ended());
}

TEST_F(StreamTest, TimersFireOnceAndNotAfterTheirEnd) {
  open();
  std::atomic<int> fired = 0;
  std::unique_ptr<Loop::Timer> kept;
  std::unique_ptr<Loop::Timer> dropped;
  on_loop([&] {
    dropped = desk_->loop().after(std::chrono::milliseconds(0), [&] { fired += 10; });
    dropped.reset();
    kept = desk_->loop().after(std::chrono::milliseconds(1), [&] { fired += 1; });
  });
  EXPECT_TRUE(comes_true([&] { return fired == 1; }));
  on_loop([&] { kept.reset(); });
  EXPECT_EQ(fired, 1);
}

}  // namespace
}  // namespace specd::net
