#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "store/store.h"

namespace specd::sync {

/// When to look whether somebody else has committed to the database. Sync thread only, since it is
/// the writing connection alone whose data version its own commits do not move.
///
/// A notice says that the log was written to, which is before the commit can be seen, sometimes by
/// a whole fsync. So there are looks, soon at first and later each time, until the write lock can
/// be had: then nobody is about to commit, and one last look has seen all there is. Without a
/// notice nothing is ever due.
class Lookout {
 public:
  enum class Writer {
    others,
    perhaps_ours,  ///< one look is enough, unless the lock says that somebody else is at work
  };
  void notice(Writer writer, SteadyTime now);
  /// When the next look is due; none: nothing is expected.
  [[nodiscard]] std::optional<SteadyTime> next() const { return next_; }
  /// Looks. Whether somebody else has committed since the look before; the first one ever says yes.
  [[nodiscard]] Result<bool> look(store::Store& store, SteadyTime now);

 private:
  Result<bool> has_moved(store::Store& store);

  std::optional<int64_t> version_;  ///< of the data, at the latest look
  SteadyTime since_{};              ///< of the notice that this is about
  std::optional<SteadyTime> next_;
};

}  // namespace specd::sync
