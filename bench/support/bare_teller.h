#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace specd::bench {

/// The least that a server of events can do: it sends the same bytes to every connection, one
/// after the other, and knows nothing of any of them.
class BareTeller {
 public:
  BareTeller();
  [[nodiscard]] uint16_t port() const { return port_; }
  /// Until so many have connected. On a thread of its own, beside those who connect.
  void admit(size_t clients);
  /// Waits where one of them does not take it.
  void tell(std::string_view bytes) const;

 private:
  Fd listener_;
  uint16_t port_ = 0;
  std::vector<Fd> clients_;
};

}  // namespace specd::bench
