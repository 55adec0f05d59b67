#include "proto/event.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace specd::proto {
namespace {

Value object_of(const std::string& json) {
  return json::parse(json).value();
}

Event updated() {
  return {.id = {7, 42},
          .type = "spec.updated",
          .project = "alpha",
          .key = "KEY",
          .origin = "disk",
          .at = from_us(1'800'000'000'000'000),
          .payload = object_of(R"({"id":"x","changes":["title"]})")};
}

TEST(EventCursor, IsReadBack) {
  EXPECT_EQ(to_string(EventCursor{{1'800'000'000'000'000, 9}}), "1800000000000000-9");
  EXPECT_EQ(parse_event_cursor("1800000000000000-9"), (EventCursor{{1'800'000'000'000'000, 9}}));
  EXPECT_EQ(to_string(EventCursor{{7, 9}, 12}), "7-9.12");
  EXPECT_EQ(to_string(EventCursor{{7, 9}, 9}), "7-9") << "nothing is ahead";
  EXPECT_EQ(parse_event_cursor("7-9.12"), (EventCursor{{7, 9}, 12}));
  for (const char* text : {"", "-", "1", "1-", "-1", "1-2-3", "a-1", "1-b", " 1-2", "1--2", "1-2.",
                           "1.2-3", "1-2.3.4", "1-2.-3", "99999999999999999999-1"}) {
    EXPECT_FALSE(parse_event_cursor(text)) << text;
  }
}

TEST(EventOnTheWire, CarriesItsPayloadBesideItsOwnMembers) {
  EXPECT_EQ(to_json(updated()),
            "{\"type\":\"spec.updated\",\"seq\":42,\"project\":\"alpha\",\"key\":\"KEY\","
            "\"origin\":\"disk\",\"actor\":null,\"timestamp\":\"2027-01-15T08:00:00.000000Z\","
            "\"id\":\"x\",\"changes\":[\"title\"]}");
}

TEST(EventOnTheWire, IsTheSameFromJsonAsFromItsObject) {
  for (const char* json : {R"({"id":"x","changes":["title"],"metadata":{"n":1,"s":null}})", "{}"}) {
    Event read = updated(), kept = updated();
    read.payload = object_of(json);
    kept.payload = Payload::of_json(json);
    EXPECT_EQ(to_json(kept), to_json(read));
    EXPECT_EQ(kept.text("id"), read.text("id"));
    EXPECT_EQ(to_json(kept), to_json(read)) << "after it was read";
    kept.payload.edit().entries.emplace_back("more", Value{});
    read.payload.edit().entries.emplace_back("more", Value{});
    EXPECT_EQ(to_json(kept), to_json(read)) << "after it was changed";
  }
}

TEST(EventOnTheWire, PayloadNeverReplacesOurMembers) {
  Event event = updated();
  event.payload = object_of(R"({"seq":1,"type":"other","more":true})");
  const std::string json = to_json(event);
  EXPECT_NE(json.find("\"seq\":42"), std::string::npos) << json;
  EXPECT_EQ(json.find("other"), std::string::npos) << json;
  EXPECT_NE(json.find("\"more\":true"), std::string::npos) << json;
}

TEST(EventOnTheWire, IsOneLineWhateverItHolds) {
  Event event = updated();
  event.project = "a\n\nb\r\"";
  event.payload = Value{};
  const std::string json = to_json(event);
  EXPECT_EQ(json.find_first_of("\n\r"), std::string::npos) << json;
}

TEST(EventOnTheWire, ABatchHoldsItsEvents) {
  EXPECT_EQ(batch_json({"{\"a\":1}", "{}"}),
            "{\"type\":\"specs.batch\",\"count\":2,\"events\":[{\"a\":1},{}]}");
}

}  // namespace
}  // namespace specd::proto
