#include "store/events.h"

#include "store/columns.h"
#include "store/recent_events.h"

namespace specd::store {
namespace {

Event event_of(sqlite::Row& row) {
  Event event;
  event.epoch = Epoch{row.integer()};
  event.seq = Seq{row.integer()};
  event.type = row.text();
  event.project = ProjectId{row.integer()};
  event.spec = maybe_spec_key(row);
  event.origin = row.text();
  event.actor = row.text();
  event.payload = row.text();
  event.at = row.time();
  return event;
}

Result<Epoch> epoch(sqlite::Database& db) {
  const auto number = db.integer("SELECT value FROM meta WHERE name = 'epoch'");
  if (!number) return Failure(number.error());
  return Epoch{*number};
}

}  // namespace

Result<EventCursor> Events::append(Event event) {
  assert_writing(db_);
  SPECD_TRY(db_.run(
      "INSERT INTO events (epoch, type, project, spec, origin, actor, payload, at) "
      "VALUES ((SELECT value FROM meta WHERE name = 'epoch'), ?, ?, ?, ?, ?, ?, ?)",
      event.type, event.project, event.spec, event.origin, event.actor, event.payload, event.at));
  const auto now = epoch(db_);
  if (!now) return Failure(now.error());
  const EventCursor cursor{*now, Seq{db_.last_insert_rowid()}};
  if (recent_ != nullptr) {
    event.epoch = cursor.epoch;
    event.seq = cursor.seq;
    recent_->add(std::move(event));
  }
  return cursor;
}

Result<Epoch> Events::renew(WallTime now) {
  assert_writing(db_);
  // Later than the last one, also where the clock was set back.
  SPECD_TRY(
      db_.run("INSERT INTO meta (name, value) VALUES ('epoch', ?) "
              "ON CONFLICT DO UPDATE SET value = max(value + 1, excluded.value)",
              now));
  return epoch(db_);
}

Result<int64_t> Events::trim(WallTime before, int64_t max_rows) {
  assert_writing(db_);
  // From the front only, so that no gap opens in the numbers that can be read; and never the
  // latest, from which the next number is counted.
  return db_.run(
      "DELETE FROM events WHERE seq < (SELECT max(seq) FROM events) AND "
      "(seq < coalesce((SELECT min(seq) FROM events WHERE at >= ?1), "
      "  (SELECT max(seq) FROM events)) "
      "OR seq <= (SELECT seq FROM events ORDER BY seq DESC LIMIT 1 OFFSET ?2))",
      before, max_rows);
}

Result<EventPage> Events::after(EventCursor cursor, int64_t limit) const {
  // In one statement: all of it is of one moment, and costs one look at the log.
  EventPage page;
  int64_t first = 1;
  auto read = db_.each(
      "SELECT now.epoch, now.first, now.last, "
      "  told.epoch, told.seq, type, project, spec, origin, actor, payload, at "
      "FROM (SELECT (SELECT value FROM meta WHERE name = 'epoch') AS epoch, "
      "  (SELECT coalesce(min(seq), 1) FROM events) AS first, "
      "  (SELECT coalesce(max(seq), 0) FROM events) AS last) AS now "
      "LEFT JOIN (SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?) AS told "
      "ORDER BY told.seq",
      [&](sqlite::Row& row) {
        page.latest.epoch = Epoch{row.integer()};
        first = row.integer();
        page.latest.seq = Seq{row.integer()};
        if (page.latest.seq > cursor.seq && limit > 0) page.events.push_back(event_of(row));
      },
      cursor.seq, limit);
  if (!read) return Failure(read.error());
  page.resync = cursor.epoch != page.latest.epoch || cursor.seq > page.latest.seq ||
                cursor.seq.value + 1 < first;
  if (page.resync) page.events.clear();
  return page;
}

Result<EventCursor> Events::latest() const {
  const auto now = epoch(db_);
  if (!now) return Failure(now.error());
  const auto seq = db_.integer("SELECT coalesce(max(seq), 0) FROM events");
  if (!seq) return Failure(seq.error());
  return EventCursor{*now, Seq{*seq}};
}

Result<Seq> Events::first_available() const {
  const auto seq = db_.integer("SELECT coalesce(min(seq), 1) FROM events");
  if (!seq) return Failure(seq.error());
  return Seq{*seq};
}

}  // namespace specd::store
