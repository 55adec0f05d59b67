#include "realtime/command.h"

#include <gmock/gmock.h>

#include "base/json.h"

namespace specd::realtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<Command> parse(const std::string& event, const std::string& data) {
  return parse_command(event, json::parse(data).value());
}

TEST(Command, AMessageIsAnObjectWithAnEvent) {
  const auto message =
      parse_message(R"({"event":"subscribe","ref":"a","data":{"id":"x"},"other":1})");
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message->event, "subscribe");
  EXPECT_EQ(message->ref.text, "a");
  EXPECT_EQ(message->data.find("id")->text, "x");
  for (const std::string bad : {"", "x", "[]", "{}", R"({"event":1})", R"({"event":""})",
                                R"({"event":"a","ref":{}})", R"({"event":"a","event":"b"})"}) {
    const auto refused = parse_message(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_THAT(refused.error().message, testing::AnyOf(HasSubstr("message"), HasSubstr("ref")));
  }
  EXPECT_FALSE(parse_message(R"({"event":"a","ref":")" + std::string(300, 'x') + R"("})"));
}

TEST(Command, SubscribeNamesWhatIsWanted) {
  const auto command =
      parse("subscribe", R"({"id":"board","projects":["a","b"],"specs":"E13-*","types":["spec.*"],
                             "includeChildren":true,"throttle_ms":250,"since":"7-42.44"})");
  ASSERT_TRUE(command) << command.error().message;
  EXPECT_EQ(command->kind, Command::Kind::subscribe);
  EXPECT_EQ(command->id, "board");
  EXPECT_THAT(command->subscription.projects, ElementsAre("a", "b"));
  EXPECT_THAT(command->subscription.specs, ElementsAre("E13-*"));
  EXPECT_THAT(command->subscription.types, ElementsAre("spec.*"));
  EXPECT_TRUE(command->subscription.has_children);
  EXPECT_EQ(command->throttle, std::chrono::milliseconds(250));
  EXPECT_EQ(command->since, (proto::EventCursor{{7, 42}, 44}));
}

TEST(Command, NothingSaidIsEverything) {
  for (const char* data : {"{}", "null"}) {
    const auto command = parse("subscribe", data);
    ASSERT_TRUE(command) << data;
    EXPECT_TRUE(command->subscription.wants_everything());
    EXPECT_FALSE(command->id || command->since || command->throttle);
  }
}

TEST(Command, AnIdThatWeNeverGaveOutLiesInNoEpoch) {
  EXPECT_EQ(parse("subscribe", R"({"since":"yesterday"})")->since, proto::EventCursor{});
}

TEST(Command, WhatCannotBeMeantIsSaid) {
  const std::vector<std::pair<std::string, std::string>> bad{
      {R"({"spec":"a"})", "no member \"spec\""},
      {R"({"id":""})", "id must be"},
      {R"({"id":1})", "id must be"},
      {R"({"specs":1})", "specs must be"},
      {R"({"specs":["a",null]})", "specs must be"},
      {R"({"specs":[""]})", "none of them empty"},
      {R"({"types":["spec.update"]})", "no type"},
      {R"({"children":"yes"})", "true or false"},
      {R"({"throttle_ms":-1})", "throttle_ms must be"},
      {R"({"throttle_ms":60001})", "throttle_ms must be"},
      {R"({"throttle_ms":"1"})", "throttle_ms must be"},
      {R"({"throttle_ms":1.5})", "throttle_ms must be"},
      {R"({"since":7})", "since must be"},
      {R"([])", "data must be"}};
  for (const auto& [data, words] : bad) {
    const auto refused = parse("subscribe", data);
    ASSERT_FALSE(refused) << data;
    EXPECT_THAT(refused.error().message, HasSubstr(words)) << data;
  }
  EXPECT_THAT(parse("shout", "{}").error().message, HasSubstr("\"shout\" is not understood"));
  EXPECT_THAT(parse("unsubscribe", R"({"specs":"a"})").error().message, HasSubstr("but id"));
}

TEST(Command, SubscriptionsAreTold) {
  Interests interests;
  EXPECT_EQ(subscriptions_json(interests), "[]");
  ASSERT_TRUE(interests.put("b", {.projects = {"shop"}, .specs = {"E13-*"}, .has_children = true}));
  ASSERT_TRUE(interests.put("a", {.types = {"spec.*"}}));
  EXPECT_EQ(subscriptions_json(interests),
            R"([{"id":"a","projects":[],"specs":[],"types":["spec.*"],"children":false},)"
            R"({"id":"b","projects":["shop"],"specs":["E13-*"],"types":[],"children":true}])");
}

TEST(Command, AConnectionHasSoManySubscriptionsAtMost) {
  Interests interests;
  for (size_t i = 0; i < Interests::kMost; ++i) {
    ASSERT_TRUE(interests.put(std::to_string(i), {}));
  }
  EXPECT_FALSE(interests.put("one more", {}));
  EXPECT_TRUE(interests.put("0", {.types = {"spec.*"}})) << "in the place of another";
}

TEST(Command, ASubscriptionHasSoMuchTextAtMostHoweverItIsSpreadOut) {
  const std::string quarter(Interests::kMostText / 4, 'x');
  Interests interests;
  ASSERT_TRUE(interests.put("a", {.specs = {quarter, quarter}}));
  ASSERT_TRUE(interests.put("b", {.projects = {quarter}}));
  EXPECT_FALSE(interests.put("c", {.projects = {quarter}})) << "names count, too";
  EXPECT_TRUE(interests.put("b", {.specs = {"y"}})) << "in the place of another";
  EXPECT_TRUE(interests.put("c", {.projects = {quarter}}));
  EXPECT_EQ(interests.all().size(), 3u);
}

}  // namespace
}  // namespace specd::realtime
