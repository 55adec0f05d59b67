#include "sqlite/value.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include "base/assert.h"

namespace specd::sqlite {
namespace {

SQLite::Column column(void* statement, int index) {
  const auto& rows = *static_cast<const SQLite::Statement*>(statement);
  SPECD_ASSERT(index < rows.getColumnCount());
  return rows.getColumn(index);
}

}  // namespace

int64_t Row::integer() {
  return column(statement_, next_++).getInt64();
}

std::string_view Row::bytes() {
  const SQLite::Column value = column(statement_, next_++);
  // sqlite3_column_blob hands TEXT out as it is stored, and unlike _text adds no terminator.
  const auto* data = static_cast<const char*>(value.getBlob());
  return {data ? data : "", static_cast<size_t>(value.getBytes())};
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
  return column(statement_, next_).isNull();
}
bool Row::at_blob() const {
  return column(statement_, next_).isBlob();
}

}  // namespace specd::sqlite
