#include "sqlite/value.h"

#include <sqlite3.h>

#include "base/assert.h"

namespace specd::sqlite {

Row::Row(sqlite3_stmt* statement)
    : statement_(statement), columns_(sqlite3_column_count(statement)) {}

int Row::next() const {
  SPECD_ASSERT(next_ < columns_);
  return next_;
}

int64_t Row::integer() {
  const int64_t value = sqlite3_column_int64(statement_, next());
  ++next_;
  return value;
}

std::string_view Row::bytes() {
  // sqlite3_column_blob hands TEXT out as it is stored, and unlike _text adds no terminator.
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, next()));
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement_, next_++));
  return {data ? data : "", size};
}

std::optional<int64_t> Row::maybe_integer() {
  if (!at_null()) return integer();
  ++next_;
  return std::nullopt;
}

std::optional<WallTime> Row::maybe_time() {
  const auto us = maybe_integer();
  return us ? std::optional(from_us(*us)) : std::nullopt;
}

std::optional<std::string> Row::maybe_text() {
  if (!at_null()) return text();
  ++next_;
  return std::nullopt;
}

std::optional<Digest> Row::maybe_digest() {
  return Digest::from_bytes(bytes());
}

bool Row::at_null() const {
  return sqlite3_column_type(statement_, next()) == SQLITE_NULL;
}
bool Row::at_blob() const {
  return sqlite3_column_type(statement_, next()) == SQLITE_BLOB;
}

}  // namespace specd::sqlite
