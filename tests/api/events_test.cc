#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

using testing::HasSubstr;

class ApiEventsTest : public ApiTest {
 protected:
  /// Subscribes, and returns the id that the stream begins after.
  std::string subscribe(test::RawClient& client, const std::string& target,
                        const std::string& fields = "") {
    client.send_request("GET", target, fields);
    EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("Content-Type: text/event-stream"));
    const std::string greeting = client.read_until("\n\n");
    const size_t id = greeting.find("id: ");
    return id == std::string::npos ? "" : greeting.substr(id + 4, greeting.size() - id - 6);
  }
};

TEST_F(ApiEventsTest, CommittedEventArrivesAtEveryAddress) {
  std::vector<std::unique_ptr<test::RawClient>> clients;
  for (const char* target : {"/api/v1/events", "/api/events", "/api/events/specs?types=spec.*"}) {
    clients.push_back(std::make_unique<test::RawClient>(desk_->port()));
    subscribe(*clients.back(), target);
  }
  EXPECT_EQ(broadcaster_->sessions(), 3u);
  commit_event("spec.updated", R"({"id":"a"})");
  for (const auto& client : clients) {
    const std::string frame = client->read_until("\n\n");
    EXPECT_THAT(frame, HasSubstr("event: spec.updated\n"));
    EXPECT_THAT(frame, HasSubstr(R"("project":"alpha","key":"KEY-a","origin":"disk")"));
    EXPECT_THAT(frame, HasSubstr(R"("id":"a")"));
  }
}

TEST_F(ApiEventsTest, ReturningClientHearsWhatItMissed) {
  std::string last;
  {
    test::RawClient client = this->client();
    last = subscribe(client, "/api/v1/events");
  }
  commit_event("spec.created");
  commit_event("spec.updated");
  test::RawClient client = this->client();
  subscribe(client, "/api/v1/events", "Last-Event-ID: " + last + "\r\n");
  EXPECT_THAT(client.read_until("\n\n"), HasSubstr("event: spec.created\n"));
  EXPECT_THAT(client.read_until("\n\n"), HasSubstr("event: spec.updated\n"));
  commit_event("spec.deleted");
  EXPECT_THAT(client.read_until("\n\n"), HasSubstr("event: spec.deleted\n"));
}

TEST_F(ApiEventsTest, TrimmedLogMeansResync) {
  commit_event("spec.created");
  std::string last;
  {
    test::RawClient client = this->client();
    last = subscribe(client, "/api/v1/events");
  }
  // More than are still in memory.
  for (int i = 0; i < 100; ++i) commit_event("spec.updated");
  writing([&] { store::must(tables().events.trim(WallTime(), 1)); });
  test::RawClient client = this->client();
  subscribe(client, "/api/v1/events?since=" + last);
  EXPECT_THAT(client.read_until("\n\n"), HasSubstr("event: resync\n"));
  commit_event("spec.deleted");
  EXPECT_THAT(client.read_until("\n\n"), HasSubstr("event: spec.deleted\n"));
}

TEST_F(ApiEventsTest, NewEpochMeansResyncForThoseWhoListen) {
  test::RawClient client = this->client();
  subscribe(client, "/api/v1/events");
  writing([&] { store::must(tables().events.renew(store::kNow + std::chrono::hours(1))); });
  commit_event("spec.updated");
  EXPECT_THAT(client.read_until("\n\n"), HasSubstr("event: resync\n"));
}

TEST_F(ApiEventsTest, FilterDecidesWhatComes) {
  test::RawClient client = this->client();
  subscribe(client, "/api/v1/events?project=alpha&types=spec.deleted");
  commit_event("spec.updated");
  commit_event("spec.deleted");
  EXPECT_THAT(client.read_until("\n\n"), HasSubstr("event: spec.deleted\n"));
}

TEST_F(ApiEventsTest, WhoListensIsTold) {
  EXPECT_EQ(get("/api/v1/realtime").body,
            R"({"listeners":[],"opened":0,"refused":0,"messages":0,"resyncs":0,"given_up":0})");
  test::RawClient client = this->client();
  subscribe(client, "/api/v1/events?project=alpha&spec=E13-*&children=true&throttle_ms=20",
            "User-Agent: a test\r\n");
  expect_problem(get("/api/v1/events?types=nothing"), 400, "bad_subscription");
  commit_event("spec.updated", R"({"id":"E13-a"})");
  EXPECT_THAT(client.read_until("\n\n"), HasSubstr("event: spec.updated\n"));
  const std::string told = get("/api/v1/realtime").body;
  EXPECT_EQ(at(told, "listeners/0/agent"), "a test");
  EXPECT_EQ(at(told, "listeners/0/subscriptions/0/specs/0"), "E13-*");
  EXPECT_EQ(at(told, "listeners/0/subscriptions/0/children"), "true");
  EXPECT_EQ(at(told, "listeners/0/throttle_ms"), "20");
  EXPECT_THAT(at(told, "listeners/0/last_event_id"), testing::EndsWith("-1"));
  EXPECT_EQ(at(told, "listeners/0/behind"), "false");
  EXPECT_EQ(at(told, "opened"), "1");
  EXPECT_EQ(at(told, "refused"), "1");
  EXPECT_EQ(at(told, "messages"), "1");
}

