#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/desk_counts.h"
#include "net/message.h"
#include "net/wire.h"

// For the files of this folder that know Asio.
namespace specd::net {

/// One client of the front desk, as its loop sees it. Loop thread only.
struct Connection : Wire {
  Connection(uint64_t number, boost::asio::ip::tcp::socket socket, const TlsIdentity* tls,
             HeldBytes& bodies, boost::asio::io_context& io)
      : Wire(std::move(socket), tls), id(number), body(bodies), answered(io) {}

  const uint64_t id;
  Caller caller = Caller::nobody;                      // of the latest request
  std::optional<std::chrono::milliseconds> holds_for;  // that caller's right to come in
  std::string received;     // and not looked at yet; what comes after a request, too
  bool is_idle = false;     // between two requests
  bool is_served = false;   // a worker has its request, or it is a stream
  bool is_put_out = false;  // for somebody else; closed

  HeldBytes::Share body;       // of a request, until it is answered
  bool is_body_shared = true;  // whether it counts among those of all
  bool has_room = true;        // whether these leave room for it

  boost::asio::steady_timer answered;  // never expires; cancelled when `answer` is there
  uint64_t asked = 0;                  // requests given to workers
  std::optional<std::string> answer;
};
using ConnectionPtr = std::shared_ptr<Connection>;

}  // namespace specd::net
