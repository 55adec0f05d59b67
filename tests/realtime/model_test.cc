// Clients of every temper against a server that commits, trims and restarts: at the end each of
// them has what the server has, and none was told the same thing twice.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/json.h"
#include "base/rng.h"
#include "realtime/broadcaster.h"
#include "tests/realtime/fakes.h"
#include "tests/realtime/frames.h"

namespace specd::realtime {
namespace {

using State = std::map<std::string, std::string>;  // version, by key

/// Chance with words for it.
class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  uint64_t below(uint64_t count) { return random_.next() % count; }

 private:
  SeededRandom random_;
};

Value scalar(const std::string& text) {
  return {.kind = Value::Kind::scalar, .text = text};
}

/// The specs as they are, and the outbox that tells of them.
struct Server {
  void change(Dice& random) {
    const std::string key = "k" + std::to_string(random.below(30));
    const auto found = specs.find(key);
    const std::string version = std::to_string(++last_version);
    Value payload{.kind = Value::Kind::map};
    payload.entries.push_back({"id", scalar(random.below(2) == 0 ? "E13-" + key : key)});
    payload.entries.push_back({"version", scalar(version)});
    if (random.below(12) == 0) return tell_urgent(key);
    if (found != specs.end() && random.below(6) == 0) {
      specs.erase(found);
      return outbox.commit(key, "spec.deleted", payload);
    }
    const bool is_new = found == specs.end();
    specs[key] = version;
    outbox.commit(key, is_new ? "spec.created" : "spec.updated", payload);
  }
  void tell_urgent(const std::string& key) {
    outbox.commit(key, "conflict.detected");
    urgent.insert(outbox.latest().seq);
  }

  State specs;
  FakeOutbox outbox;
  int64_t last_version = 0;
  std::set<int64_t> urgent;  // of all time
};

/// A program that keeps a view by what it is told.
struct Client {
  const Dialect& dialect;
  int throttle_ms;
  size_t window;          // bytes that its queue holds
  uint64_t takes_one_in;  // how often it reads at all

  std::shared_ptr<FakeStream> stream;
  std::string last_id;
  std::string unread;  // a frame that has not come whole
  State view;
  std::set<int64_t> seen;  // what it was told; begins anew with a new view
  int64_t begins_at = 0;   // the seq that its view was read at
  int64_t resyncs = 0;

  void take(const Server& server, const std::string& bytes) {
    unread += bytes;
    while (dialect.is_two_way()) {
      const auto frame = take_frame(unread);
      if (!frame) return;
      if (frame->opcode == 1) hear(server, json::parse(frame->payload).value());
    }
    for (size_t end = unread.find("\n\n"); end != std::string::npos; end = unread.find("\n\n")) {
      frame(server, unread.substr(0, end));
      unread.erase(0, end + 2);
    }
  }
  void begin(const Server& server) {
    view = server.specs;
    seen.clear();
    begins_at = server.outbox.latest().seq;
  }

