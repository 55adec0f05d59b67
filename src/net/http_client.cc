#include "net/http_client.h"

#include <httplib.h>

#include <algorithm>
#include <charconv>

namespace specd::net {
namespace {

httplib::Client connect(const HttpClient::Options& options) {
  httplib::Client client(options.host, options.port);
  client.set_tcp_nodelay(true);
  client.set_connection_timeout(options.connect_limit);
  client.set_read_timeout(options.answer_limit);
  client.set_write_timeout(options.answer_limit);
  client.set_url_encode(false);  // targets come encoded
  const bool is_v6 = options.host.find(':') != std::string::npos;
  client.set_default_headers({{"Host", (is_v6 ? "[" + options.host + "]" : options.host) + ":" +
                                           std::to_string(options.port)}});
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

}  // namespace specd::net
