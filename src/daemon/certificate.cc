#include "daemon/certificate.h"

#include <sys/stat.h>

#include <utility>

#include "base/log.h"
#include "daemon/places.h"

namespace specd::daemon {

Result<std::shared_ptr<const net::TlsIdentity>> load_identity(const net::TlsFiles& files) {
  auto identity = net::TlsIdentity::load(files);
  if (!identity) return identity;
  if (auto secret = check_is_secret(files.key); !secret) return tl::unexpected(secret.error());
  if (!(*identity)->holds_at(system_clock().wall())) {
    log::warn("certificate-does-not-hold",
              {{"file", files.certificate}, {"because", "it has expired, or begins later"}});
  }
  return identity;
}

Result<RenewedIdentity> RenewedIdentity::load(net::TlsFiles files, const Clock& clock) {
  RenewedIdentity renewed(std::move(files), clock);  // what is written from now on is seen
  auto identity = load_identity(renewed.files_);
  if (!identity) return tl::unexpected(identity.error());
  renewed.identity_ = std::move(*identity);
  return renewed;
}

RenewedIdentity::RenewedIdentity(net::TlsFiles files, const Clock& clock)
    : files_(std::move(files)),
      clock_(&clock),
      certificate_(stamp_of(files_.certificate)),
      key_(stamp_of(files_.key)),
      next_look_(clock.steady() + kLookEvery) {}

const std::shared_ptr<const net::TlsIdentity>& RenewedIdentity::current() {
  if (const SteadyTime time = clock_->steady(); time >= next_look_) {
    next_look_ = time + kLookEvery;
    look();
  }
  return identity_;
}

RenewedIdentity::Stamp RenewedIdentity::stamp_of(const std::string& file) {
  struct stat status{};
  if (stat(file.c_str(), &status) != 0) return {};
  return {static_cast<int64_t>(status.st_dev), static_cast<int64_t>(status.st_ino),
          static_cast<int64_t>(status.st_size),
          status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
          status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec};
}

void RenewedIdentity::look() {
  const Stamp certificate = stamp_of(files_.certificate), key = stamp_of(files_.key);
  if (certificate == certificate_ && key == key_) return;
  certificate_ = certificate;
  key_ = key;
  auto identity = load_identity(files_);
  if (!identity) {
    log::warn("certificate-not-renewed", {{"error", identity.error().message}});
    return;
  }
  log::info("certificate-renewed", {{"file", files_.certificate}});
  identity_ = std::move(*identity);
}

}  // namespace specd::daemon
