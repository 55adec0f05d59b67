#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/message.h"
#include "net/responder.h"

namespace specd::net {

/// Routes and handlers, over cpp-httplib without its sockets: it understands the request line and
/// words the answer (HEAD, lengths). Header fields and bodies never reach it; the front desk has
/// read them, within limits that this version of cpp-httplib does not keep.
///
/// Routes are added before the first request. `serve` may then be called from any thread.
class App {
 public:
  /// Answers through the responder, before it returns or later. What it throws becomes a 500
  /// without a word of it.
  using Handler = std::function<void(const Request&, Responder)>;
  /// Takes the answer as HTTP/1.1 bytes.
  using Reply = std::function<void(std::string)>;
  /// The version of the state that handlers read: grows with every change of it. None: not known at
  /// this moment.
  using StateVersion = std::function<std::optional<uint64_t>()>;
  /// Whether an answer is worded anew each time, or only after the state has changed.
  enum class Caching { none, while_unchanged };

  App();
  ~App();

  /// `pattern`: see Router; behind a '?' the names that its query may have, as "/a/{name}?limit&q".
  /// A request with another one is refused, so that nobody takes a slip for an answer; "?*" takes
  /// any. A GET answers HEAD as well. What is cached must depend on nothing but the address, the
  /// fields Accept-Encoding and If-None-Match, and the state; the same for every caller.
  void get(std::string_view pattern, Handler handler, Caching caching = Caching::none);
  void post(std::string_view pattern, Handler handler);
  void put(std::string_view pattern, Handler handler);
  void patch(std::string_view pattern, Handler handler);
  void del(std::string_view pattern, Handler handler);

  /// Without it nothing is cached. Called on the threads that call `serve`.
  void set_state_version(StateVersion version);

  struct Route {
    std::string method;
    std::string pattern;                  ///< of its path
    std::vector<std::string> parameters;  ///< of its query; "*": any
  };
  /// Every one that was added, in that order.
  [[nodiscard]] const std::vector<Route>& routes() const;

  /// Answers `request` through `reply`, once: on this thread, or on the one that answers later.
  /// What no route takes becomes a problem: 404, 405, or 400 `unknown_parameter`.
  void serve(Request request, Reply reply) const;

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace specd::net
