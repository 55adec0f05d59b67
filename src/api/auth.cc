#include "api/auth.h"

#include <algorithm>
#include <array>

#include "base/log.h"

namespace specd::api {
namespace {

// Nothing of any project is told at these.
constexpr std::array<std::string_view, 7> kOpenToAll = {"/", "/open", "/api/v1/health",
                                                        "/api/v1/ready", "/api/v1/openapi.json",
                                                        // These have a secret of their own.
                                                        "/api/v1/revalidate", "/api/revalidate"};

constexpr uint64_t kMostOfNobody = 64 << 10;
constexpr size_t kSecretBytes = 32;
constexpr size_t kCodeBytes = 16;
constexpr size_t kMostCodes = 32;
constexpr size_t kMostSessions = 200;
constexpr size_t kLongestAgent = 300;
constexpr std::chrono::minutes kClockStep{10};  // that a clock may be set back by and no harm done

// As it came: another spelling of the same address is just not open.
bool is_open_to_all(std::string_view target) {
  return std::ranges::find(kOpenToAll, target.substr(0, target.find('?'))) != kOpenToAll.end();
}

bool is_read(const net::Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

net::Admission unauthorized(std::string_view error, std::string_view detail) {
  net::Response response = net::problem(401, "unauthorized", detail);
  response.headers.add("WWW-Authenticate", "Bearer realm=\"specd\"" + std::string(error));
  return {.refusal = std::move(response)};
}

// The credentials of "Bearer CREDENTIALS"; the scheme in any case (RFC 9110, section 11.1).
std::optional<std::string_view> bearer(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size()) return std::nullopt;
  for (size_t i = 0; i < kScheme.size(); ++i) {
    const char c = authorization[i];
    if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != kScheme[i]) return std::nullopt;
  }
  authorization.remove_prefix(kScheme.size());
  while (authorization.starts_with(' ')) authorization.remove_prefix(1);
  return authorization;
}

// Whether the browser says that one of our own pages asks, or its user by himself. The front desk
// has refused every origin but ours.
bool is_by_own_page(const net::Request& request) {
  const std::string_view site = request.headers.get("sec-fetch-site");
  if (site.empty()) return request.headers.find("origin") != nullptr;
  return site == "same-origin" || (site == "none" && is_read(request));
}

}  // namespace

bool Session::holds_at(WallTime now) const {
  return created_at <= now + kClockStep && now < expires_at;
}

Auth::Auth(Options options, std::vector<Session> sessions, Keep keep, const Clock& clock,
           Random& random)
    : options_(options),
      cookie_name_("specd_" + std::to_string(options.port)),
      keep_(std::move(keep)),
      clock_(clock),
      random_(random),
      sessions_(std::move(sessions)),
      next_id_(kFirstSession) {
  for (const Session& session : sessions_) next_id_ = std::max(next_id_, session.id + 1);
}

net::Admission Auth::admit(const net::Request& request) const {
  const bool is_open = is_open_to_all(request.target);
  for (const auto& found : {by_token(request), by_cookie(request)}) {
    if (found && (!found->refusal || !is_open)) return *found;
  }
  if (is_open) return {.refusal = {}, .body_limit = kMostOfNobody};
  return unauthorized("",
                      "bring the daemon's token, as \"Authorization: Bearer TOKEN\", or sign this "
                      "browser in with `specd open`");
}

std::optional<net::Admission> Auth::by_token(const net::Request& request) const {
  const std::string* authorization = request.headers.find("authorization");
  if (authorization == nullptr) return std::nullopt;
  const auto token = bearer(*authorization);
  if (token && is_equal_in_constant_time(sha256(*token), options_.token))
    return net::Admission{.caller = kToken, .refusal = {}};
  return unauthorized(", error=\"invalid_token\"", "this is not the daemon's token");
}

std::optional<net::Admission> Auth::by_cookie(const net::Request& request) const {
  const std::string* cookies = request.headers.find("cookie");
  if (cookies == nullptr || !is_by_own_page(request)) return std::nullopt;
  const auto right = right_of(*cookies);
  if (!right) return std::nullopt;
  // Whoever posts to a session of Socket.IO knows its id, which no other page does.
  const bool names_secret = request.target.starts_with("/socket.io/?");
  if (is_read(request) || names_secret || !request.headers.get("x-specd-client").empty())
    return net::Admission{.caller = right->caller, .refusal = {}, .holds_for = right->holds_for};
  return net::Admission{.caller = right->caller,
                        .refusal = net::problem(403, "missing_header",
                                                "changes that a browser asks for need the header " +
                                                    std::string(kChangeHeader))};
}

