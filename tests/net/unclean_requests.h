#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace specd::test {

/// A request that must not be served. "HOST" in it stands for a Host line that is ours.
struct UncleanRequest {
  int status;
  std::string bytes;
};

/// Requests that are no HTTP, or whose end two readers could see in different places: RFC 9112
/// sections 2.2, 3, 5 to 7 and 11.2, and what is known to have worked elsewhere. All the fault lies
/// in framing: the Host is good.
inline std::vector<UncleanRequest> unclean_requests() {
  using namespace std::string_literals;
  const std::string post = "POST /echo HTTP/1.1\r\nHOST";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  std::vector<UncleanRequest> all = {
      // No HTTP at all, or of another kind.
      {400, "\x16\x03\x01\x02 hello\r\n\r\n"},
      {400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {400, "GET /hello HTTP/9.1\r\nHOST\r\n"},
      {400, "GET /hello\r\nHOST\r\n"},
      {400, "GET  /hello HTTP/1.1\r\nHOST\r\n"},
      {400, "GET /hello  HTTP/1.1\r\nHOST\r\n"},
      {400, "GET /hel\tlo HTTP/1.1\r\nHOST\r\n"},
      {400, "GET /hel\0lo HTTP/1.1\r\nHOST\r\n"s},
      {400, " GET /hello HTTP/1.1\r\nHOST\r\n"},
      // Line ends.
      {400, "GET /hello HTTP/1.1\nHOST\r\n"},
      {400, "GET /hello HTTP/1.1\r\nHOSTX: 1\nY: 2\r\n\r\n"},
      {400, "GET /hello HTTP/1.1\r\nHOSTX: 1\rY: 2\r\n\r\n"},
      {400, "GET /hello HTTP/1.1\r\nHOST\n\n"},
      {400, "GET /hello HTTP/1.1\r\nHOSTX: a\0b\r\n\r\n"s},
      // Names of fields.
      {400, "GET /hello HTTP/1.1\r\nHOSTX : 1\r\n\r\n"},
      {400, "GET /hello HTTP/1.1\r\nHOST: 1\r\n\r\n"},
      {400, "GET /hello HTTP/1.1\r\nHOSTno colon\r\n\r\n"},
      {400, "GET /hello HTTP/1.1\r\n X: 1\r\nHOST\r\n"},
      // Lines that go on in the next one.
      {400, "GET /hello HTTP/1.1\r\nHOSTX: 1\r\n folded\r\n\r\n"},
      {400, "GET /hello HTTP/1.1\r\nHOSTX: 1\r\n\tfolded\r\n\r\n"},
      {400, post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"},
      {400, post + "X: 1\r\n Content-Length: 5\r\n\r\n"},
      // Both lengths, or none that can be told.
      {400, post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {400, post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
      {400, post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {400, post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"},
      {400, post + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {400, post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"},
      {400, post + "Transfer-Encoding: \x0b"
                   "chunked\r\n\r\n0\r\n\r\n"},
      {400, "POST /echo HTTP/1.0\r\nHOSTTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {400, chunked + "0\r\nContent-Length: 5\r\n\r\n"},
      {400, chunked + "0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      // Encodings that we do not know.
      {501, post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
      {501, post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
      {501, post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
      {501, post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {501, post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"},
      {501, post + "Transfer-Encoding:\r\n\r\n0\r\n\r\n"},
      {415, post + "Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"},
      {501, "BREW /echo HTTP/1.1\r\nHOST\r\n"},
      {501, "get /echo HTTP/1.1\r\nHOST\r\n"},
      // Targets of other forms.
      {400, "GET http://127.0.0.1/hello HTTP/1.1\r\nHOST\r\n"},
      {400, "OPTIONS * HTTP/1.1\r\nHOST\r\n"},
      {400, "CONNECT example.org:443 HTTP/1.1\r\nHOST\r\n"},
      {400, "GET hello HTTP/1.1\r\nHOST\r\n"},
  };
  for (const char* length : {"-1", "+1", "0x1", "1 1", "1,1", "1, 1", "1;", "",
                             "18446744073709551616", "99999999999999999999999999"}) {
    all.push_back({400, post + "Content-Length: " + length + "\r\n\r\nx"});
  }
  for (const char* other : {"1", "2"}) {
    all.push_back({400, post + "Content-Length: 1\r\nContent-Length: " + other + "\r\n\r\nx"});
  }
  for (const char* chunk :
       {"-2\r\n", "+2\r\nab\r\n", "0x2\r\nab\r\n", " 2\r\nab\r\n", "\r\n", "g\r\n", "2\nab\r\n",
        "2\r\nabc\r\n", "2\r\nab0\r\n\r\n", "10000000000000000\r\n", "100000000000000002\r\nab\r\n",
        "2;\x01\r\nab\r\n", "2;a=\"\r\n\"\r\nab\r\n", "2;\nab\r\nab\r\n", "0\r\nX : 1\r\n\r\n",
        "0\r\n X: 1\r\n\r\n", "0\r\nX: 1\n\r\n"}) {
    all.push_back({400, chunked + chunk});
  }
  return all;
}

/// With the Host line in it.
inline std::string for_host(std::string bytes, const std::string& host) {
  const size_t at = bytes.find("HOST");
  if (at != std::string::npos) bytes.replace(at, 4, "Host: " + host + "\r\n");
  return bytes;
}

}  // namespace specd::test
