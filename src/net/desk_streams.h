#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "net/connection.h"
#include "net/desk_counts.h"
#include "net/front_desk.h"
#include "net/loop.h"
#include "net/message.h"
#include "net/parting.h"
#include "net/stream.h"

// For the files of this folder that know Asio.
namespace specd::net {

class Session;

/// The connections of the front desk that have become streams. Loop thread only, but for `count`.
class DeskStreams {
 public:
  using Open = std::function<std::optional<Response>(const Request&, std::shared_ptr<Stream>)>;

  /// All of these outlive it.
  DeskStreams(const FrontDeskOptions& options, Loop& loop, Parting& parting, AnswerCounts& answers)
      : options_(options), loop_(loop), parting_(parting), answers_(answers) {}

  /// Before the first one: who opens a session on it, or says why not.
  void opened_by(Open open) { open_ = std::move(open); }
  /// What asks for a stream is one from now on, or is told why not; until it has ended.
  [[nodiscard]] boost::asio::awaitable<void> serve(ConnectionPtr connection, Request request,
                                                   Streaming kind);
  /// Ends those of one caller.
  void end(Caller caller);
  /// The desk stops: ends those that there are, and any to come.
  void begin_to_stop();
  /// Nothing runs on the loop afterwards: what did not end in time hears of it now.
  void abandon();

  /// Any thread.
  [[nodiscard]] size_t count() const { return count_; }

 private:
  struct Entry {
    std::shared_ptr<Session> session;
    Caller caller;
  };

  void enter(const Connection& connection, std::shared_ptr<Session> session);
  void leave(const Connection& connection);

  const FrontDeskOptions& options_;
  Loop& loop_;
  Parting& parting_;
  AnswerCounts& answers_;
  Open open_;
  std::map<uint64_t, Entry> sessions_;  // by connection
  bool is_stopping_ = false;
  std::atomic<size_t> count_ = 0;
};

}  // namespace specd::net
