#include "realtime/bulletin.h"

#include <algorithm>
#include <utility>

#include "realtime/coalesce.h"

namespace specd::realtime {
namespace {

/// Of letters. Who wants anything rarer has it worded for himself.
constexpr size_t kMostKept = 16;

}  // namespace

Bulletin::Bulletin(Page page, proto::EventId after, int64_t limit, size_t max_single)
    : page_(std::move(page)),
      is_last_(static_cast<int64_t>(page_.events.size()) < limit),
      begin_(after),
      // `latest` may be newer than the events where the two were not read at once.
      end_(page_.resync           ? page_.latest
           : page_.events.empty() ? after
                                  : page_.events.back().id),
      max_single_(max_single),
      json_(page_.events.size()) {}

Bulletin::Letter Bulletin::write(const Dialect& dialect, const Interests& wanted,
                                 const proto::EventCursor& cursor, Form form) {
  Events events = wanted_of(wanted, cursor);
  const bool is_together = form == Form::together || events.size() > max_single_;
  const auto same = std::ranges::find_if(told_, [&](const Told& told) {
    return told.dialect == &dialect && told.is_together == is_together && told.cursor == cursor &&
           told.events == events;
  });
  if (same != told_.end()) return same->letter;
  Letter letter =
      is_together ? word_together(dialect, events, cursor) : word(dialect, events, cursor);
  if (told_.size() < kMostKept)
    told_.push_back({&dialect, is_together, cursor, std::move(events), letter});
  return letter;
}

Bulletin::Letter Bulletin::write_urgent(const Dialect& dialect, const Interests& wanted,
                                        proto::EventCursor& cursor) {
  Letter letter;
  for (const proto::Event* event : wanted_of(wanted, cursor)) {
    if (!is_urgent(*event)) continue;
    cursor.urgent = event->id.seq;
    dialect.append(letter.bytes, cursor, event->type, json_of(*event));
    ++letter.messages;
  }
  return letter;
}

Bulletin::Events Bulletin::wanted_of(const Interests& wanted,
                                     const proto::EventCursor& cursor) const {
  Events events;
  for (const proto::Event& event : page_.events) {
    const bool is_known =
        event.id.seq <= cursor.at.seq || (event.id.seq <= cursor.urgent && is_urgent(event));
    if (!is_known && wanted.wants(event)) events.push_back(&event);
  }
  return events;
}

/// What is urgent comes first, so that what follows has to say that it was there.
Bulletin::Letter Bulletin::word(const Dialect& dialect, const Events& events,
                                proto::EventCursor cursor) {
  Letter letter{.messages = static_cast<int>(events.size())};
  for (const proto::Event* event : events) {
    if (!is_urgent(*event)) continue;
    cursor.urgent = event->id.seq;
    dialect.append(letter.bytes, cursor, event->type, json_of(*event));
  }
  for (const proto::Event* event : events) {
    if (is_urgent(*event)) continue;
    cursor.at = event->id;
    dialect.append(letter.bytes, cursor, event->type, json_of(*event));
  }
  return letter;
}

/// As one message, or none of it would have come: its events do not stand in order.
Bulletin::Letter Bulletin::word_together(const Dialect& dialect, const Events& events,
                                         proto::EventCursor cursor) const {
  std::vector<proto::Event> all;
  for (const proto::Event* event : events) all.push_back(*event);
  all = coalesce(std::move(all));
  const auto rest = std::ranges::find_if_not(all, proto::is_urgent);
  Letter letter;
  for (auto event = all.begin(); event != rest; ++event) {
    cursor.urgent = event->id.seq;
    dialect.append(letter.bytes, cursor, event->type, to_json(*event));
    ++letter.messages;
  }
  if (rest == all.end()) return letter;
  ++letter.messages;
  cursor.at = end_;
  if (rest + 1 == all.end()) {
    dialect.append(letter.bytes, cursor, rest->type, to_json(*rest));
    return letter;
  }
  std::vector<std::string> json;
  for (auto event = rest; event != all.end(); ++event) json.push_back(to_json(*event));
  dialect.append(letter.bytes, cursor, "specs.batch",
                 proto::batch_json({json.begin(), json.end()}));
  return letter;
}

const std::string& Bulletin::json_of(const proto::Event& event) {
  std::string& json = json_[static_cast<size_t>(&event - page_.events.data())];
  if (json.empty()) json = to_json(event);
  return json;
}

}  // namespace specd::realtime
