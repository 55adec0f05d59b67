#include "sqlite/error.h"

#include <sqlite3.h>

#include "sqlite/impl.h"

namespace specd::sqlite {
namespace {

Error constraint(int extended, std::string message) {
  switch (extended) {
    case SQLITE_CONSTRAINT_TRIGGER:
      return {Code::refused, std::move(message)};
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_UNIQUE:
      return {Code::conflict, std::move(message)};
    default:
      return {Code::invalid, std::move(message)};
  }
}

}  // namespace

Error error_from(const SQLite::Exception& exception, sqlite3* handle) {
  const int extended = exception.getExtendedErrorCode();
  std::string message = exception.what();
  switch (extended & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Code::busy, std::move(message)};
    case SQLITE_CONSTRAINT:
      return constraint(extended, std::move(message));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Code::io, std::move(message), EBADMSG};
    case SQLITE_FULL:
      return {Code::io, "the database's disk is full; free some space there", ENOSPC};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return {Code::io, std::move(message), handle ? sqlite3_system_errno(handle) : 0};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {Code::refused, std::move(message)};
    default:
      return {Code::invalid, std::move(message)};
  }
}

}  // namespace specd::sqlite
