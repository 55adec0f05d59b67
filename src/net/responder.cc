#include "net/responder.h"

#include <atomic>

namespace specd::net {

struct Responder::Right {
  explicit Right(Send s) : send(std::move(s)) {}
  ~Right() {
    if (!is_used) use(problem(500, "internal", "the request was given up without an answer"));
  }
  Right(const Right&) = delete;
  Right& operator=(const Right&) = delete;

  void use(Response response) {
    if (!is_used.exchange(true)) send(std::move(response));
  }

  const Send send;
  std::atomic<bool> is_used = false;
};

Responder::Responder(Send send) : right_(std::make_shared<Right>(std::move(send))) {}

void Responder::operator()(Response response) const {
  right_->use(std::move(response));
}

}  // namespace specd::net
