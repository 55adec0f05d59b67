#include "net/negotiation.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace specd::net {
namespace {

std::string unzipped(const std::string& member) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string text(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(member.data()));
  stream.avail_in = static_cast<uInt>(member.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0u);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

constexpr const char* kJson = "application/json";
const std::string kLong = "{" + std::string(20'000, ' ') + "}";
const std::string kShort = "short";

/// What becomes of a full answer to a request with these fields.
Response answered(Fields asked, const std::string& type = kJson, const std::string& body = kLong,
                  const std::string& method = "GET") {
  return negotiated(
      {.headers = {{"Content-Type", type}, {"Cache-Control", "no-cache"}, {"ETag", "\"tag\""}},
       .body = body},
      {.method = method, .target = "/", .headers = std::move(asked)});
}

bool is_gzipped(const Response& response) {
  return response.headers.get("Content-Encoding") == "gzip";
}

TEST(NegotiationTest, WhatIsLongGoesShorterToWhoTakesIt) {
  const Response response = answered({{"accept-encoding", "deflate, gzip;q=0.5, br"}});
  ASSERT_TRUE(is_gzipped(response));
  EXPECT_EQ(unzipped(response.body), kLong);
  EXPECT_EQ(response.headers.get("ETag"), "W/\"tag\"");
  EXPECT_EQ(response.headers.get("Vary"), "Accept-Encoding");
  EXPECT_TRUE(is_gzipped(answered({{"accept-encoding", "gzip"}}, "text/markdown; charset=utf-8")));
}

TEST(NegotiationTest, NobodyElseGetsIt) {
  const Response response = answered({{"accept-encoding", "br"}});
  EXPECT_FALSE(is_gzipped(response));
  EXPECT_EQ(response.body, kLong);
  EXPECT_EQ(response.headers.get("ETag"), "\"tag\"");
  EXPECT_EQ(response.headers.get("Vary"), "Accept-Encoding") << "or caches mix them up";
}

TEST(NegotiationTest, WhatIsShortOrNoTextStaysAsItIs) {
  for (const Response& response :
       {answered({{"accept-encoding", "gzip"}}, kJson, kShort),
        answered({{"accept-encoding", "gzip"}}, "application/octet-stream"),
        negotiated(problem(404, "not_found", std::string(2000, 'x')),
                   {.headers = {{"accept-encoding", "gzip"}}})}) {
    EXPECT_FALSE(is_gzipped(response));
    EXPECT_EQ(response.headers.find("Vary"), nullptr);
  }
}

// RFC 9110, section 12.5.3.
TEST(NegotiationTest, CodingsHaveWeightsOtherNamesAndAnyCase) {
  for (const char* accepted :
       {"gzip", "GZIP", "x-gzip", "X-GZip", "*", "br, *;q=0.1", "gzip;q=0.001", "gzip ; Q=1.000",
        "gzip;q=1, *;q=0", "identity;q=0.5, gzip", "identity;q=0, *", " \tgzip\t,", ",,gzip",
        "gzip;q=0, x-gzip", "compress;q=0.5, gzip;q=1.0"})
    EXPECT_TRUE(takes_gzip({{"accept-encoding", accepted}})) << accepted;
  for (const char* accepted : {"",
                               ",",
                               "identity",
                               "br",
                               "gzip;q=0",
                               "GZIP;Q=0.000",
                               "gzip; q=0.0, br",
                               "*;q=0",
                               "gzip;q=0, *",
                               "identity, gzip;q=0.5",
                               "gzippy",
                               "not-gzip",
                               "br;gzip",
                               "gzip;q=",
                               "gzip;q",
                               "gzip;q=x",
                               "gzip;q=2",
                               "gzip;q=-1",
                               "gzip;q=nan",
                               "gzip;level=1",
                               "gzip;q=1e0"})
    EXPECT_FALSE(takes_gzip({{"accept-encoding", accepted}})) << accepted;
  EXPECT_TRUE(takes_gzip({{"accept-encoding", "br"}, {"x", "y"}, {"accept-encoding", "gzip"}}))
      << "a list may come in several fields";
  EXPECT_FALSE(takes_gzip({}));
}

TEST(NegotiationTest, WhoHasItGetsTheFieldsThatTheWholeAnswerWouldHave) {
  for (const char* accepted : {"gzip", "br"}) {
    for (const std::string& body : {kLong, kShort}) {
      const Response whole = answered({{"accept-encoding", accepted}}, kJson, body);
      for (const char* known : {"\"tag\"", "W/\"tag\"", "\"a\", W/\"tag\",\"b\"", "*", " * "}) {
        const Response none =
            answered({{"accept-encoding", accepted}, {"if-none-match", known}}, kJson, body);
        EXPECT_EQ(none.status, 304) << known;
        EXPECT_EQ(none.body, "");
        for (const char* name : {"ETag", "Vary", "Cache-Control"})
          EXPECT_EQ(none.headers.get(name), whole.headers.get(name)) << name << accepted;
        for (const char* name : {"Content-Type", "Content-Encoding"})
          EXPECT_EQ(none.headers.find(name), nullptr) << name;
      }
    }
  }
}

TEST(NegotiationTest, WhoHasAnotherOneOrChangesSomethingGetsAllOfIt) {
  for (const char* known : {"\"ta\"", "\"tags\"", "tag", "", "\"a*\""})
    EXPECT_EQ(answered({{"if-none-match", known}}).status, 200) << known;
  EXPECT_EQ(answered({{"if-none-match", "\"tag\""}}, kJson, kLong, "POST").status, 200);
  EXPECT_EQ(answered({{"if-none-match", "\"tag\""}}, kJson, kLong, "HEAD").status, 304);
  EXPECT_EQ(answered({{"if-none-match", "\"a\""}, {"if-none-match", "\"tag\""}}).status, 304);
  EXPECT_EQ(
      negotiated({.body = kLong}, {.method = "GET", .headers = {{"if-none-match", "*"}}}).status,
      200)
      << "nothing names it";
}

}  // namespace
}  // namespace specd::net
