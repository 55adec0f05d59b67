#include <cctype>

#include "store/search.h"

namespace specd::store {
namespace {

/// Whether FTS5's tokenizer may find a word in it: letters, digits, or anything past ASCII.
bool has_word(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || std::isalnum(byte)) return true;
  }
  return false;
}

bool is_space(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

}  // namespace

// A string in FTS5 stands between double quotes, and nothing in it is syntax. Strings side by side
// are an implicit AND, in which those without a word (a lone dash) count for nothing.
// https://www.sqlite.org/fts5.html#full_text_query_syntax
std::string fts_query(std::string_view words) {
  std::string query;
  size_t at = 0;
  while (at < words.size()) {
    if (is_space(words[at])) {
      ++at;
      continue;
    }
    const bool quoted = words[at] == '"';
    if (quoted) ++at;
    const size_t begin = at;
    while (at < words.size() && words[at] != '"' && (quoted || !is_space(words[at]))) ++at;
    std::string_view word = words.substr(begin, at - begin);
    if (quoted && at < words.size()) ++at;
    bool prefix = !quoted && word.ends_with('*');
    if (quoted && at < words.size() && words[at] == '*') prefix = true, ++at;
    if (!has_word(word)) continue;
    if (!query.empty()) query += ' ';
    query.append("\"").append(word).append("\"");
    if (prefix) query += '*';
  }
  return query;
}

}  // namespace specd::store