TEST_F(ApiEventsTest, AWebSocketHearsWhatItSubscribedTo) {
  test::RawClient client = this->client();
  client.send_request("GET", "/api/v1/ws",
                      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  EXPECT_THAT(client.read_until("\r\n\r\n"), testing::StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(client.read_until("}}"), HasSubstr(R"({"event":"welcome","data":{"heartbeat_ms":)"));
  const std::string wish = R"({"event":"subscribe","data":{"types":["spec.*"]}})";
  // Masked, as a client's must be, with a mask of zeros.
  client.send("\x81" + std::string(1, static_cast<char>(0x80 | wish.size())) +
              std::string(4, '\0') + wish);
  EXPECT_THAT(client.read_until("}}"), HasSubstr(R"({"event":"subscriptions","id":")"));
  EXPECT_EQ(at(get("/api/v1/realtime").body, "listeners/0/transport"), "websocket");
  commit_event("spec.updated", R"({"id":"a"})");
  EXPECT_THAT(client.read_until("}}"), HasSubstr(R"("data":{"type":"spec.updated","seq":)"));
}

TEST_F(ApiEventsTest, AClientOfSocketIoHearsByPolls) {
  const std::string address = "/socket.io/?EIO=4&transport=polling";
  const std::string sid = at(get(address).body.substr(1), "sid");
  const std::string mine = address + "&sid=" + sid;
  const auto say = [&](const std::string& packets) {
    test::RawClient client = this->client();
    client.send_request("POST", mine, "Content-Type: text/plain;charset=UTF-8\r\n", packets);
    EXPECT_EQ(client.read_response().body, "ok");
  };
  say("40/specs,");
  EXPECT_THAT(get(mine).body, HasSubstr(R"(42/specs,["welcome",)"));
  say(R"(42/specs,["subscribe",{"types":["spec.*"]}])");
  EXPECT_THAT(get(mine).body, HasSubstr(R"(42/specs,["subscriptions",)"));
  test::RawClient waiting = client();
  waiting.send_request("GET", mine);
  commit_event("spec.updated", R"({"id":"a"})");
  EXPECT_THAT(waiting.read_response().body, testing::StartsWith(R"(42/specs,["spec.updated",)"));
  EXPECT_EQ(at(get("/api/v1/realtime").body, "listeners/0/transport"), "socket.io");
  EXPECT_EQ(get(address + "&sid=nobody").status, 400);
}

TEST_F(ApiEventsTest, TheAddressOfTheWebSocketSaysWhatItIsFor) {
  const auto answer = get("/api/v1/ws");
  expect_problem(answer, 426, "upgrade_required");
  EXPECT_EQ(answer.headers.at("Upgrade"), "websocket");
  expect_problem(get("/api/v1/ws", "Upgrade: websocket\r\nConnection: Upgrade\r\n"), 426,
                 "websocket_version");
}

TEST_F(ApiEventsTest, AProjectThatIsGoneIsStillKnownToWhoAskedForIt) {
  test::RawClient client = this->client();
  subscribe(client, "/api/v1/events?project=alpha");
  writing([&] {
    store::must(tables().events.append({.type = "project.removed",
                                        .project = ProjectId{4711},
                                        .origin = "api",
                                        .payload = R"({"slug":"alpha","root":"/roots/alpha"})",
                                        .at = store::kNow}));
  });
  broadcaster_->notify();
  const std::string frame = client.read_until("\n\n");
  EXPECT_THAT(frame, HasSubstr("event: project.removed\n"));
  EXPECT_THAT(frame, HasSubstr(R"("project":"alpha")"));
}

TEST_F(ApiEventsTest, BadFilterIsAProblem) {
  expect_problem(get("/api/v1/events?types="), 400, "bad_subscription");
  expect_problem(get("/api/v1/events?types=%"), 400, "bad_target");
  expect_problem(get("/api/v1/events?project=beta"), 404, "not_found");
}

TEST_F(ApiEventsTest, OtherPagesHearNothing) {
  expect_problem(get("/api/v1/events", "Origin: http://evil.example\r\n"), 403, "foreign_origin");
}

TEST_F(ApiEventsTest, HeadIsAnOrdinaryAnswer) {
  test::RawClient client = this->client();
  client.send_request("HEAD", "/api/v1/events");
  const auto head = client.read_response(false);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("Content-Type"), "text/event-stream");
  EXPECT_EQ(client.get("/api/v1/health").status, 200);
}

}  // namespace
}  // namespace specd::api
