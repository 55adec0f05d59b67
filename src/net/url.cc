#include "net/url.h"

namespace specd::net::url {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string encode(std::string_view text, char kept) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c) || c == kept) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

using Pair = std::pair<std::string_view, std::string_view>;

/// What stands before the first `mark`, and what after it; all of it before, if there is none.
Pair split_at(std::string_view text, char mark) {
  const size_t at = text.find(mark);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

/// Takes the first "name=value" from `query`; still encoded, and empty for "&&".
std::string_view take_pair(std::string_view& query) {
  const auto [pair, rest] = split_at(query, '&');
  query = rest;
  return pair;
}

std::optional<std::string> decode_form(std::string_view text) {
  std::string spaced(text);
  for (char& c : spaced) {
    if (c == '+') c = ' ';
  }
  return decode(spaced);
}

}  // namespace

std::optional<std::string> decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = digit(text[i + 1]);
    const int low = digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

std::string encode(std::string_view text) {
  return encode(text, '-');
}

std::string encode_path(std::string_view path) {
  return encode(path, '/');
}

std::optional<Fields> parse_query(std::string_view query) {
  Fields fields;
  while (!query.empty()) {
    const std::string_view pair = take_pair(query);
    if (pair.empty()) continue;
    const auto [raw_name, raw_value] = split_at(pair, '=');
    auto name = decode_form(raw_name);
    auto value = decode_form(raw_value);
    if (!name || !value) return std::nullopt;
    fields.add(std::move(*name), std::move(*value));
  }
  return fields;
}

std::vector<std::string> words_in(std::string_view target, std::string_view name) {
  std::vector<std::string> words;
  for (std::string_view query = split_at(target, '?').second; !query.empty();) {
    auto [raw_name, rest] = split_at(take_pair(query), '=');
    if (decode_form(raw_name) != name) continue;
    while (!rest.empty()) {
      auto [raw_word, after] = split_at(rest, ',');
      rest = after;
      auto word = decode_form(raw_word);
      if (word && !word->empty()) words.push_back(std::move(*word));
    }
  }
  return words;
}

std::optional<Target> parse_target(std::string_view target) {
  if (!target.starts_with('/')) return std::nullopt;
  auto [path, raw_query] = split_at(target.substr(1), '?');
  auto query = parse_query(raw_query);
  if (!query) return std::nullopt;
  Target parsed{.segments = {}, .query = std::move(*query)};
  for (;;) {
    const size_t slash = path.find('/');
    auto segment = decode(path.substr(0, slash));
    if (!segment) return std::nullopt;
    parsed.segments.push_back(std::move(*segment));
    if (slash == std::string_view::npos) return parsed;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace specd::net::url
