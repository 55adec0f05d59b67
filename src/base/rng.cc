#include "base/rng.h"

#include <sys/random.h>

#include <cstring>

#include "base/assert.h"
#include "base/hex.h"

namespace specd {

uint64_t SystemRandom::next() {
  uint64_t bits = 0;
  // Up to 256 bytes are never interrupted and never short (getrandom(2)).
  SPECD_ASSERT(getrandom(&bits, sizeof bits, 0) == sizeof bits);
  return bits;
}

uint64_t SeededRandom::next() {
  state_ += 0x9e3779b97f4a7c15;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

std::string random_hex(Random& random, size_t bytes) {
  SPECD_ASSERT(bytes % sizeof(uint64_t) == 0);
  std::string raw(bytes, '\0');
  for (size_t at = 0; at < bytes; at += sizeof(uint64_t)) {
    const uint64_t bits = random.next();
    std::memcpy(raw.data() + at, &bits, sizeof bits);
  }
  return to_hex(raw);
}

}  // namespace specd
