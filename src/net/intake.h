#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "net/connection.h"
#include "net/desk_counts.h"
#include "net/front_desk.h"
#include "net/message.h"
#include "net/origin.h"
#include "net/parting.h"
#include "net/request_parser.h"

// For the files of this folder that know Asio.
namespace specd::net {

/// Reads whole requests from the front desk's connections, and lets those through that may be
/// served. Loop thread only, but for `turned_away`.
class Intake {
 public:
  using Admit = std::function<Admission(const Request&)>;

  /// Both outlive it.
  Intake(const FrontDeskOptions& options, Parting& parting)
      : options_(options), parting_(parting), callers_(options.max_caller_connections) {}

  /// Before the first one: by which names clients may ask, and who may come in; null: everybody.
  void begin(OwnNames names, Admit admit);
  /// The next whole request; none if there is no further one, or none that may be served, which the
  /// client has then been told.
  [[nodiscard]] boost::asio::awaitable<std::optional<Request>> next(ConnectionPtr connection);
  /// The connection has ended.
  void forget(const Connection& connection);

  /// Any thread. How many were refused since their caller had too many connections.
  [[nodiscard]] uint64_t turned_away() const { return turned_away_; }

 private:
  boost::asio::awaitable<bool> begins(ConnectionPtr connection);
  boost::asio::awaitable<bool> read_on(ConnectionPtr connection, RequestParser& parser,
                                       RequestParser::State state);
  std::optional<Response> judge(Connection& connection, RequestParser& parser);

  const FrontDeskOptions& options_;
  Parting& parting_;
  OwnNames names_;
  Admit admit_;
  CallerConnections callers_;
  std::atomic<uint64_t> turned_away_ = 0;
};

}  // namespace specd::net
