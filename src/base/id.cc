#include "base/id.h"

#include <array>
#include <chrono>

#include "base/clock.h"
#include "base/rng.h"

namespace specd {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

Ulid Ulid::make(const Clock& clock, Random& random) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  auto ms =
      static_cast<uint64_t>(duration_cast<milliseconds>(clock.wall().time_since_epoch()).count());
  std::string text(26, '0');
  for (size_t i = 10; i-- > 0; ms >>= 5) text[i] = kAlphabet[ms & 31];
  for (size_t half = 0; half < 2; ++half) {
    uint64_t bits = random.next();
    for (size_t i = 0; i < 8; ++i, bits >>= 5) text[10 + half * 8 + i] = kAlphabet[bits & 31];
  }
  return Ulid{std::move(text)};
}

std::optional<Ulid> Ulid::parse(std::string_view text) {
  if (text.size() != 26 || text[0] > '7') return std::nullopt;
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (kAlphabet.find(c) == std::string_view::npos) return std::nullopt;
  }
  return Ulid{std::move(upper)};
}

int64_t Ulid::made_at_ms() const {
  int64_t ms = 0;
  for (size_t i = 0; i < 10; ++i) ms = ms << 5 | static_cast<int64_t>(kAlphabet.find(text[i]));
  return ms;
}

}  // namespace specd
