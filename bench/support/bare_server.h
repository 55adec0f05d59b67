#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace specd::bench {

/// The least that an HTTP server can do: one thread that answers every request on every connection
/// with the same bytes, without a look at them.
class BareServer {
 public:
  explicit BareServer(size_t body_bytes);
  ~BareServer();
  [[nodiscard]] uint16_t port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace specd::bench
