#include "store/recent_events.h"

#include <utility>

namespace specd::store {
namespace {

constexpr size_t kMostEvents = 64;
constexpr size_t kMostBytes = size_t{256} << 10;

}  // namespace

void RecentEvents::commit() {
  if (uncommitted_.empty()) return;
  MutexLock lock(mutex_);
  for (Event& event : uncommitted_) {
    // Numbers grow by one, and a new epoch is not one run with the old.
    const bool follows = !events_.empty() && events_.back().epoch == event.epoch &&
                         events_.back().seq.value + 1 == event.seq.value;
    if (!follows) {
      events_.clear();
      bytes_ = 0;
    }
    bytes_ += event.payload.size();
    events_.push_back(std::move(event));
    while (events_.size() > kMostEvents || bytes_ > kMostBytes) {
      bytes_ -= events_.front().payload.size();
      events_.pop_front();
    }
  }
  uncommitted_.clear();
}

std::optional<EventPage> RecentEvents::after(EventCursor cursor, int64_t limit) const {
  MutexLock lock(mutex_);
  if (events_.empty() || events_.front().epoch != cursor.epoch) return std::nullopt;
  const int64_t begin = cursor.seq.value + 1 - events_.front().seq.value;
  const auto size = static_cast<int64_t>(events_.size());
  if (begin < 0 || begin >= size) return std::nullopt;
  EventPage page;
  page.latest = {events_.back().epoch, events_.back().seq};
  for (int64_t i = begin; i < size && i - begin < limit; ++i)
    page.events.push_back(events_[static_cast<size_t>(i)]);
  return page;
}

}  // namespace specd::store
