// Functions that statements have besides SQLite's own. Only for statements of ours, never for a
// schema: other programs that open the file have none of them.
//
//   holds_folded(text, part)   base/fold.h; false where one is NULL
//   ulid_ms(text)              milliseconds since the epoch (base/id.h); NULL where it is no ULID

#include <sqlite3.h>

#include "base/fold.h"
#include "base/id.h"
#include "sqlite/impl.h"

namespace specd::sqlite {
namespace {

std::string_view text_of(sqlite3_value* value) {
  const unsigned char* text = sqlite3_value_text(value);  // before its size, which it may change
  const auto size = static_cast<size_t>(sqlite3_value_bytes(value));
  return text == nullptr ? std::string_view()
                         : std::string_view(reinterpret_cast<const char*>(text), size);
}

void call_holds_folded(sqlite3_context* context, int, sqlite3_value** values) noexcept {
  const bool is_null =
      sqlite3_value_type(values[0]) == SQLITE_NULL || sqlite3_value_type(values[1]) == SQLITE_NULL;
  const bool holds = !is_null && holds_folded(text_of(values[0]), text_of(values[1]));
  sqlite3_result_int(context, holds ? 1 : 0);
}

void call_ulid_ms(sqlite3_context* context, int, sqlite3_value** values) noexcept {
  const auto ulid = Ulid::parse(text_of(values[0]));
  ulid ? sqlite3_result_int64(context, ulid->made_at_ms()) : sqlite3_result_null(context);
}

}  // namespace

void add_functions(SQLite::Database& db) {
  db.createFunction("holds_folded", 2, true, nullptr, call_holds_folded, nullptr, nullptr, nullptr);
  db.createFunction("ulid_ms", 1, true, nullptr, call_ulid_ms, nullptr, nullptr, nullptr);
}

}  // namespace specd::sqlite
