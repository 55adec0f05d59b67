#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/tls.h"

namespace specd::daemon {

/// Both files, as they are now. `refused` for a key that others can read; one that has expired is
/// only logged.
[[nodiscard]] Result<std::shared_ptr<const net::TlsIdentity>> load_identity(
    const net::TlsFiles& files);

/// A certificate and its key that somebody renews in their files, and tells nobody. One thread at a
/// time.
class RenewedIdentity {
 public:
  /// At most so often are the files looked at.
  static constexpr std::chrono::seconds kLookEvery{1};

  /// An error where the files cannot be used as they are now. `clock` outlives this.
  [[nodiscard]] static Result<RenewedIdentity> load(net::TlsFiles files, const Clock& clock);

  /// Whom to be to a client that comes now. Files that cannot be used, such as one of a pair of
  /// which the other is yet to come, leave what was; the log says so, once.
  [[nodiscard]] const std::shared_ptr<const net::TlsIdentity>& current();

 private:
  RenewedIdentity(net::TlsFiles files, const Clock& clock);

  /// Tells a file from what stood there before; all zero where there is none.
  using Stamp = std::array<int64_t, 5>;
  [[nodiscard]] static Stamp stamp_of(const std::string& file);
  void look();

  net::TlsFiles files_;
  const Clock* clock_;
  std::shared_ptr<const net::TlsIdentity> identity_;
  Stamp certificate_, key_;  // when they were loaded
  SteadyTime next_look_;
};

}  // namespace specd::daemon
