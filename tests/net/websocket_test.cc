#include "net/websocket.h"

#include <gmock/gmock.h>
#include <malloc.h>

#include <cstdint>
#include <utility>

namespace specd::net::websocket {
namespace {

using testing::ContainsRegex;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr size_t kLongest = 1000;

Request asking(Fields fields) {
  return {.method = "GET", .target = "/ws", .headers = std::move(fields)};
}

enum class Opcode : uint8_t { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };
enum class Fragment : uint8_t { first = 0, last = 0x80 };

/// A frame as a client sends it.
std::string frame(Opcode opcode, const std::string& payload, Fragment fragment = Fragment::last) {
  std::string bytes;
  bytes += static_cast<char>(static_cast<int>(fragment) | static_cast<int>(opcode));
  if (payload.size() < 126) {
    bytes += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() <= UINT16_MAX) {
    bytes += static_cast<char>(0x80 | 126);
    for (const int shift : {8, 0}) bytes += static_cast<char>(payload.size() >> shift);
  } else {
    bytes += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes += static_cast<char>(payload.size() >> shift);
    }
  }
  const std::string mask = "\x11\x22\x33\x44";
  bytes += mask;
  for (size_t i = 0; i < payload.size(); ++i) {
    bytes += static_cast<char>(payload[i] ^ mask[i % 4]);
  }
  return bytes;
}

std::string closing(CloseCode code) {
  return close(code);
}

/// Of everything, in pieces of that many bytes.
Reader::Heard hear(const std::string& bytes, size_t piece, size_t longest = kLongest) {
  Reader reader(longest);
  Reader::Heard all;
  for (size_t at = 0; at < bytes.size() && !all.is_over; at += piece) {
    Reader::Heard heard = reader.take(std::string_view(bytes).substr(at, piece));
    for (std::string& message : heard.messages) all.messages.push_back(std::move(message));
    all.answer += heard.answer;
    all.is_over = heard.is_over;
  }
  return all;
}

TEST(WebsocketTest, UpgradeIsWhatABrowserAsksFor) {
  EXPECT_TRUE(is_upgrade(asking({{"upgrade", "websocket"}, {"connection", "Upgrade"}})));
  EXPECT_TRUE(
      is_upgrade(asking({{"upgrade", "WebSocket"}, {"connection", "keep-alive, Upgrade"}})));
  EXPECT_FALSE(is_upgrade(asking({{"upgrade", "websocket"}})));
  EXPECT_FALSE(is_upgrade(asking({{"upgrade", "h2c"}, {"connection", "upgrade"}})));
  EXPECT_FALSE(is_upgrade(asking({})));
  Request posted = asking({{"upgrade", "websocket"}, {"connection", "Upgrade"}});
  posted.method = "POST";
  EXPECT_FALSE(is_upgrade(posted));
}

TEST(WebsocketTest, AcceptsWithTheKeyOfTheStandard) {
  const auto answer = accept(
      asking({{"sec-websocket-version", "13"}, {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

/// RFC 7692: who is not answered with it goes on without.
TEST(WebsocketTest, NoExtensionIsAgreedTo) {
  const auto head =
      accept(asking({{"sec-websocket-version", "13"},
                     {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
                     {"sec-websocket-extensions", "permessage-deflate; client_max_window_bits"}}));
  ASSERT_TRUE(head);
  EXPECT_THAT(*head, StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(*head, Not(ContainsRegex("[Ee]xtensions|deflate")));
}

TEST(WebsocketTest, RefusesOtherVersionsAndKeys) {
  const auto old = accept(
      asking({{"sec-websocket-version", "8"}, {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}}));
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().status, 426);
  EXPECT_EQ(old.error().headers.get("Sec-WebSocket-Version"), "13");
  for (const Fields& keys : {Fields{}, Fields{{"sec-websocket-key", "x"}}}) {
    Request head = asking(keys);
    head.headers.add("sec-websocket-version", "13");
    const auto answer = accept(head);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().status, 400);
  }
}

TEST(WebsocketTest, FramesHaveTheSizesOfTheStandard) {
  const auto framed = [](size_t size) {
    std::string bytes;
    append_text(bytes, std::string(size, 'x'));
    return bytes.substr(0, bytes.size() - size);
  };
  EXPECT_EQ(framed(0), std::string("\x81\x00", 2));
  EXPECT_EQ(framed(125), "\x81\x7d");
  EXPECT_EQ(framed(126), std::string("\x81\x7e\x00\x7e", 4));
  EXPECT_EQ(framed(65'535), "\x81\x7e\xff\xff");
  EXPECT_EQ(framed(65'536), std::string("\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10));
  EXPECT_EQ(ping(), std::string("\x89\x00", 2));
  EXPECT_EQ(close(CloseCode::going_away), "\x88\x02\x03\xe9");
}

TEST(WebsocketTest, MessagesComeInAnyPieces) {
  const std::string bytes = frame(Opcode::text, "one") + frame(Opcode::ping, "?") +
                            frame(Opcode::text, "two ", Fragment::first) + frame(Opcode::pong, "") +
                            frame(Opcode::more, "parts") +
                            frame(Opcode::text, std::string(400, 'x')) + frame(Opcode::text, "");
  for (size_t piece = 1; piece <= bytes.size(); ++piece) {
    const Reader::Heard heard = hear(bytes, piece);
    EXPECT_THAT(heard.messages, ElementsAre("one", "two parts", std::string(400, 'x'), ""))
        << piece;
    EXPECT_EQ(heard.answer, "\x8a\x01?") << piece;
    EXPECT_FALSE(heard.is_over) << piece;
  }
}

TEST(WebsocketTest, CloseIsAnsweredAndEndsIt) {
  const Reader::Heard heard =
      hear(frame(Opcode::close, "\x03\xe8") + frame(Opcode::text, "more"), 1000);
  EXPECT_THAT(heard.messages, IsEmpty());
  EXPECT_EQ(heard.answer, closing(CloseCode::normal));
  EXPECT_TRUE(heard.is_over);
}

struct Violation {
  std::string name;
  std::string bytes;
  int code;  // 0: none is said
};

TEST(WebsocketTest, WhatBreaksTheProtocolEndsIt) {
  std::string unmasked;
  append_text(unmasked, "x");
  std::string reserved = frame(Opcode::text, "x");
  reserved[0] = static_cast<char>(reserved[0] | 0x40);
  const std::vector<Violation> violations{
      {"unmasked", unmasked, 1002},
      {"reserved bit", reserved, 1002},
      {"unknown opcode", frame(static_cast<Opcode>(3), "x"), 1002},
      {"continues nothing", frame(Opcode::more, "x"), 1002},
      {"begins within a message",
       frame(Opcode::text, "x", Fragment::first) + frame(Opcode::text, "y"), 1002},
      {"fragmented ping", frame(Opcode::ping, "x", Fragment::first), 0},
      {"long ping", frame(Opcode::ping, std::string(126, 'x')), 0},
      {"no UTF-8", frame(Opcode::text, "\xff"), 1007},
      {"half a character", frame(Opcode::text, "\xc3"), 1007},
      {"too long", frame(Opcode::text, std::string(kLongest + 1, 'x')), 1009},
      {"too long in pieces",
       frame(Opcode::text, std::string(kLongest, 'x'), Fragment::first) + frame(Opcode::more, "x"),
       1009},
      {"bad close code", frame(Opcode::close, "\x03\xed"), 1002},
  };
  for (const auto& [name, bytes, code] : violations) {
    for (const size_t piece : {size_t{1}, size_t{7}, bytes.size()}) {
      const Reader::Heard heard = hear(bytes, piece);
      EXPECT_TRUE(heard.is_over) << name;
      EXPECT_THAT(heard.messages, IsEmpty()) << name;
      const std::string expected =
          code == 0 ? std::string("\x88\x00", 2) : closing(static_cast<CloseCode>(code));
      EXPECT_EQ(heard.answer, expected) << name;
    }
  }
}

TEST(WebsocketTest, NoRoomIsMadeForALengthThatWasOnlyAnnounced) {
  const std::string announced("\x81\xff\x40\x00\x00\x00\x00\x00\x00\x00\x11\x22\x33\x44", 14);
  const Reader::Heard heard = hear(announced + "x", 1);
  EXPECT_TRUE(heard.is_over);
  EXPECT_EQ(heard.answer, closing(static_cast<CloseCode>(1009)));
}

TEST(WebsocketTest, AMessageTakesTheRoomOfItsTextHoweverManyPiecesItHas) {
  constexpr size_t kPieces = 60'000;
  std::string pieces = frame(Opcode::text, "x", Fragment::first);
  for (size_t i = 1; i < kPieces; ++i) pieces += frame(Opcode::more, "x", Fragment::first);
  Reader reader(kPieces);
  const size_t before = mallinfo2().uordblks;
  EXPECT_FALSE(reader.take(pieces).is_over);
  EXPECT_LT(mallinfo2().uordblks, before + 4 * kPieces);
  EXPECT_THAT(reader.take(frame(Opcode::more, "")).messages,
              ElementsAre(std::string(kPieces, 'x')));
}

}  // namespace
}  // namespace specd::net::websocket
