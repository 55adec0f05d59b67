#include "realtime/sse.h"

#include <gtest/gtest.h>

namespace specd::realtime {
namespace {

TEST(SseTest, AFrameHasIdTypeAndData) {
  EXPECT_EQ(sse::frame({{7, 42}}, "spec.updated", "{\"a\":1}"),
            "id: 7-42\nevent: spec.updated\ndata: {\"a\":1}\n\n");
  EXPECT_EQ(sse::frame({{7, 42}, 44}, "resync", "{}"), "id: 7-42.44\nevent: resync\ndata: {}\n\n");
}

TEST(SseTest, AHeartbeatHasNoData) {
  // Without data, a client takes the id and dispatches nothing.
  EXPECT_EQ(sse::heartbeat({{7, 50}}), ":\nid: 7-50\n\n");
}

TEST(SseTest, TheGreetingTellsWhoIsNewWhereItIs) {
  EXPECT_EQ(sse::greeting(proto::EventCursor{{7, 50}}), "retry: 1000\n:\nid: 7-50\n\n");
  EXPECT_EQ(sse::greeting(std::nullopt), "retry: 1000\n:\n\n");
}

}  // namespace
}  // namespace specd::realtime
