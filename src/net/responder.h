#pragma once

#include <functional>
#include <memory>

#include "net/message.h"

namespace specd::net {

/// The right to answer one request: once, now or later, from any thread, while no worker waits.
/// Copies are the same right. If the last one goes unused, the client hears 500.
class Responder {
 public:
  using Send = std::function<void(Response)>;

  explicit Responder(Send send);

  /// Never waits. Only the first answer counts; one that comes after the client or the server has
  /// gone is dropped.
  void operator()(Response response) const;

 private:
  struct Right;
  std::shared_ptr<Right> right_;
};

}  // namespace specd::net
