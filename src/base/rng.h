#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace specd {

/// The one source of chance, so that tests can repeat it.
class Random {
 public:
  virtual ~Random() = default;
  /// 64 uniform bits.
  [[nodiscard]] virtual uint64_t next() = 0;
};

/// The kernel's random numbers; fit for keys and tokens. Any thread may call it.
class SystemRandom final : public Random {
 public:
  uint64_t next() override;
};

/// A repeatable sequence (SplitMix64, Steele, Lea and Flood 2014). Never for secrets.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  uint64_t next() override;

 private:
  uint64_t state_;
};

/// So many random bytes, a multiple of eight, as lower-case hexadecimal digits.
[[nodiscard]] std::string random_hex(Random& random, size_t bytes);

}  // namespace specd
