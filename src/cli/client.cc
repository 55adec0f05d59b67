#include "cli/client.h"

#include <algorithm>
#include <cstdlib>

#include "base/json.h"
#include "daemon/places.h"

namespace specd::cli {
namespace {

constexpr const char* kHowToStart = "Start a daemon with `specd run` in the folder of a project.";

// That of this user, if it runs: what it has left can have outlived it, and then somebody else may
// listen where it did.
Result<daemon::Address> own_daemon() {
  const auto places = daemon::default_places();
  if (!places) return tl::unexpected(places.error());
  auto address = daemon::read_address(*places);
  if (!address && address.error().code == Code::refused) return address;
  if (!address || !daemon::is_alive(*address))
    return fail(Code::not_found, std::string("no daemon is running. ") + kHowToStart);
  return address;
}

bool is_same(const net::HttpClient::Options& one, const net::HttpClient::Options& other) {
  return one.host == other.host && one.port == other.port && one.is_tls == other.is_tls;
}

// A token as it can stand in a header.
Result<std::string> checked(const std::string& token, const std::string& from) {
  constexpr const char* kBlank = " \t\r\n";
  const size_t first = token.find_first_not_of(kBlank);
  if (first == std::string::npos) return fail(Code::invalid, from + ": there is no token");
  std::string trimmed = token.substr(first, token.find_last_not_of(kBlank) - first + 1);
  if (std::ranges::all_of(trimmed, [](char c) { return c > ' ' && c < '\x7f'; })) return trimmed;
  return fail(Code::invalid, from + ": a token has visible characters only");
}

Result<std::string> token_in(const std::string& file) {
  const auto text = daemon::read_text_file(file);
  if (!text) return tl::unexpected(text.error());
  return checked(*text, file);
}

// Empty: none is known. That of the own daemon goes to no other one: whoever listens elsewhere,
// even on this machine, may be anybody.
Result<std::string> token_for(const AskArgs& ask, const Result<daemon::Address>& own, bool is_own) {
  if (!ask.token_file.empty()) return token_in(ask.token_file);
  const char* given = std::getenv("SPECD_TOKEN");  // NOLINT(concurrency-mt-unsafe)
  if (given != nullptr && *given != '\0') return checked(given, "SPECD_TOKEN");
  if (!is_own || own->token_file.empty()) return "";
  auto token = token_in(own->token_file);
  if (token || token.error().code != Code::not_found) return token;
  return fail(Code::not_found, own->token_file +
                                   ": the daemon's token is not there any more; restart the "
                                   "daemon, or `systemctl --user reload specd`: it makes another");
}

Result<net::HttpClient> connect(const AskArgs& ask) {
  auto options = daemon_options(ask);
  if (!options) return tl::unexpected(options.error());
  return net::HttpClient(*options);
}

// An answer that is none of success is an error, for people.
Result<net::Response> successful(Result<net::Response> response) {
  if (!response || response->status < 400) return response;
  const auto value = json::parse(response->body);
  if (response->status == 401) {
    const std::string given = value ? text_of(*value, "detail") : "";
    const std::string why =
        given == "this is not the daemon's token" ? "it was given another" : "it was given none";
    return fail(Code::refused, "this daemon wants its own token, and " + why +
                                   ": name its file with --token-file, or set SPECD_TOKEN");
  }
  const std::string detail = value ? text_of(*value, "detail") : "";
  // What it cannot do now it may be able to do later.
  return fail(response->status >= 500 ? Code::busy : Code::refused,
              detail.empty() ? "the daemon answered " + std::to_string(response->status) : detail);
}

}  // namespace

Result<net::HttpClient::Options> daemon_options(const AskArgs& ask) {
  const auto own = own_daemon();
  if (ask.url.empty() && !own) return tl::unexpected(own.error());
  auto options = net::HttpClient::options_for(ask.url.empty() ? own->url : ask.url);
  if (!options) return options;
  const auto where = own ? net::HttpClient::options_for(own->url) : tl::unexpected(own.error());
  const bool is_own = where && is_same(*where, *options);
  if (is_own) {
    options->connect_to = own->connect_to;
    options->certificate = own->certificate;
  }
  auto token = token_for(ask, own, is_own);
  if (!token) return tl::unexpected(token.error());
  options->token = std::move(*token);
  options->answer_limit = std::chrono::seconds(ask.timeout_s + 10);
  return options;
}

Result<net::Response> exchange(const AskArgs& ask, const net::Request& request) {
  auto client = connect(ask);
  if (!client) return tl::unexpected(client.error());
  auto response = client->send(request);
  if (response || response.error().code != Code::not_found) return response;
  return fail(Code::not_found,
              "no daemon answers (" + response.error().message + "). " + kHowToStart);
}

Result<Answer> read_answer(Result<net::Response> received) {
  auto response = successful(std::move(received));
  if (!response) return tl::unexpected(response.error());
  if (response->status == 204) return Answer{};
  auto value = json::parse(response->body);
  if (!value) return fail_within("the daemon's answer", value.error());
  return Answer{std::move(response->body), std::move(*value)};
}

Result<Answer> send(const AskArgs& ask, const net::Request& request) {
  return read_answer(exchange(ask, request));
}

Result<Answer> get(const AskArgs& ask, const std::string& target) {
  return send(ask, {.method = "GET", .target = target});
}

Result<Answer> post(const AskArgs& ask, const std::string& target, const std::string& json) {
  return send(ask, {.method = "POST", .target = target, .body = json});
}

Result<Answer> patch(const AskArgs& ask, const std::string& target, const std::string& json) {
  return send(ask, {.method = "PATCH", .target = target, .body = json});
}

Result<Answer> del(const AskArgs& ask, const std::string& target) {
  return send(ask, {.method = "DELETE", .target = target});
}

net::Fields edit_of(const std::string& version) {
  if (version.empty()) return {{"If-None-Match", "*"}};
  return {{"If-Match", "\"" + version + "\""}};
}

Result<FileNow> file_now(const AskArgs& ask, const std::string& target) {
  auto response = exchange(ask, {.method = "GET", .target = target});
  if (response && response->status == 404) return FileNow{};
  response = successful(std::move(response));
  if (!response) return tl::unexpected(response.error());
  const std::string_view tag = response->headers.get("etag");
  const size_t quote = tag.find('"');  // a weak one, of what came compressed, begins with W/
  if (quote == std::string_view::npos) return fail(Code::io, "the daemon's answer has no ETag");
  return FileNow{std::string(tag.substr(quote + 1, tag.rfind('"') - quote - 1)),
                 std::move(response->body)};
}

std::string text_of(const Value& value, const std::string& field) {
  const Value* found = value.find(field);
  return found == nullptr ? "" : found->text;
}

const std::vector<Value>& list_of(const Value& value, const std::string& field) {
  static const std::vector<Value> none;
  const Value* found = value.find(field);
  return found == nullptr ? none : found->items;
}

std::string encode(const std::string& name) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (char c : name) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
    if (is_plain) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += '%';
      encoded += digits[byte >> 4];
      encoded += digits[byte & 15];
    }
  }
  return encoded;
}

}  // namespace specd::cli
