#include "net/stream.h"

#include <gmock/gmock.h>
#include <malloc.h>

#include <fstream>

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

/// Bytes of one connection that are sent and not read yet (tcp(7), tcp_wmem), and the little that
/// the slow reader of these tests has room for.
size_t kernel_takes_at_most() {
  size_t least = 0, usual = 0, most = 0;
  std::ifstream("/proc/sys/net/ipv4/tcp_wmem") >> least >> usual >> most;
  EXPECT_GT(most, 0u);
  return most + (size_t{64} << 10);
}

TEST_F(StreamTest, QueueOfASlowClientIsBoundedAndToldWhenItIsEmpty) {
  open({.stream_queue = 64 << 10});
  RawClient slow(desk_->port(), 4096);
  attach(slow);
  // What the kernel takes on its way, what is being sent, and at most the queue behind it.
  const size_t most = kernel_takes_at_most() + (size_t{16 + 64} << 10);
  size_t taken = 0;
  on_loop([&] {
    while (taken <= most && streams_[0]->write(std::string(16 << 10, 'x'))) taken += 16 << 10;
  });
  EXPECT_LE(taken, most);
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

class WebsocketStreamTest : public DeskTest {
 protected:
  static constexpr const char* kFields =
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  /// As a client must send it, with a mask of zeros.
  static std::string text(const std::string& message) {
    return "\x81" + std::string(1, static_cast<char>(0x80 | message.size())) +
           std::string(4, '\0') + message;
  }
  static std::string framed(const std::string& message) {
    std::string frame;
    websocket::append_text(frame, message);
    return frame;
  }
  void attach(RawClient& client, const std::string& early = "") {
    client.send("GET /ws HTTP/1.1\r\nHost: " + client.host() + "\r\n" + kFields + "\r\n" + early);
    EXPECT_THAT(client.read_until("\r\n\r\n"),
                testing::StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
    EXPECT_EQ(client.read_until("\n\n"), ": welcome\n\n");
  }
  [[nodiscard]] bool has_heard(const std::vector<std::string>& messages) {
    return comes_true([&] {
      bool is_so = false;
      on_loop([&] { is_so = heard_ == messages; });
      return is_so;
    });
  }
};

TEST_F(WebsocketStreamTest, BothSidesSpeak) {
  open();
  RawClient client = this->client();
  attach(client, text("early"));
  client.send(text("one") + text("two").substr(0, 4));
  EXPECT_TRUE(has_heard({"early", "one"}));
  client.send(text("two").substr(4));
  EXPECT_TRUE(has_heard({"early", "one", "two"}));
  on_loop([&] { EXPECT_TRUE(streams_[0]->write(framed("hello"))); });
  EXPECT_EQ(client.read_until("hello"), framed("hello"));
}

TEST_F(WebsocketStreamTest, PingsAreAnsweredAndCount) {
  open();
  RawClient client = this->client();
  attach(client);
  SteadyTime before{}, after{};
  on_loop([&] { before = streams_[0]->last_heard(); });
  client.send(std::string("\x89\x81\0\0\0\0?", 7));
  EXPECT_EQ(client.read_until("?"), "\x8a\x01?");
  on_loop([&] { after = streams_[0]->last_heard(); });
  EXPECT_GT(after, before);
}

TEST_F(WebsocketStreamTest, WhatWasSaidLeavesNoRoomBehind) {
  constexpr size_t kClients = 50, kSaid = 8'000, kMayStay = 1'000;
  open();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (size_t i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<RawClient>(desk_->port()));
    attach(*clients.back());
  }
  SteadyTime begin{};
  on_loop([&] { begin = system_clock().steady(); });
  const size_t before = mallinfo2().uordblks;
  // They do not read it, so that it takes no room on their side.
  on_loop([&] {
    for (const auto& stream : streams_) EXPECT_TRUE(stream->write(std::string(kSaid, 'x')));
  });
  for (const auto& client : clients) client->send(std::string("\x8a\x80\0\0\0\0", 6));
  EXPECT_TRUE(comes_true([&] {
    bool has_heard_all = false;
    on_loop([&] {
      has_heard_all = std::ranges::all_of(
          streams_, [&](const auto& stream) { return stream->last_heard() > begin; });
    });
    return has_heard_all && mallinfo2().uordblks < before + kClients * kMayStay;
  })) << "each keeps "
      << (mallinfo2().uordblks - before) / kClients << " bytes";
}

TEST_F(WebsocketStreamTest, AClosingClientIsAnsweredAndItsOwnerHearsOfIt) {
  open();
  RawClient client = this->client();
  attach(client);
  client.send(std::string("\x88\x82\0\0\0\0\x03\xe8", 8));
  EXPECT_EQ(client.read_until("\xe8"), "\x88\x02\x03\xe8");
  EXPECT_TRUE(client.is_ended());
  EXPECT_TRUE(comes_true([&] { return closed_ == 1; }));
}

TEST_F(WebsocketStreamTest, TooLongAMessageEndsIt) {
  open({.message_limit = 100});
  RawClient client = this->client();
  attach(client);
  client.send(std::string("\x81\xfe\x01\x00\0\0\0\0", 8) + std::string(256, 'x'));
  EXPECT_EQ(client.read_until("\xf1"), "\x88\x02\x03\xf1");
  EXPECT_TRUE(client.is_ended());
  EXPECT_TRUE(has_heard({}));
}

TEST_F(WebsocketStreamTest, AStoppingServerSaysSo) {
  open();
  RawClient client = this->client();
  attach(client);
  desk_->stop();
  EXPECT_EQ(client.read_until("\xe9"), "\x88\x02\x03\xe9");
  EXPECT_TRUE(client.is_ended());
  EXPECT_EQ(closed_, 1u);
}

TEST_F(WebsocketStreamTest, WhatIsNoHandshakeIsRefused) {
  open();
  RawClient client = this->client();
  client.send_request("GET", "/ws",
                      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n");
  const test::RawResponse answer = client.read_response();
  EXPECT_EQ(answer.status, 426);
  EXPECT_EQ(answer.headers.at("Sec-WebSocket-Version"), "13");
}

TEST_F(WebsocketStreamTest, APageOfAnotherSiteIsRefused) {
  open();
  RawClient client = this->client();
  client.send_request("GET", "/ws", std::string(kFields) + "Origin: https://evil.example\r\n");
  EXPECT_EQ(client.read_response().status, 403);
}

}  // namespace
}  // namespace specd::net
