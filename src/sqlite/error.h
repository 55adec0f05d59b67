#pragma once

#include <cerrno>

#include "base/result.h"

namespace specd::sqlite {

/// How SQLite's failures arrive, beside the plain codes (`busy`, `io`, `conflict` for a broken
/// uniqueness, `refused` for a
/// RAISE of a trigger, `invalid` for the rest).
/// EBADMSG and ENOSPC are read from `Error::os`, since acting on them needs no code of their own.

/// The file is no database, or a damaged one: set it aside, never write to it again.
[[nodiscard]] inline bool is_corruption(const Error& error) {
  return error.code == Code::io && error.os == EBADMSG;
}

/// No room for the database or its log: nothing may be written to disk whose outcome could not be
/// recorded.
[[nodiscard]] inline bool is_full(const Error& error) {
  return error.code == Code::io && error.os == ENOSPC;
}

}  // namespace specd::sqlite
