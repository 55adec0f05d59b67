#include "cli/client.h"

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
  if (!address || !daemon::is_alive(*address))
    return fail(Code::not_found, std::string("no daemon is running. ") + kHowToStart);
  return address;
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// Empty: none is known. The token of this machine's daemon is sent to no other machine.
Result<std::string> token_for(const AskArgs& ask, const Result<daemon::Address>& own,
                              const net::HttpClient::Options& asked) {
  const char* given = std::getenv("SPECD_TOKEN");  // NOLINT(concurrency-mt-unsafe)
  std::string file = ask.token_file;
  if (file.empty()) {
    if (given != nullptr && *given != '\0') return given;
    const auto places = daemon::default_places();
    const auto where = own ? net::HttpClient::options_for(own->url) : tl::unexpected(own.error());
    if (where && where->host == asked.host && where->port == asked.port) {
      file = own->token_file;
    } else if (places && is_loopback(asked.host)) {
      file = daemon::token_path(*places);
    }
    if (file.empty()) return "";
  }
  auto text = daemon::read_text_file(file);
  if (!text) {
    if (ask.token_file.empty() && text.error().code == Code::not_found) return "";
    return text;
  }
  return text->substr(0, text->find_last_not_of(" \r\n\t") + 1);
}

Result<net::HttpClient> connect(const AskArgs& ask) {
  auto options = daemon_options(ask);
  if (!options) return tl::unexpected(options.error());
  return net::HttpClient(*options);
}

Result<Answer> read(Result<net::Response> response) {
  if (!response) {
    if (response.error().code != Code::not_found) return tl::unexpected(response.error());
    return fail(Code::not_found,
                "no daemon answers (" + response.error().message + "). " + kHowToStart);
  }
  if (response->status == 204) return Answer{};
  auto value = json::parse(response->body);
  if (response->status == 401) {
    return fail(
        Code::refused,
        "this daemon has another token: name its file with --token-file, or set SPECD_TOKEN");
  }
  if (response->status >= 400) {
    const std::string detail = value ? text_of(*value, "detail") : "";
    // What it cannot do now it may be able to do later.
    return fail(
        response->status >= 500 ? Code::busy : Code::refused,
        detail.empty() ? "the daemon answered " + std::to_string(response->status) : detail);
  }
  if (!value) return fail_within("the daemon's answer", value.error());
  return Answer{std::move(response->body), std::move(*value)};
}

}  // namespace

Result<net::HttpClient::Options> daemon_options(const AskArgs& ask) {
  const auto own = own_daemon();
  if (ask.url.empty() && !own) return tl::unexpected(own.error());
  auto options = net::HttpClient::options_for(ask.url.empty() ? own->url : ask.url);
  if (!options) return options;
  auto token = token_for(ask, own, *options);
  if (!token) return tl::unexpected(token.error());
  options->token = std::move(*token);
  if (ask.url.empty()) {
    options->connect_to = own->connect_to;
    options->certificate = own->certificate;
  }
  options->answer_limit = std::chrono::seconds(ask.timeout_s + 10);
  return options;
}

Result<Answer> get(const AskArgs& ask, const std::string& target) {
  auto client = connect(ask);
  if (!client) return tl::unexpected(client.error());
  return read(client->get(target));
}

Result<Answer> post(const AskArgs& ask, const std::string& target, const std::string& json) {
  auto client = connect(ask);
  if (!client) return tl::unexpected(client.error());
  return read(client->post(target, json));
}

Result<Answer> patch(const AskArgs& ask, const std::string& target, const std::string& json) {
  auto client = connect(ask);
  if (!client) return tl::unexpected(client.error());
  return read(client->patch(target, json));
}

Result<Answer> del(const AskArgs& ask, const std::string& target) {
  auto client = connect(ask);
  if (!client) return tl::unexpected(client.error());
  return read(client->del(target));
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
