#include "net/request_parser.h"

#include <gtest/gtest.h>

#include <optional>

#include "net/objection.h"
#include "tests/net/unclean_requests.h"

namespace specd::net {
namespace {

using State = RequestParser::State;

struct Read {
  State state = State::head;
  int refusal = 0;  ///< its status
  std::string method, target, body;
  size_t fields = 0;
  size_t taken = 0;

  bool operator==(const Read&) const = default;
};

/// What becomes of these bytes if they come in pieces of this size.
Read read(const std::string& bytes, size_t piece, const RequestParser::Limits& limits = {}) {
  RequestParser parser(limits);
  std::string received;
  Read result;
  std::optional<Response> refusal;
  const auto goes_on = [&] {
    return !refusal && (parser.state() == State::head || parser.state() == State::body);
  };
  for (size_t at = 0; at < bytes.size() && goes_on(); at += piece) {
    received += bytes.substr(at, piece);
    while (!received.empty() && goes_on()) {
      const bool was_head = parser.state() == State::head;
      const size_t taken = parser.take(received);
      received.erase(0, taken);
      result.taken += taken;
      if (was_head && parser.state() != State::head && parser.state() != State::refused)
        refusal = objection(parser.head(), {.port = 80});
      if (taken == 0) break;
    }
  }
  result.state = refusal ? State::refused : parser.state();
  if (parser.state() == State::refused) refusal = parser.refusal();
  if (refusal) {
    result.refusal = refusal->status;
    result.taken = 0;  // nobody looks at what is left
  } else if (result.state == State::complete) {
    const Request request = parser.release();
    result.method = request.method;
    result.target = request.target;
    result.body = request.body;
    result.fields = request.headers.size();
  }
  return result;
}

TEST(RequestParser, UncleanRequestsAreRefusedHoweverTheyCome) {
  for (const auto& [status, unclean] : test::unclean_requests()) {
    const std::string bytes =
        test::for_host(unclean, "localhost") + "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (size_t piece : {bytes.size(), size_t{1}, size_t{7}}) {
      const Read result = read(bytes, piece);
      EXPECT_EQ(result.state, State::refused) << bytes << "in pieces of " << piece;
      EXPECT_EQ(result.refusal, status) << bytes << "in pieces of " << piece;
    }
  }
}

TEST(RequestParser, PiecesMakeNoDifference) {
  const std::string host = "Host: localhost\r\n";
  const std::string requests[] = {
      "GET /a?b=%20c HTTP/1.1\r\n" + host + "\r\n",
      "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello",
      "POST /echo HTTP/1.1\r\n" + host +
          "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;ext=\"1\"\r\n world\r\n0\r\nX: "
          "1\r\n\r\n",
      "GET /a HTTP/1.0\r\n" + host + "\r\n",
      "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n"};
  const std::string next = "GET /next HTTP/1.1\r\n" + host + "\r\n";
  for (const std::string& request : requests) {
    const Read whole = read(request + next, request.size() + next.size());
    EXPECT_EQ(whole.state, State::complete) << request;
    EXPECT_EQ(whole.taken, request.size()) << "the next request is left alone: " << request;
    for (size_t piece = 1; piece < request.size(); ++piece)
      EXPECT_EQ(read(request + next, piece), whole) << request << "in pieces of " << piece;
    for (size_t part = 0; part < request.size(); ++part)
      EXPECT_EQ(read(request.substr(0, part), request.size()).refusal, 0) << part << request;
  }
}

TEST(RequestParser, FieldsBehindTheLastChunkAreDropped) {
  RequestParser parser({});
  std::string bytes =
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2\r\nab\r\n0\r\nHost: evil.example\r\nX-Number: 7\r\n\r\n";
  bytes.erase(0, parser.take(bytes));
  ASSERT_EQ(parser.state(), State::body);
  EXPECT_EQ(parser.head().headers.count("host"), 1u);
  parser.take(bytes);
  ASSERT_EQ(parser.state(), State::complete);
  const Request request = parser.release();
  EXPECT_EQ(request.headers.get("host"), "localhost");
  EXPECT_EQ(request.headers.find("x-number"), nullptr);
  EXPECT_EQ(request.body, "ab");
}

TEST(RequestParser, TheLimitsAreExact) {
  const std::string head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n";
  const RequestParser::Limits fits{.head_bytes = head.size(), .fields = 2, .body_bytes = 3};
  for (size_t piece : {size_t{1}, size_t{1000}}) {
    EXPECT_EQ(read(head + "abc", piece, fits).state, State::complete) << piece;
    auto limits = fits;
    --limits.head_bytes;
    EXPECT_EQ(read(head + "abc", piece, limits).refusal, 431) << piece;
    limits = fits;
    --limits.fields;
    EXPECT_EQ(read(head + "abc", piece, limits).refusal, 431) << piece;
    limits = fits;
    --limits.body_bytes;
    EXPECT_EQ(read(head + "abc", piece, limits).refusal, 413) << piece;
  }
}

}  // namespace
}  // namespace specd::net
