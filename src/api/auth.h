#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/rng.h"
#include "net/front_desk.h"
#include "net/message.h"

namespace specd::api {

/// A browser that was signed in. Its cookie holds a secret, of which we keep the digest only.
struct Session {
  uint64_t id = 0;  ///< of no other one since the start
  Digest secret;
  WallTime created_at;
  WallTime expires_at;
  std::string agent;  ///< what the browser calls itself

  /// Whether it is good by the clock on the wall. Where that was set back to before the session
  /// began, it is not: one that began while the clock was years ahead must not last for years.
  [[nodiscard]] bool holds_at(WallTime now) const;
};

/// Who may come in. Programs bring a token, in the header "Authorization: Bearer TOKEN" (RFC 6750).
/// Browsers are led to a link that works once, and get the cookie of a session for it; a cookie
/// comes along with requests that any page makes, so it counts only where the browser says that the
/// page is ours, and changes need a header besides, which no form can send.
///
/// Any thread.
class Auth {
 public:
  struct Options {
    Digest token;
    uint16_t port = 0;       ///< tells the cookies of several daemons apart
    bool is_secure = false;  ///< browsers reach us by https only
  };
  /// Keeps the sessions for the next start; called by one thread at a time.
  using Keep = std::function<Result<>(const std::vector<Session>&)>;

  /// Who has the token, and the first of the sessions.
  static constexpr net::Caller kToken{1};
  static constexpr uint64_t kFirstSession = 2;
  static constexpr std::chrono::minutes kLinkLife{5};
  static constexpr std::chrono::days kSessionLife{90};
  /// Browsers send it with every change.
  static constexpr std::string_view kChangeHeader = "X-Specd-Client";

  /// `clock` and `random` live longer than this.
  Auth(Options options, std::vector<Session> sessions, Keep keep, const Clock& clock,
       Random& random);

  /// Whose request it is. Refuses what is neither by a caller that we know nor to an address that
  /// is open to all. `request` needs no body.
  [[nodiscard]] net::Admission admit(const net::Request& request) const;

  /// A code that signs one browser in, once, within `kLinkLife`. The oldest of too many dies.
  [[nodiscard]] std::string make_code();
  struct SignedIn {
    std::string cookie;              ///< the value of the Set-Cookie header for that browser
    std::vector<net::Caller> ended;  ///< sessions that are none any more: too old, or too many
  };
  /// `refused` for a code that is not, or no longer, good. Streams of those that ended are the
  /// caller's to end.
  [[nodiscard]] Result<SignedIn> sign_in(std::string_view code, std::string_view agent);

  /// Those that hold, latest first.
  [[nodiscard]] std::vector<Session> sessions() const;
  /// From now on its cookie is worth nothing; streams that are open are the caller's to end.
  /// `not_found` if there is none; otherwise an error says that it comes back at the next start.
  [[nodiscard]] Result<> sign_out(uint64_t session);

 private:
  [[nodiscard]] std::optional<net::Admission> by_token(const net::Request& request) const;
  [[nodiscard]] std::optional<net::Admission> by_cookie(const net::Request& request) const;
  struct Right {
    net::Caller caller;
    std::chrono::milliseconds holds_for;
  };
  [[nodiscard]] std::optional<Right> right_of(std::string_view cookies) const
      SPECD_EXCLUDES(mutex_);
  [[nodiscard]] std::vector<Session> holding() const SPECD_REQUIRES(mutex_);
  std::vector<net::Caller> make_room() SPECD_REQUIRES(mutex_);

  const Options options_;
  const std::string cookie_name_;
  const Keep keep_;
  const Clock& clock_;
  Random& random_;

  Mutex keeping_;  // held by who changes sessions, until they are kept; before `mutex_`
  mutable Mutex mutex_;
  std::vector<Session> sessions_ SPECD_GUARDED_BY(mutex_);       // oldest first
  std::map<Digest, SteadyTime> codes_ SPECD_GUARDED_BY(mutex_);  // digest, and when it dies
  uint64_t next_id_ SPECD_GUARDED_BY(mutex_);
};

}  // namespace specd::api
