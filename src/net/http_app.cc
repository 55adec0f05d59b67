#include "net/http_app.h"

#include <httplib.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/log.h"
#include "base/mutex.h"
#include "base/path.h"
#include "net/answer_cache.h"
#include "net/negotiation.h"
#include "net/router.h"
#include "net/url.h"

// One request passes process_request() once when it is answered at once. A parked one passes twice:
// the first pass finds the handler and its output is dropped, the second words the answer when it
// is there.
namespace specd::net {
namespace {

/// The bytes of one request in, the bytes of its answer out.
class MemoryStream final : public httplib::Stream {
 public:
  explicit MemoryStream(std::string input) : input_(std::move(input)) {}
  [[nodiscard]] std::string take_output() { return std::move(output_); }

  bool is_readable() const override { return read_ < input_.size(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, size_t size) override {
    const size_t count = std::min(size, input_.size() - read_);
    std::memcpy(to, input_.data() + read_, count);
    read_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* from, size_t size) override {
    output_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  const std::string input_;
  size_t read_ = 0;
  std::string output_;
};

std::string head_of(const Request& request) {
  std::string head = request.method + " " + request.target + " HTTP/1.1\r\n";
  if (!request.keep_alive) head += "Connection: close\r\n";
  return head + "\r\n";
}

/// What this thread's pass puts into the answer; process_request has no other way to tell our
/// callbacks which request they are called for.
using Fill = std::function<Response()>;
thread_local const Fill* current_fill = nullptr;

class Server final : public httplib::Server {
 public:
  Server() {
    set_pre_routing_handler([](const httplib::Request&, httplib::Response& out) {
      put((*current_fill)(), out);
      return HandlerResponse::Handled;
    });
    set_exception_handler(
        [](const httplib::Request&, httplib::Response& out, const std::exception_ptr&) {
          put(problem(500, "internal", "something went wrong here"), out);
        });
    set_error_handler([](const httplib::Request&, httplib::Response& out) {
      // Its own refusals, of request lines that it does not understand, have no body.
      if (out.body.empty()) {
        put(problem(out.status, "bad_request_line", "the request line cannot be served"), out);
      }
    });
    set_post_routing_handler([](const httplib::Request&, httplib::Response& out) {
      out.headers.erase("Keep-Alive");     // the front desk keeps the time
      out.headers.erase("Accept-Ranges");  // no
      // RFC 9110, section 8.6.
      if (out.status == 304 || out.status == 204) out.headers.erase("Content-Length");
    });
  }

  /// One pass: `fill` is called unless the request line is refused.
  [[nodiscard]] std::string answer(const Request& request, const Fill& fill) {
    MemoryStream stream(head_of(request));
    bool is_closed = false;
    const Fill* outer = std::exchange(current_fill, &fill);
    process_request(stream, !request.keep_alive, is_closed, nullptr);
    current_fill = outer;
    return stream.take_output();
  }

 private:
  static void put(Response from, httplib::Response& out) {
    out.status = from.status;
    for (const auto& [name, value] : from.headers) out.set_header(name, value);
    for (const auto& [name, value] : guarding_headers()) {
      if (from.headers.find(name) == nullptr) out.set_header(name, value);
    }
    out.body = std::move(from.body);
  }
};

/// One request until it is answered. The handler's thread and the answering one may be two.
struct Exchange {
  Exchange(Request req, App::Reply rep) : request(std::move(req)), reply(std::move(rep)) {}

  Request request;  // constant once the handler runs
  const App::Reply reply;
  // Of before the handler ran, if its answer is to be cached.
  std::optional<AnswerCache::Version> version;

  Mutex mutex;
  std::optional<Response> answer SPECD_GUARDED_BY(mutex);
  bool is_parked SPECD_GUARDED_BY(mutex) = false;  ///< whoever answers also replies
};

/// Whether the caller is the one who has to reply with `response`; otherwise it was left there for
/// the handler's thread.
bool settle(Exchange& exchange, Response& response) {
  MutexLock lock(exchange.mutex);
  if (exchange.is_parked) return true;
  exchange.answer = std::move(response);
  return false;
}

/// The answer, if there is one already; otherwise the exchange is parked.
std::optional<Response> answer_or_park(Exchange& exchange) {
  MutexLock lock(exchange.mutex);
  exchange.is_parked = !exchange.answer.has_value();
  return std::move(exchange.answer);
}

constexpr size_t kCacheSize = 1 << 20;
constexpr size_t kMaxCacheKey = 1024;

/// Everything in the request that an answer which may be cached depends on. Empty: it is none.
std::string cache_key(const Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return {};
  std::string key = request.method;
  key.append(request.keep_alive ? " " : "!").append(request.target);
  for (const auto& [name, value] : request.headers) {
    if (name == "accept-encoding" || name == "if-none-match")
      key.append("\n").append(name).append(":").append(value);
  }
  if (key.size() > kMaxCacheKey) key.clear();
  return key;
}

Response unrouted(const Router::Match& match) {
  if (match.allowed.empty()) return problem(404, "not_found", "nothing is served at this address");
  Response response = problem(405, "method_not_allowed", "this address takes " + match.allowed);
  response.headers.add("Allow", match.allowed);
  return response;
}

/// "limit&q" as its names.
std::vector<std::string> names_in(std::string_view query) {
  std::vector<std::string> names;
  while (!query.empty()) {
    const std::string_view name = query.substr(0, query.find('&'));
    names.emplace_back(name);
    query.remove_prefix(std::min(query.size(), name.size() + 1));
  }
  return names;
}

/// The refusal of a query that has a name which the route does not take.
std::optional<Response> objection_to(const Fields& query, const App::Route& route) {
  const std::vector<std::string>& known = route.parameters;
  if (std::ranges::find(known, "*") != known.end()) return std::nullopt;
  for (const auto& [name, value] : query) {
    if (std::ranges::find(known, name) != known.end()) continue;
    std::string all;
    for (const std::string& each : known) all += (all.empty() ? "" : ", ") + each;
    return problem(400, "unknown_parameter",
                   "there is no parameter \"" + printable_utf8(name) + "\" here, " +
                       (all.empty() ? "nor any other" : "but " + all));
  }
  return std::nullopt;
}

}  // namespace

struct App::Impl {
  Server server;
  Router router;
  struct Served {
    Handler handler;
    Caching caching;
  };
  std::vector<Served> served;  // by route
  std::vector<Route> routes;   // likewise
  StateVersion state_version;
  AnswerCache cache{kCacheSize};

