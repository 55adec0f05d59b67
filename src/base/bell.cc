#include "base/bell.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "base/assert.h"

namespace specd {

Bell::Bell() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  SPECD_ASSERT(static_cast<bool>(fd_));
}

// Neither fails but for a count that is full (it rings already), or nothing (it was not ringing).
void Bell::ring() const {
  const uint64_t one = 1;
  (void)!::write(fd_.get(), &one, sizeof(one));
}

void Bell::clear() const {
  uint64_t count = 0;
  (void)!::read(fd_.get(), &count, sizeof(count));
}

}  // namespace specd
