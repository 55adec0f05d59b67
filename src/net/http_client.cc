#include "net/http_client.h"

#include <httplib.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <charconv>

#include "net/origin.h"

namespace specd::net {
namespace {

/// As long as it lives, writing to a connection that the other side has closed is an error for this
/// thread, and does not end the process: OpenSSL writes without MSG_NOSIGNAL.
class PipeGuard {
 public:
  PipeGuard() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~PipeGuard() {
    const timespec now{};
    if (!was_pending_) sigtimedwait(&pipe_, nullptr, &now);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  PipeGuard(const PipeGuard&) = delete;
  PipeGuard& operator=(const PipeGuard&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

/// The Host header: an address that was given is a name of whoever listens there.
std::string host_of(const HttpClient::Options& options) {
  const std::string name = in_url(options.connect_to.empty() ? options.host : options.connect_to);
  const bool is_default = options.port == (options.is_tls ? 443 : 80);
  return is_default ? name : name + ":" + std::to_string(options.port);
}

/// Trusts the certificates of one file and no others, whoever has signed them.
void trust_only(httplib::Client& client, const std::string& certificate) {
  client.set_ca_cert_path(certificate);
  X509_STORE_set_flags(SSL_CTX_get_cert_store(client.ssl_context()), X509_V_FLAG_PARTIAL_CHAIN);
}

httplib::Client connect(const HttpClient::Options& options) {
  const std::string scheme = options.is_tls ? "https://" : "http://";
  httplib::Client client(scheme + in_url(options.host) + ":" + std::to_string(options.port));
  client.set_tcp_nodelay(true);
  client.set_connection_timeout(options.connect_limit);
  client.set_read_timeout(options.answer_limit);
  client.set_write_timeout(options.answer_limit);
  client.set_url_encode(false);  // targets come encoded
  httplib::Headers headers = {{"Host", host_of(options)}};
  if (!options.token.empty()) headers.emplace("Authorization", "Bearer " + options.token);
  client.set_default_headers(std::move(headers));
  if (!options.connect_to.empty())
    client.set_hostname_addr_map({{options.host, options.connect_to}});
  if (!options.certificate.empty()) trust_only(client, options.certificate);
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
    case httplib::Error::SSLConnection:
      return fail(Code::refused, address + " does not speak TLS as we do: if it speaks none, ask " +
                                     "http:// instead of https://");
    case httplib::Error::SSLLoadingCerts:
      return fail(Code::refused, options.certificate + ": cannot be read as a certificate");
    case httplib::Error::SSLServerVerification:
      return fail(Code::refused, address + " has another certificate than " +
                                     (options.certificate.empty() ? "one that this machine trusts"
                                                                  : options.certificate) +
                                     ", or one of another name");
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
  Options options;
  options.is_tls = url.starts_with("https://");
  const size_t scheme = options.is_tls ? 8 : url.starts_with("http://") ? 7 : 0;
  const std::string rest = url.substr(scheme, url.find('/', scheme) - scheme);
  const bool has_port = rest.rfind(':') != std::string::npos && !rest.ends_with(']');
  options.host = has_port ? rest.substr(0, rest.rfind(':')) : rest;
  std::string port = has_port ? rest.substr(rest.rfind(':') + 1) : "";
  if (!has_port && options.is_tls) port = "443";
  if (options.host.starts_with('[') && options.host.ends_with(']'))
    options.host = options.host.substr(1, options.host.size() - 2);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), options.port);
  if (error != std::errc() || end != port.data() + port.size() || options.port == 0 ||
      options.host.empty()) {
    return fail(Code::invalid, url + ": not an address such as http://127.0.0.1:4400/");
  }
  return options;
}

Result<Response> HttpClient::send(const Request& request) const {
  const PipeGuard guard;
  httplib::Request asked;
  asked.method = request.method;
  asked.path = request.target;
  asked.body = request.body;
  for (const auto& [name, value] : request.headers) asked.headers.emplace(name, value);
  if (!asked.body.empty() && !asked.has_header("Content-Type"))
    asked.headers.emplace("Content-Type", "application/json");
  return taken(options_, connect(options_).send(asked));
}

Result<Response> HttpClient::get(const std::string& target) const {
  return send({.method = "GET", .target = target});
}

Result<Response> HttpClient::post(const std::string& target, const std::string& json) const {
  return send({.method = "POST", .target = target, .body = json});
}

Result<Response> HttpClient::patch(const std::string& target, const std::string& json) const {
  return send({.method = "PATCH", .target = target, .body = json});
}

Result<Response> HttpClient::del(const std::string& target) const {
  return send({.method = "DELETE", .target = target});
}

struct HttpStream::Impl {
  explicit Impl(const HttpClient::Options& wanted) : options(wanted), client(connect(options)) {}
  const HttpClient::Options options;
  httplib::Client client;
  std::atomic<bool> is_stopped = false;
};

HttpStream::HttpStream(const HttpClient::Options& options)
    : impl_(std::make_unique<Impl>(options)) {}
HttpStream::~HttpStream() {
  const PipeGuard guard;
  impl_.reset();
}

Result<> HttpStream::read(const std::string& target,
                          const std::function<void(std::string_view)>& on_bytes) {
  const PipeGuard guard;
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
  const PipeGuard guard;
  impl_->is_stopped = true;
  impl_->client.stop();
}

}  // namespace specd::net
