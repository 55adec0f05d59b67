#include "daemon/access.h"

#include <algorithm>
#include <charconv>

#include "base/hex.h"
#include "base/json.h"
#include "base/time.h"
#include "daemon/places.h"
#include "proto/json_build.h"

namespace specd::daemon {
namespace {

constexpr size_t kTokenBytes = 32;
constexpr size_t kShortestToken = 20;

std::string trimmed(const std::string& text) {
  constexpr const char* kBlank = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

Result<> check_token(const std::string& token) {
  const bool is_visible = std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f'; });
  if (is_visible && token.size() >= kShortestToken) return {};
  return fail(Code::invalid, "a token has at least " + std::to_string(kShortestToken) +
                                 " visible characters and no spaces; remove the file, and the next "
                                 "start makes a new one");
}

Result<std::string> read_token(const std::string& path) {
  auto text = read_secret_file(path);
  if (!text) return text;
  std::string token = trimmed(*text);
  if (auto good = check_token(token); !good) return fail_within(path, good.error());
  return token;
}

std::string text_of(const Value& value, std::string_view name) {
  const Value* found = value.find(name);
  return found == nullptr ? "" : found->text;
}

std::optional<Digest> digest_of(const Value& value, std::string_view name) {
  const auto raw = from_hex(text_of(value, name));
  return raw ? Digest::from_bytes(*raw) : std::nullopt;
}

std::optional<api::Session> session_of(const Value& value) {
  api::Session session;
  const std::string id = text_of(value, "id");
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), session.id);
  const auto secret = digest_of(value, "secret_sha256");
  const auto created = parse_rfc3339(text_of(value, "created_at"));
  const auto expires = parse_rfc3339(text_of(value, "expires_at"));
  const bool is_whole = error == std::errc() && session.id >= api::Auth::kFirstSession && secret &&
                        created && expires;
  if (!is_whole) return std::nullopt;
  session.secret = *secret;
  session.created_at = *created;
  session.expires_at = *expires;
  session.agent = text_of(value, "agent");
  return session;
}

}  // namespace

Result<std::string> read_or_make_token(const std::string& path, Random& random) {
  auto token = read_token(path);
  if (token || token.error().code != Code::not_found) return token;
  std::string made = random_hex(random, kTokenBytes);
  if (auto written = write_text_file(path, made + "\n"); !written)
    return tl::unexpected(written.error());
  return made;
}

Result<> check_token_file(const std::string& path) {
  const auto token = read_token(path);
  if (token || token.error().code == Code::not_found) return {};
  return tl::unexpected(token.error());
}

Result<std::vector<api::Session>> read_sessions(const std::string& path, const Digest& token) {
  std::vector<api::Session> sessions;
  const auto text = read_secret_file(path);
  if (!text) {
    if (text.error().code == Code::not_found) return sessions;
    return tl::unexpected(text.error());
  }
  const auto value = json::parse(*text);
  if (!value) return fail_within(path, value.error());
  if (digest_of(*value, "token_sha256") != token) return sessions;
  const Value* list = value->find("sessions");
  if (list == nullptr) return fail(Code::invalid, path + ": there is no list of sessions");
  for (const Value& item : list->items) {
    auto session = session_of(item);
    if (!session) return fail(Code::invalid, path + ": a session is not whole");
    sessions.push_back(std::move(*session));
  }
  return sessions;
}

Result<> write_sessions(const std::string& path, const Digest& token,
                        const std::vector<api::Session>& sessions) {
  Value list = proto::list();
  for (const api::Session& session : sessions) {
    Value item = proto::object();
    item.entries.emplace_back("id", proto::text(std::to_string(session.id)));
    item.entries.emplace_back("secret_sha256", proto::text(session.secret.hex()));
    item.entries.emplace_back("created_at", proto::timestamp(session.created_at));
    item.entries.emplace_back("expires_at", proto::timestamp(session.expires_at));
    item.entries.emplace_back("agent", proto::text(session.agent));
    list.items.push_back(std::move(item));
  }
  Value all = proto::object();
  all.entries.emplace_back("token_sha256", proto::text(token.hex()));
  all.entries.emplace_back("sessions", std::move(list));
  return write_text_file(path, json::dump(all) + "\n");
}

}  // namespace specd::daemon
