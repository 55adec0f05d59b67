#pragma once

#include "net/desk_counts.h"
#include "net/message.h"
#include "net/wire.h"

// For the files of this folder that know Asio.
namespace specd::net {

/// How the front desk's connections end. Loop thread only; outlives what it is asked to do.
class Parting {
 public:
  /// `answers`: where the last ones are counted.
  explicit Parting(AnswerCounts& answers) : answers_(answers) {}

  /// Answers, and reads on for a while before the connection is closed: closing with bytes unread
  /// would reset it, and the client might lose the answer.
  [[nodiscard]] boost::asio::awaitable<void> refuse(Wire& from, const Response& response);
  /// The end of a connection on which all was said.
  [[nodiscard]] boost::asio::awaitable<void> from(Wire& wire);
  /// The desk stops: from now on nobody is waited for as long as that.
  void hurry() { is_hurried_ = true; }

 private:
  AnswerCounts& answers_;
  bool is_hurried_ = false;
};

}  // namespace specd::net
