#include "net/http_client.h"

#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <charconv>

namespace specd::net {
namespace {

void set_up(httplib::Client& client, const HttpClient::Options& options) {
  client.set_tcp_nodelay(true);
  client.set_connection_timeout(options.connect_limit);
  client.set_read_timeout(options.answer_limit);
  client.set_write_timeout(options.answer_limit);
  client.set_url_encode(false);  // targets come encoded
  const bool is_v6 = options.host.find(':') != std::string::npos;
  httplib::Headers headers = {{"Host", (is_v6 ? "[" + options.host + "]" : options.host) + ":" +
                                           std::to_string(options.port)}};
  if (!options.token.empty()) headers.emplace("Authorization", "Bearer " + options.token);
  client.set_default_headers(std::move(headers));
}

httplib::Client connect(const HttpClient::Options& options) {
  httplib::Client client(options.host, options.port);
  set_up(client, options);
  return client;
}

std::string lower(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

Failure failure(const HttpClient::Options& options, httplib::Error error) {
  const std::string address = options.host + ":" + std::to_string(options.port);
  switch (error) {
    case httplib::Error::Connection:
      return fail(Code::not_found, "nothing answers at " + address);
    case httplib::Error::ConnectionTimeout:
    case httplib::Error::Read:
      return fail(Code::busy, address + " did not answer in time");
    default:
      return fail(Code::io, address + ": " + httplib::to_string(error));
  }
}

Result<Response> taken(const HttpClient::Options& options, httplib::Result result) {
  if (!result) return failure(options, result.error());
  Response response{.status = result->status, .headers = {}, .body = std::move(result->body)};
  for (const auto& [name, value] : result->headers) response.headers.add(lower(name), value);
  return response;
}

}  // namespace

Result<HttpClient::Options> HttpClient::options_for(const std::string& url) {
  std::string rest = url.starts_with("http://") ? url.substr(7) : url;
  rest = rest.substr(0, rest.find('/'));
  const size_t colon = rest.rfind(':');
  Options options;
  options.host = rest.substr(0, colon);
  if (options.host.starts_with('[') && options.host.ends_with(']'))
    options.host = options.host.substr(1, options.host.size() - 2);
  const std::string port = colon == std::string::npos ? "" : rest.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), options.port);
  if (error != std::errc() || end != port.data() + port.size() || options.port == 0)
    return fail(Code::invalid, url + ": not an address such as http://127.0.0.1:4400/");
  return options;
}

Result<Response> HttpClient::get(const std::string& target) const {
  return taken(options_, connect(options_).Get(target));
}

Result<Response> HttpClient::post(const std::string& target, const std::string& json) const {
  return taken(options_, connect(options_).Post(target, json, "application/json"));
}

Result<Response> HttpClient::patch(const std::string& target, const std::string& json) const {
  return taken(options_, connect(options_).Patch(target, json, "application/json"));
}

Result<Response> HttpClient::del(const std::string& target) const {
  return taken(options_, connect(options_).Delete(target));
}

struct HttpStream::Impl {
  explicit Impl(const HttpClient::Options& wanted)
      : options(wanted), client(wanted.host, wanted.port) {
    set_up(client, options);
  }
  const HttpClient::Options options;
  httplib::Client client;
  std::atomic<bool> is_stopped = false;
};

HttpStream::HttpStream(const HttpClient::Options& options)
    : impl_(std::make_unique<Impl>(options)) {}
HttpStream::~HttpStream() = default;

Result<> HttpStream::read(const std::string& target,
                          const std::function<void(std::string_view)>& on_bytes) {
  int status = 0;
  const auto result = impl_->client.Get(
      target, {{"Accept", "text/event-stream"}},
      [&](const httplib::Response& head) {
        status = head.status;
        return status == 200 && !impl_->is_stopped;
      },
      [&](const char* data, size_t size) {
        on_bytes({data, size});
        return !impl_->is_stopped.load();
      });
  if (status != 0 && status != 200)
    return fail(Code::refused, "the daemon answered " + std::to_string(status));
  if (!result && status == 0) return failure(impl_->options, result.error());
  return {};
}

void HttpStream::stop() {
  impl_->is_stopped = true;
  impl_->client.stop();
}

}  // namespace specd::net
