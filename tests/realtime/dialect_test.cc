#include "realtime/dialect.h"

#include <gtest/gtest.h>

namespace specd::realtime {
namespace {

using std::chrono::milliseconds;

std::string worded(const Dialect& dialect, const proto::EventCursor& cursor, std::string_view type,
                   std::string_view json) {
  std::string out;
  dialect.append(out, cursor, type, json);
  return out;
}

Value number(const std::string& text) {
  return {.kind = Value::Kind::scalar, .text = text};
}

TEST(Sse, AFrameHasIdTypeAndData) {
  EXPECT_EQ(worded(sse(), {{7, 42}}, "spec.updated", "{\"a\":1}"),
            "id: 7-42\nevent: spec.updated\ndata: {\"a\":1}\n\n");
  EXPECT_EQ(worded(sse(), {{7, 42}, 44}, "resync", "{}"),
            "id: 7-42.44\nevent: resync\ndata: {}\n\n");
}

TEST(Sse, AHeartbeatHasNoData) {
  // Without data, a client takes the id and dispatches nothing.
  EXPECT_EQ(sse().heartbeat(proto::EventCursor{{7, 50}}), ":\nid: 7-50\n\n");
}

TEST(Sse, TheGreetingTellsHowOftenToExpectASignAndWhoIsNewWhereItIs) {
  EXPECT_EQ(sse().greeting(proto::EventCursor{{7, 50}}, milliseconds(15'000)),
            "retry: 1000\n: heartbeat_ms=15000\n:\nid: 7-50\n\n");
  EXPECT_EQ(sse().greeting(std::nullopt, milliseconds(15'000)),
            "retry: 1000\n: heartbeat_ms=15000\n:\n\n");
}

TEST(Websocket, AMessageIsAFrameWithIdTypeAndData) {
  EXPECT_EQ(worded(websocket(), {{7, 42}, 44}, "spec.updated", R"({"a":1})"),
            "\x81\x36"
            R"({"event":"spec.updated","id":"7-42.44","data":{"a":1}})");
}

TEST(Websocket, AHeartbeatIsAMessageAndAPing) {
  EXPECT_EQ(websocket().heartbeat(proto::EventCursor{{7, 50}}),
            "\x81\x21"
            R"({"event":"heartbeat","id":"7-50"})" +
                std::string("\x89\x00", 2));
  EXPECT_EQ(websocket().heartbeat(std::nullopt),
            "\x81\x15"
            R"({"event":"heartbeat"})" +
                std::string("\x89\x00", 2));
}

TEST(Websocket, TheGreetingTellsHowOftenToExpectASign) {
  EXPECT_EQ(websocket().greeting(std::nullopt, milliseconds(15'000)),
            "\x81\x31"
            R"({"event":"welcome","data":{"heartbeat_ms":15000}})");
}

TEST(Websocket, AnAnswerNamesWhatItAnswers) {
  EXPECT_EQ(websocket().reply("error", number("3"), std::nullopt, "{}"),
            "\x81\x23"
            R"({"event":"error","ref":3,"data":{}})");
}

/// Engine.IO's own ping comes with it.
TEST(SocketIo, AHeartbeatIsAPingAndAnEvent) {
  EXPECT_EQ(socket_io().heartbeat(proto::EventCursor{{7, 50}}),
            "2\x1e"
            R"(42/specs,["heartbeat",{},"7-50"])"
            "\x1e");
}

TEST(SocketIo, OnlyWhoMustNotComeBackIsSentAway) {
  EXPECT_EQ(socket_io().farewell(Parting::silent), "");
  EXPECT_EQ(socket_io().farewell(Parting::too_much), "41/specs,\x1e");
}

}  // namespace
}  // namespace specd::realtime
