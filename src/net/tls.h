#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

struct ssl_ctx_st;

namespace specd::net {

/// Two PEM files: the certificate, with those that lead from it to its issuer's behind it, and its
/// key.
struct TlsFiles {
  std::string certificate;
  std::string key;
};

/// What a server needs to speak TLS (1.2 or later). Any thread may use it, once it is loaded.
class TlsIdentity {
 public:
  /// Reads both files. An error says which of them cannot be used, and why: it is not there, no
  /// PEM, of another pair, or its key is protected by a passphrase.
  [[nodiscard]] static Result<std::shared_ptr<const TlsIdentity>> load(const TlsFiles& files);
  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;

  /// Whether clients may take the certificate for that of this name or address (RFC 9525).
  [[nodiscard]] bool covers(const std::string& name) const;
  /// The first name in it that is one; empty if there is none.
  [[nodiscard]] std::string a_name() const;
  /// Whether it holds at this time.
  [[nodiscard]] bool holds_at(WallTime time) const;
  /// For who knows OpenSSL. As long as this lives.
  [[nodiscard]] ssl_ctx_st* context() const;

 private:
  struct Impl;
  explicit TlsIdentity(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace specd::net