 private:
  static std::string line(const std::string& frame, const std::string& name) {
    const std::string field = name + ": ";
    for (size_t at = 0; at < frame.size();) {
      const size_t end = std::min(frame.find('\n', at), frame.size());
      if (frame.compare(at, field.size(), field) == 0)
        return frame.substr(at + field.size(), end - at - field.size());
      at = end + 1;
    }
    return "";
  }
  void frame(const Server& server, const std::string& text) {
    if (const std::string id = line(text, "id"); !id.empty()) last_id = id;
    const std::string data = line(text, "data");
    if (data.empty()) return;
    tell(server, json::parse(data).value());
  }
  /// Over a WebSocket.
  void hear(const Server& server, const Value& message) {
    if (const Value* id = message.find("id")) last_id = id->text;
    const Value* data = message.find("data");
    if (data != nullptr && data->find("type") != nullptr) tell(server, *data);
  }
  void tell(const Server& server, const Value& message) {
    if (message.find("type")->text == "resync") {
      ++resyncs;
      return begin(server);
    }
    const Value* events = message.find("events");
    if (events == nullptr) return apply(message);
    for (const Value& event : events->items) apply(event);
  }
  void apply(const Value& event) {
    const int64_t seq = std::stoll(event.find("seq")->text);
    EXPECT_TRUE(seen.insert(seq).second) << seq << " came twice";
    if (seq <= begins_at) return;  // what was read has it
    const std::string& type = event.find("type")->text;
    const std::string& key = event.find("key")->text;
    if (type == "spec.deleted") view.erase(key);
    if (type == "spec.created" || type == "spec.updated") view[key] = event.find("version")->text;
  }
};

class ModelTest : public testing::TestWithParam<uint64_t> {
 protected:
  void connect(Client& client) {
    client.stream = std::make_shared<FakeStream>(client.window);
    client.unread.clear();
    net::Request request{.method = "GET"};
    const std::string throttle = std::to_string(client.throttle_ms);
    if (!client.dialect.is_two_way()) request.query.add("throttle_ms", throttle);
    if (!client.last_id.empty() && !client.dialect.is_two_way()) {
      request.headers.add("last-event-id", client.last_id);
    }
    EXPECT_FALSE(broadcaster_->open(request, client.stream, client.dialect));
    if (client.dialect.is_two_way()) {
      const std::string since =
          client.last_id.empty() ? "" : R"(,"since":")" + client.last_id + '"';
      client.stream->hear(loop_.now());
      client.stream->say(R"({"event":"subscribe","data":{"throttle_ms":)" + throttle + since +
                         "}}");
    }
    if (client.last_id.empty()) client.begin(server_);
  }
  void drop(Client& client) {
    const std::string bytes = client.stream->drain();
    client.take(server_, bytes.substr(0, random_.below(bytes.size() + 1)));
    client.stream->hang_up();
    connect(client);
  }
  void restart() {
    for (Client& client : clients_) {
      client.take(server_, client.stream->drain());
      client.stream->hang_up();
    }
    loop_.run();  // it outlives its tasks
    start();
    for (Client& client : clients_) connect(client);
  }
  void start() {
    broadcaster_ = std::make_unique<Broadcaster>(loop_, server_.outbox.feed(),
                                                 BroadcasterOptions{.max_sessions = 100,
                                                                    .page = 16,
                                                                    .max_single = 5,
                                                                    .messages_per_second = 50,
                                                                    .message_burst = 10});
  }
  void step() {
    server_.change(random_);
    broadcaster_->notify();
    if (random_.below(3) != 0) loop_.run();
    if (random_.below(4) == 0)
      loop_.advance(std::chrono::milliseconds(static_cast<int64_t>(random_.below(200))));
    for (Client& client : clients_) {
      client.stream->hear(loop_.now());
      if (random_.below(client.takes_one_in) == 0) client.take(server_, client.stream->drain());
      if (random_.below(40) == 0) drop(client);
    }
    if (random_.below(100) == 0) restart();
    if (random_.below(200) == 0) server_.outbox.renew();
    if (random_.below(50) == 0) server_.outbox.trim_to(random_.below(40));
  }
  /// Everybody takes what there is until nothing comes any more.
  void settle() {
    for (int round = 0; round < 200; ++round) {
      for (Client& client : clients_) {
        client.stream->hear(loop_.now());
        client.take(server_, client.stream->drain());
      }
      loop_.advance(std::chrono::milliseconds(100));
    }
  }

  Dice random_{GetParam()};
  FakeLoop loop_;
  Server server_;
  std::unique_ptr<Broadcaster> broadcaster_;
  std::vector<Client> clients_;
};

TEST_P(ModelTest, EveryClientEndsWithWhatTheServerHas) {
  start();
  for (const size_t window : {100UL, 1'000UL, 1'000'000UL}) {
    for (const uint64_t takes_one_in : {1UL, 5UL, 50UL}) {
      for (const int throttle_ms : {0, 150}) {
        for (const Dialect* dialect : {&sse(), &websocket()}) {
          clients_.push_back({.dialect = *dialect,
                              .throttle_ms = throttle_ms,
                              .window = window,
                              .takes_one_in = takes_one_in});
        }
      }
    }
  }
  for (Client& client : clients_) connect(client);
  for (int i = 0; i < 1'500; ++i) step();
  settle();
  for (size_t i = 0; i < clients_.size(); ++i) {
    const Client& client = clients_[i];
    EXPECT_EQ(client.view, server_.specs) << "client " << i;
    for (const int64_t seq : server_.urgent)
      EXPECT_TRUE(seq <= client.begins_at || client.seen.contains(seq))
          << "client " << i << " was not told of the conflict " << seq;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, testing::Range<uint64_t>(1, 13));

}  // namespace
}  // namespace specd::realtime