// Another server on this machine can have set a cookie of our name as well, so any of them counts
// (RFC 6265, section 8.5).
std::optional<Auth::Right> Auth::right_of(std::string_view cookies) const {
  const WallTime now = clock_.wall();
  while (!cookies.empty()) {
    std::string_view cookie = cookies.substr(0, cookies.find(';'));
    cookies.remove_prefix(std::min(cookie.size() + 1, cookies.size()));
    while (cookie.starts_with(' ')) cookie.remove_prefix(1);
    if (!cookie.starts_with(cookie_name_) || !cookie.substr(cookie_name_.size()).starts_with('='))
      continue;
    const Digest secret = sha256(cookie.substr(cookie_name_.size() + 1));
    MutexLock lock(mutex_);
    for (const Session& session : sessions_) {
      if (!is_equal_in_constant_time(session.secret, secret) || !session.holds_at(now)) continue;
      return Right{net::Caller{session.id},
                   std::chrono::ceil<std::chrono::milliseconds>(session.expires_at - now)};
    }
  }
  return std::nullopt;
}

std::string Auth::make_code() {
  std::string code = random_hex(random_, kCodeBytes);
  MutexLock lock(mutex_);
  const SteadyTime now = clock_.steady();
  std::erase_if(codes_, [&](const auto& entry) { return entry.second <= now; });
  while (codes_.size() >= kMostCodes) {
    codes_.erase(
        std::ranges::min_element(codes_, {}, [](const auto& entry) { return entry.second; }));
  }
  codes_[sha256(code)] = now + kLinkLife;
  return code;
}

Result<Auth::SignedIn> Auth::sign_in(std::string_view code, std::string_view agent) {
  const std::string secret = random_hex(random_, kSecretBytes);
  SignedIn signed_in{.cookie = cookie_name_ + "=" + secret +
                               "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" +
                               std::to_string(std::chrono::seconds(kSessionLife).count()) +
                               (options_.is_secure ? "; Secure" : ""),
                     .ended = {}};
  MutexLock keeping(keeping_);
  std::vector<Session> all;
  {
    MutexLock lock(mutex_);
    const auto found = codes_.find(sha256(code));
    const bool is_good = found != codes_.end() && found->second > clock_.steady();
    if (found != codes_.end()) codes_.erase(found);
    if (!is_good)
      return fail(Code::refused, "this link was used already, or is older than five minutes");
    const WallTime now = clock_.wall();
    signed_in.ended = make_room();
    sessions_.push_back({.id = next_id_++,
                         .secret = sha256(secret),
                         .created_at = now,
                         .expires_at = now + kSessionLife,
                         .agent = std::string(agent.substr(0, kLongestAgent))});
    all = sessions_;
  }
  // It works until the daemon ends, at least.
  if (auto kept = keep_(all); !kept)
    log::warn("session-not-kept", {{"error", kept.error().message}});
  return signed_in;
}

// For one session more; those that had to go.
std::vector<net::Caller> Auth::make_room() {
  std::vector<Session> staying = holding();
  if (staying.size() >= kMostSessions) staying.erase(staying.begin());
  std::vector<net::Caller> gone;
  for (const Session& session : sessions_) {
    const bool stays = std::ranges::find(staying, session.id, &Session::id) != staying.end();
    if (!stays) gone.push_back(net::Caller{session.id});
  }
  sessions_ = std::move(staying);
  return gone;
}

std::vector<Session> Auth::holding() const {
  std::vector<Session> found;
  std::ranges::copy_if(sessions_, std::back_inserter(found),
                       [now = clock_.wall()](const auto& s) { return s.holds_at(now); });
  return found;
}

std::vector<Session> Auth::sessions() const {
  MutexLock lock(mutex_);
  std::vector<Session> found = holding();
  std::ranges::reverse(found);
  return found;
}

Result<> Auth::sign_out(uint64_t session) {
  MutexLock keeping(keeping_);
  std::vector<Session> rest;
  {
    MutexLock lock(mutex_);
    const size_t count =
        std::erase_if(sessions_, [&](const Session& candidate) { return candidate.id == session; });
    if (count == 0) return fail(Code::not_found, "there is no such session");
    rest = sessions_;
  }
  return keep_(rest);
}

}  // namespace specd::api
