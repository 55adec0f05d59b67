// The tokenizer "specd" of FTS5 (https://www.sqlite.org/fts5.html#custom_tokenizers): unicode61
// with its arguments, but each character of a script that writes words without spaces between them
// is a word of its own.
//
// unicode61 takes a run of such characters for one word, which is found by its beginning alone.
// FTS5 asks for the words of a query in the same way and, where a string has several, for one after
// the other; so "購物車" is found wherever these three stand in this order. Offsets are those of
// the text as it is, which snippets are cut from.

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <string_view>

#include "sqlite/impl.h"

namespace specd::sqlite {
namespace {

using OnToken = int (*)(void* context, int flags, const char* token, int size, int begin, int end);

struct Range {
  char32_t first;
  char32_t last;
};
// Letters alone, so that punctuation stays what it is to unicode61. The Unicode Standard 15.0, by
// blocks; unassigned code points of theirs do no harm.
constexpr std::array kCharacters = {
    Range{0x3005, 0x3007},    // iteration and closing mark, zero
    Range{0x3041, 0x3096},    // hiragana
    Range{0x309D, 0x309F},    //
    Range{0x30A1, 0x30FA},    // katakana
    Range{0x30FC, 0x30FF},    //
    Range{0x3105, 0x312F},    // bopomofo
    Range{0x31A0, 0x31BF},    //
    Range{0x31F0, 0x31FF},    // katakana of Ainu
    Range{0x3400, 0x4DBF},    // ideographs, extension A
    Range{0x4E00, 0x9FFF},    // ideographs
    Range{0xAC00, 0xD7A3},    // hangul syllables
    Range{0xF900, 0xFAFF},    // compatibility ideographs
    Range{0xFF66, 0xFF9D},    // halfwidth katakana
    Range{0x20000, 0x3FFFF},  // ideographs, the other extensions
};
constexpr unsigned char kLeastLead = 0xE3;  // the first byte of 0x3005 in UTF-8

bool is_character(char32_t code) {
  const auto range = std::ranges::lower_bound(kCharacters, code, {}, &Range::last);
  return range != kCharacters.end() && range->first <= code;
}

/// How many bytes the character at the beginning of `text` has; 0 if there is another one, or none.
size_t character_at(std::string_view text) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
  const size_t size = byte(0) < 0xF0 ? 3 : 4;
  if (text.size() < size) return 0;
  char32_t code = byte(0) & (size == 3 ? 0x0F : 0x07);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3F);
  }
  return is_character(code) ? size : 0;
}

/// unicode61, as FTS5 knows it.
struct Words {
  fts5_tokenizer methods{};
  void* data = nullptr;
};

/// One of a table, with its arguments.
struct Tokenizer {
  fts5_tokenizer methods{};
  Fts5Tokenizer* words = nullptr;

  ~Tokenizer() {
    if (words != nullptr) methods.xDelete(words);
  }
};

/// Whom to tell of the words in a part of the text.
struct Listener {
  void* context;
  OnToken on_token;
  int offset;  ///< of the part
};

int tell(void* context, int flags, const char* token, int size, int begin, int end) {
  const auto& listener = *static_cast<Listener*>(context);
  return listener.on_token(listener.context, flags, token, size, listener.offset + begin,
                           listener.offset + end);
}

int create(void* data, const char** arguments, int count, Fts5Tokenizer** made) {
  const auto& words = *static_cast<Words*>(data);
  std::unique_ptr<Tokenizer> tokenizer(new (std::nothrow) Tokenizer{.methods = words.methods});
  if (tokenizer == nullptr) return SQLITE_NOMEM;
  const int result = words.methods.xCreate(words.data, arguments, count, &tokenizer->words);
  if (result == SQLITE_OK) *made = reinterpret_cast<Fts5Tokenizer*>(tokenizer.release());
  return result;
}

void destroy(Fts5Tokenizer* tokenizer) {
  delete reinterpret_cast<Tokenizer*>(tokenizer);
}

int tokenize(Fts5Tokenizer* self, void* context, int flags, const char* bytes, int size,
             OnToken on_token) {
  const auto& tokenizer = *reinterpret_cast<Tokenizer*>(self);
  const std::string_view text(bytes, static_cast<size_t>(size));
  const auto tell_words = [&](size_t begin, size_t end) {
    if (begin == end) return SQLITE_OK;
    Listener listener{context, on_token, static_cast<int>(begin)};
    return tokenizer.methods.xTokenize(tokenizer.words, &listener, flags, bytes + begin,
                                       static_cast<int>(end - begin), tell);
  };
  size_t begin = 0;  // of what unicode61 has not seen
  for (size_t at = 0; at < text.size();) {
    const bool may_be = static_cast<unsigned char>(text[at]) >= kLeastLead;
    const size_t length = may_be ? character_at(text.substr(at)) : 0;
    if (length == 0) {
      ++at;
      continue;
    }
    if (const int result = tell_words(begin, at); result != SQLITE_OK) return result;
    begin = at + length;
    const int result = on_token(context, 0, bytes + at, static_cast<int>(length),
                                static_cast<int>(at), static_cast<int>(begin));
    if (result != SQLITE_OK) return result;
    at = begin;
  }
  return tell_words(begin, text.size());
}

// As FTS5 gives it to applications; null where this SQLite has no FTS5.
fts5_api* api_of(sqlite3* db) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  return api;
}

}  // namespace

void add_tokenizer(SQLite::Database& db) {
  fts5_api* const api = api_of(db.getHandle());
  if (api == nullptr) return;  // and a table with it says so
  auto words = std::make_unique<Words>();
  if (api->xFindTokenizer(api, "unicode61", &words->data, &words->methods) != SQLITE_OK) return;
  fts5_tokenizer methods{.xCreate = create, .xDelete = destroy, .xTokenize = tokenize};
  const auto forget = [](void* data) { delete static_cast<Words*>(data); };
  if (api->xCreateTokenizer(api, "specd", words.get(), &methods, forget) == SQLITE_OK)
    words.release();
}

}  // namespace specd::sqlite
