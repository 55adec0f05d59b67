#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "proto/event.h"
#include "realtime/dialect.h"
#include "realtime/feed.h"
#include "realtime/subscription.h"

namespace specd::realtime {

/// One page of the outbox, on its way to everybody: each event is worded once, however many hear of
/// it. What goes to one client is such that wherever it breaks off, the last cursor in it says
/// exactly what the client has had.
class Bulletin {
 public:
  /// `limit`: events that were asked for. More than `max_single` for one client become one batch.
  Bulletin(Page page, proto::EventId after, int64_t limit, size_t max_single);

  /// The cursor that was asked with means nothing any more: there is nothing here but `end`.
  [[nodiscard]] bool is_resync() const { return page_.resync; }
  /// Nothing was left behind it.
  [[nodiscard]] bool is_last() const { return is_last_; }
  [[nodiscard]] bool empty() const { return page_.events.empty(); }
  /// Where it goes on from, and where it ends.
  [[nodiscard]] proto::EventId begin() const { return begin_; }
  [[nodiscard]] proto::EventId end() const { return end_; }
  /// The last event that there was when it was read.
  [[nodiscard]] proto::EventId latest() const { return page_.latest; }

  enum class Form {
    each,      ///< every event, unless there are too many
    together,  ///< each spec once
  };
  struct Letter {
    std::string bytes;  ///< empty: nothing of it is wanted
    int messages = 0;
  };
  /// What whoever has come as far as `cursor` wants of it; afterwards it has come to `end`.
  [[nodiscard]] Letter write(const Dialect& dialect, const Interests& wanted,
                             const proto::EventCursor& cursor, Form form);
  /// What is urgent of that, for one who has had what was urgent before; `cursor` moves with it.
  [[nodiscard]] Letter write_urgent(const Dialect& dialect, const Interests& wanted,
                                    proto::EventCursor& cursor);

 private:
  using Events = std::vector<const proto::Event*>;

  [[nodiscard]] Events wanted_of(const Interests& wanted, const proto::EventCursor& cursor) const;
  [[nodiscard]] Letter word(const Dialect& dialect, const Events& events,
                            proto::EventCursor cursor);
  [[nodiscard]] Letter word_together(const Dialect& dialect, const Events& events,
                                     proto::EventCursor cursor) const;
  [[nodiscard]] const std::string& json_of(const proto::Event& event);

  const Page page_;
  const bool is_last_;
  const proto::EventId begin_;
  const proto::EventId end_;
  const size_t max_single_;

  /// What somebody was told; the same for whoever wants the same.
  struct Told {
    const Dialect* dialect;
    bool is_together;
    proto::EventCursor cursor;
    Events events;
    Letter letter;
  };

  std::vector<std::string> json_;  // by event; empty: not worded yet
  std::vector<Told> told_;
};

}  // namespace specd::realtime
