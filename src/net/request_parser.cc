#include "net/request_parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/assert.h"

// The only file that includes Beast: it costs 20 seconds to compile.
namespace specd::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

Response bad_request(std::string_view what) {
  return problem(400, "bad_request", "this is no HTTP request: " + std::string(what));
}

Response header_too_large() {
  return problem(431, "header_too_large", "the header is too large");
}

Response said_of(error_code ec) {
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) {
    return header_too_large();
  }
  if (ec == http::error::body_limit) {
    return problem(413, "body_too_large", "the body is too large");
  }
  return bad_request(ec.message());
}

/// Whether a line of these goes on in the next one (obs-fold, RFC 9112 section 5.2).
bool is_folded(std::string_view lines) {
  for (size_t end = lines.find('\n'); end < lines.size(); end = lines.find('\n', end + 1)) {
    if (end + 1 < lines.size() && (lines[end + 1] == ' ' || lines[end + 1] == '\t')) return true;
  }
  return false;
}

/// What is wrong with how the head says where the body ends, though it can be understood (RFC 9112
/// sections 6.1, 6.3); empty: nothing.
std::string_view doubt(const Request& head, unsigned version) {
  const std::string* length = head.headers.find("content-length");
  if (head.headers.count("content-length") > 1) return "more than one Content-Length";
  if (length != nullptr && length->find_first_not_of("0123456789") != std::string::npos) {
    return "the Content-Length is no number";
  }
  if (head.headers.count("transfer-encoding") > 1) return "more than one Transfer-Encoding";
  if (head.headers.count("transfer-encoding") == 1 && version < 11) {
    return "HTTP/1.0 has no Transfer-Encoding";
  }
  return {};
}

Request head_of(const http::request<http::string_body>& message) {
  Request request{.method = message.method_string(),
                  .target = message.target(),
                  .query = {},
                  .params = {},
                  .headers = {},
                  .body = {},
                  .keep_alive = message.keep_alive()};
  for (const auto& field : message) {
    std::string name = field.name_string();
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    request.headers.add(std::move(name), std::string(field.value()));
  }
  return request;
}

}  // namespace

struct RequestParser::Impl {
  explicit Impl(const Limits& l) : limits(l) {
    parser.header_limit(static_cast<uint32_t>(l.head_bytes));
    parser.body_limit(l.body_bytes);
  }

  void refuse(Response why) {
    state = State::refused;
    refusal = std::move(why);
  }
  void finish_head() {
    request = head_of(parser.get());
    state = parser.is_done() ? State::complete : State::body;
    if (request.headers.size() > limits.fields) return refuse(header_too_large());
    const std::string_view why = doubt(request, parser.get().version());
    if (!why.empty()) return refuse(bad_request(why));
    parser.eager(true);
  }

  /// Whether so few bytes cannot be the end of the body: Beast's parser ends the process where it
  /// is shown the last chunk, "0\r\n\r\n", in parts.
  [[nodiscard]] bool is_to_come(size_t bytes) const {
    constexpr size_t kLastChunk = 5;
    return state == State::body && parser.chunked() && bytes < kLastChunk;
  }

  const Limits limits;
  http::request_parser<http::string_body> parser;
  size_t head_bytes = 0;
  State state = State::head;
  Request request;
  Response refusal;
};

RequestParser::RequestParser(const Limits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;

size_t RequestParser::take(std::string_view bytes) {
  Impl& impl = *impl_;
  SPECD_ASSERT(impl.state == State::head || impl.state == State::body);
  if (impl.is_to_come(bytes.size())) return 0;
  error_code ec;
  const size_t taken = impl.parser.put(asio::buffer(bytes.data(), bytes.size()), ec);
  const size_t left = bytes.size() - taken;
  if (ec && ec != http::error::need_more) {
    impl.refuse(said_of(ec));
  } else if (impl.state == State::head) {
    // Beast's own limit looks at what it is given at once: a header that comes in pieces is never
    // too large for it.
    impl.head_bytes += taken;
    const bool is_done = impl.parser.is_header_done();
    if (impl.head_bytes + (is_done ? 0 : left) > impl.limits.head_bytes) {
      impl.refuse(header_too_large());
    } else if (is_folded(bytes.substr(0, taken))) {
      impl.refuse(bad_request("a line of the header goes on in the next one"));
    } else if (is_done) {
      impl.finish_head();
    }
  } else if (impl.parser.is_done()) {
    impl.state = State::complete;
    impl.request.body = std::move(impl.parser.get().body());
  } else if (left > impl.limits.head_bytes) {
    // The size of a chunk, its extensions, or the fields behind the last one.
    impl.refuse(bad_request("the end of a line does not come"));
  }
  return taken;
}

RequestParser::State RequestParser::state() const {
  return impl_->state;
}

const Request& RequestParser::head() const {
  return impl_->request;
}

void RequestParser::limit_body(uint64_t bytes) {
  Impl& impl = *impl_;
  if (impl.state != State::body) return;
  impl.parser.body_limit(bytes);
  // Beast has compared this one already.
  if (const auto length = impl.parser.content_length(); length && *length > bytes) {
    impl.refuse(said_of(http::error::body_limit));
  }
}

bool RequestParser::expects_continue() const {
  const std::string_view expect = impl_->request.headers.get("expect");
  return boost::beast::iequals(boost::beast::string_view(expect.data(), expect.size()),
                               "100-continue");
}

Request RequestParser::release() {
  SPECD_ASSERT(impl_->state == State::complete);
  return std::move(impl_->request);
}

const Response& RequestParser::refusal() const {
  return impl_->refusal;
}

}  // namespace specd::net
