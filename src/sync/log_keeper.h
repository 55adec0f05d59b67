#pragma once

#include <cstdint>
#include <string>

#include "store/store.h"

namespace specd::sync {

/// Moves the database's log into the database, once per batch where there is something to move, and
/// notices who keeps that from being done: a program that never ends its read transaction makes the
/// log grow without end. Sync thread only.
class LogKeeper {
 public:
  /// `large`: in bytes; a log that cannot be emptied is nothing to tell of before that.
  LogKeeper(store::Store& store, int64_t large) : store_(store), large_(large) {}

  /// Something was committed.
  void expect() { has_to_move_ = true; }
  /// In a quiet moment. Never waits; what cannot be done is tried again at the next call.
  void move();
  /// What is wrong with the log, for people; empty: nothing. The same text as long as it lasts, but
  /// for the size and the names.
  [[nodiscard]] const std::string& alarm() const { return alarm_; }

 private:
  void judge(int64_t kept_bytes);
  void tell_failure(const Error& error);

  store::Store& store_;
  const int64_t large_;
  bool has_to_move_ = false;
  bool was_large_ = false;  ///< at the last try; once may be a backup, or a client at work
  std::string alarm_;
  std::string failure_;  ///< that was told last
};

}  // namespace specd::sync
