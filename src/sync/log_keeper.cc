#include "sync/log_keeper.h"

#include "base/log.h"

namespace specd::sync {

void LogKeeper::move() {
  if (!has_to_move_) return;
  const auto kept = store_.checkpoint();
  if (!kept) return tell_failure(kept.error());
  if (!failure_.empty()) log::info("checkpoint-recovered");
  failure_.clear();
  has_to_move_ = *kept > 0;
  judge(*kept);
}

void LogKeeper::judge(int64_t kept_bytes) {
  const bool is_large = kept_bytes >= large_;
  const bool is_alarming = is_large && was_large_;
  was_large_ = is_large;
  if (!is_alarming) {
    if (!alarm_.empty()) log::info("log-emptied");
    alarm_.clear();
    return;
  }
  const std::string readers = store_.foreign_readers();
  if (alarm_.empty()) log::warn("log-kept", {{"bytes", kept_bytes}, {"reader", readers}});
  alarm_ = "the database's log has grown to " + std::to_string(kept_bytes >> 20) +
           " MiB, and cannot be emptied, since " + readers +
           " does not end its read transaction; end it, or that program";
}

// The batch comes every 30 s; whoever reads the log has understood after the first time.
void LogKeeper::tell_failure(const Error& error) {
  // A foreign client moves the log at this moment.
  if (error.code == Code::busy || error.message == failure_) return;
  failure_ = error.message;
  log::warn("checkpoint-failed", {{"error", failure_}});
}

}  // namespace specd::sync
