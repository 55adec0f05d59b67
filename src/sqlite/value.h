#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/digest.h"
#include "base/id.h"

struct sqlite3_stmt;

namespace specd::sqlite {

/// The text of one statement. Only a literal makes one, so that its address can stand for it in the
/// statement cache, and nothing from outside ever becomes SQL.
class Sql {
 public:
  consteval Sql(const char* literal) : text_(literal) {}  // NOLINT: literals are meant to convert
  [[nodiscard]] const char* text() const { return text_; }

 private:
  const char* text_;
};

/// Bytes to be stored as BLOB; a plain string_view is stored as TEXT.
struct Blob {
  std::string_view bytes;
};

/// A value to bind, borrowed until the statement has run.
struct Param {
  enum class Kind { null, integer, text, blob };

  Kind kind = Kind::null;
  int64_t integer = 0;
  std::string_view bytes{};

  Param() = default;
  // NOLINTBEGIN: arguments of a statement are meant to convert
  Param(std::nullopt_t) {}
  Param(int64_t value) : kind(Kind::integer), integer(value) {}
  Param(int value) : kind(Kind::integer), integer(value) {}
  Param(bool value) : kind(Kind::integer), integer(value ? 1 : 0) {}
  Param(uint64_t bits) : kind(Kind::integer), integer(static_cast<int64_t>(bits)) {}
  Param(WallTime time) : kind(Kind::integer), integer(to_us(time)) {}
  Param(std::string_view text) : kind(Kind::text), bytes(text) {}
  Param(const std::string& text) : kind(Kind::text), bytes(text) {}
  Param(const char* text) : kind(Kind::text), bytes(text) {}
  Param(Blob blob) : kind(Kind::blob), bytes(blob.bytes) {}
  Param(const Digest& digest) : kind(Kind::blob), bytes(digest.view()) {}
  template <class Tag>
  Param(const Tagged<Tag, int64_t>& id) : Param(id.value) {}
  template <class Tag>
  Param(const Tagged<Tag, Ulid>& id) : Param(std::string_view(id.value.text)) {}
  template <class T>
  Param(const std::optional<T>& maybe) : Param(maybe ? Param(*maybe) : Param()) {}
  // NOLINTEND
};

/// One row of a result, read from left to right: each call takes the next column. Lives only while
/// its callback runs, and so do the views it hands out. Reading past the last column asserts.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement);
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;

  [[nodiscard]] int64_t integer();
  [[nodiscard]] bool boolean() { return integer() != 0; }
  [[nodiscard]] uint64_t bits() { return static_cast<uint64_t>(integer()); }
  [[nodiscard]] WallTime time() { return from_us(integer()); }
  /// The bytes of TEXT or BLOB; empty for NULL.
  [[nodiscard]] std::string_view bytes();
  [[nodiscard]] std::string text() { return std::string(bytes()); }

  [[nodiscard]] std::optional<int64_t> maybe_integer();
  [[nodiscard]] std::optional<WallTime> maybe_time();
  [[nodiscard]] std::optional<std::string> maybe_text();
  /// None for NULL, and for a value that is no SHA-256.
  [[nodiscard]] std::optional<Digest> maybe_digest();

  /// About the next column, without taking it.
  [[nodiscard]] bool at_null() const;
  [[nodiscard]] bool at_blob() const;

 private:
  /// The index of the next column, which is there.
  [[nodiscard]] int next() const;

  sqlite3_stmt* const statement_;
  const int columns_;
  int next_ = 0;
};

}  // namespace specd::sqlite
