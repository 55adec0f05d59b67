#include "proto/event.h"

#include <gtest/gtest.h>

namespace specd::proto {
namespace {

Event updated() {
  return {.id = {7, 42},
          .type = "spec.updated",
          .project = "alpha",
          .spec = "KEY",
          .origin = "disk",
          .at = from_us(1'800'000'000'000'000),
          .payload = R"({"id":"x","fields":["title"]})"};
}

TEST(EventId, IsReadBack) {
  EXPECT_EQ(to_string(EventId{1'800'000'000'000'000, 9}), "1800000000000000-9");
  EXPECT_EQ(parse_event_id("1800000000000000-9"), (EventId{1'800'000'000'000'000, 9}));
  for (const char* text : {"", "-", "1", "1-", "-1", "1-2-3", "a-1", "1-b", " 1-2", "1--2",
                           "99999999999999999999-1"}) {
    EXPECT_FALSE(parse_event_id(text)) << text;
  }
}

TEST(EventOnTheWire, CarriesItsPayloadBesideItsOwnMembers) {
  EXPECT_EQ(to_sse(updated()),
            "id: 7-42\nevent: spec.updated\n"
            "data: {\"seq\":42,\"type\":\"spec.updated\",\"project\":\"alpha\",\"spec\":\"KEY\","
            "\"origin\":\"disk\",\"actor\":null,\"at\":\"2027-01-15T08:00:00.000000Z\","
            "\"id\":\"x\",\"fields\":[\"title\"]}\n\n");
}

TEST(EventOnTheWire, PayloadNeverReplacesOurMembers) {
  Event event = updated();
  event.payload = R"({"seq":1,"type":"other","more":true})";
  const std::string frame = to_sse(event);
  EXPECT_NE(frame.find("\"seq\":42"), std::string::npos) << frame;
  EXPECT_EQ(frame.find("other"), std::string::npos) << frame;
  EXPECT_NE(frame.find("\"more\":true"), std::string::npos) << frame;
}

TEST(EventOnTheWire, IsOneFrameWhateverItHolds) {
  Event event = updated();
  event.project = "a\n\nb\r\"";
  event.payload = "not JSON";
  const std::string frame = to_sse(event);
  EXPECT_EQ(frame.find("\n\n"), frame.size() - 2) << frame;
  EXPECT_EQ(frame.find('\r'), std::string::npos);
}

TEST(EventOnTheWire, ResyncSaysWhereToGoOn) {
  EXPECT_EQ(resync_sse({7, 50}),
            "id: 7-50\nevent: resync\ndata: {\"type\":\"resync\",\"seq\":50}\n\n");
}

TEST(EventOnTheWire, CursorHasNoData) {
  // Without data, a client takes the id and dispatches nothing.
  EXPECT_EQ(cursor_sse({7, 50}), ":\nid: 7-50\n\n");
}

}  // namespace
}  // namespace specd::proto
