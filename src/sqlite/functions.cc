// Functions that statements have besides SQLite's own. Only for statements of ours, never for a
// schema: other programs that open the file have none of them.
//
//   holds_folded(text, part)   base/fold.h; false where one is NULL

#include <sqlite3.h>

#include "base/fold.h"
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

}  // namespace

void add_functions(SQLite::Database& db) {
  db.createFunction("holds_folded", 2, true, nullptr, call_holds_folded, nullptr, nullptr, nullptr);
}

}  // namespace specd::sqlite