  void add(const char* method, std::string_view pattern, Handler handler,
           Caching how = Caching::none) {
    const size_t mark = std::min(pattern.find('?'), pattern.size());
    const std::string_view path = pattern.substr(0, mark);
    const Router::RouteId id = router.add(method, path);
    served.resize(id + 1);
    served[id] = {std::move(handler), how};
    routes.push_back(
        {method, std::string(path), names_in(pattern.substr(std::min(mark + 1, pattern.size())))});
  }

  std::optional<std::string> cached(const std::string& key) {
    if (key.empty() || !cache.knows(key)) return std::nullopt;
    const auto version = state_version();
    if (!version) return std::nullopt;
    const AnswerCache::Answer answer = cache.find(*version, key);
    return answer ? std::optional(*answer) : std::nullopt;
  }

  /// The route's answer; none if it comes later.
  std::optional<Response> dispatch(const std::shared_ptr<Exchange>& exchange) {
    Request& request = exchange->request;
    auto target = url::parse_target(request.target);
    if (!target) return problem(400, "bad_target", "the address is not well-formed");
    // SQLite would take such a value for what stands before the NUL.
    for (const auto& [name, value] : target->query) {
      if (value.find('\0') != std::string::npos)
        return problem(400, "bad_target", "no value of a query holds a NUL");
    }
    Router::Match match = router.match(request.method, *target);
    if (!match.route) return unrouted(match);
    if (auto refused = objection_to(target->query, routes[*match.route])) return refused;
    request.query = std::move(target->query);
    request.params = std::move(match.params);
    const Served& route = served[*match.route];
    if (route.caching == Caching::while_unchanged && state_version)
      exchange->version = state_version();
    call(route.handler, exchange);
    return answer_or_park(*exchange);
  }

  void call(const Handler& handler, const std::shared_ptr<Exchange>& exchange) {
    Responder responder([this, exchange](Response response) {
      if (!settle(*exchange, response)) return;
      exchange->reply(server.answer(
          exchange->request, [&] { return negotiated(std::move(response), exchange->request); }));
    });
    try {
      handler(exchange->request, responder);
    } catch (const std::exception& error) {
      log::error("handler failed", {{"method", exchange->request.method}, {"what", error.what()}});
      responder(problem(500, "internal", "something went wrong here"));
    }
  }
};

App::App() : impl_(std::make_unique<Impl>()) {}
App::~App() = default;

void App::get(std::string_view pattern, Handler handler, Caching caching) {
  impl_->add("GET", pattern, std::move(handler), caching);
}

void App::post(std::string_view pattern, Handler handler) {
  impl_->add("POST", pattern, std::move(handler));
}

void App::put(std::string_view pattern, Handler handler) {
  impl_->add("PUT", pattern, std::move(handler));
}

void App::patch(std::string_view pattern, Handler handler) {
  impl_->add("PATCH", pattern, std::move(handler));
}

void App::del(std::string_view pattern, Handler handler) {
  impl_->add("DELETE", pattern, std::move(handler));
}

void App::set_state_version(StateVersion version) {
  impl_->state_version = std::move(version);
}

const std::vector<App::Route>& App::routes() const {
  return impl_->routes;
}

void App::serve(Request request, Reply reply) const {
  std::string key = impl_->state_version ? cache_key(request) : "";
  if (auto cached = impl_->cached(key)) return reply(std::move(*cached));
  const auto exchange = std::make_shared<Exchange>(std::move(request), std::move(reply));
  bool is_parked = false;
  bool is_good = false;
  std::string bytes = impl_->server.answer(exchange->request, [&] {
    auto response = impl_->dispatch(exchange);
    is_parked = !response.has_value();
    if (is_parked) return Response();
    is_good = response->status == 200;
    return negotiated(std::move(*response), exchange->request);
  });
  if (is_parked) return;
  if (exchange->version && !key.empty() && is_good)
    impl_->cache.keep(*exchange->version, std::move(key), bytes);
  exchange->reply(std::move(bytes));
}

}  // namespace specd::net
