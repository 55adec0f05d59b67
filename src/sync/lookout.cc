#include "sync/lookout.h"

#include <algorithm>
#include <chrono>

namespace specd::sync {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// Most commits can be seen by then. Before that, nobody's BEGIN is to meet ours.
constexpr microseconds kBeforeLock{300};
constexpr microseconds kShortestWait{50};
// For whom a commit takes long, a little longer does not matter.
constexpr SteadyTime::duration kLongestWait = milliseconds(20);

}  // namespace

void Lookout::notice(Writer writer, SteadyTime now) {
  if (writer == Writer::others) {
    since_ = now;
  } else if (!next_) {
    since_ = now - kBeforeLock;
  }
  next_ = now;
}

Result<bool> Lookout::has_moved(store::Store& store) {
  auto version = store.data_version();
  if (!version) return tl::unexpected(version.error());
  const bool moved = version_ != *version;
  version_ = *version;
  return moved;
}

Result<bool> Lookout::look(store::Store& store, SteadyTime now) {
  const SteadyTime::duration age = now - since_;
  next_ = now + kLongestWait;  // should any of this fail
  auto moved = has_moved(store);
  if (!moved) return moved;
  if (age < kBeforeLock) {
    next_ = now + std::max<SteadyTime::duration>(age, kShortestWait);
    return moved;
  }
  const auto lock = store.probe_write_lock();
  if (!lock && lock.error().code != Code::busy) return tl::unexpected(lock.error());
  if (!lock) {
    next_ = now + std::clamp<SteadyTime::duration>(age / 4, kShortestWait, kLongestWait);
    return moved;
  }
  next_.reset();
  auto again = has_moved(store);
  if (!again) return again;
  return *moved || *again;
}

}  // namespace specd::sync
