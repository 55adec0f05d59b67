#pragma once

#include "base/fd.h"

namespace specd {

/// Wakes a thread that waits for descriptors (eventfd(2)). Any thread may ring; it never waits.
class Bell {
 public:
  /// The process must have a descriptor left.
  Bell();

  /// `fd` becomes readable, and stays so until `clear`.
  void ring() const;
  void clear() const;
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  const Fd fd_;
};

}  // namespace specd
