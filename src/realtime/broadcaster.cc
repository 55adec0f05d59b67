#include "realtime/broadcaster.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "realtime/session.h"

namespace specd::realtime {

using std::chrono::milliseconds;

namespace {

constexpr size_t kMostPages = 8;

}  // namespace

Broadcaster::Broadcaster(net::Loop& loop, Feed feed, BroadcasterOptions options)
    : loop_(loop), feed_(std::move(feed)), options_(options) {}

Broadcaster::~Broadcaster() = default;

void Broadcaster::notify() {
  // A session is counted before its cursor is read: whoever sees none here has committed before.
  if (session_count_.load() == 0 || is_notified_.exchange(true)) return;
  loop_.post([this] {
    is_notified_.store(false);
    pump();
  });
}

bool Broadcaster::write(Session& session, std::string bytes) const {
  if (!session.stream->write(std::move(bytes))) return false;
  session.last_sent = options_.clock->wall();
  return true;
}

/// For all that keep up: one page at a time, so that nothing else on the loop waits for long.
void Broadcaster::pump() {
  if (sessions_.empty()) return;
  auto page = read({head_});
  if (!page) {
    // The heartbeat tries again.
    log::warn("events unreadable", {{"why", page.error().message}});
    return;
  }
  for (const SessionPtr& session : sessions_) {
    if (!(*page)->is_resync()) {
      deliver(session, **page);
    } else if (!session->is_behind()) {
      catch_up(session);
    }
  }
  head_ = (*page)->end();
  if (!(*page)->is_last()) notify();
}

Result<Broadcaster::BulletinPtr> Broadcaster::read(const proto::EventCursor& after) {
  const auto known = std::ranges::find_if(pages_, [&](const BulletinPtr& page) {
    return page->begin() == after.at && after.urgent <= page->latest().seq;
  });
  if (known != pages_.end()) return *known;
  auto page = feed_.after(after.at, options_.page);
  if (!page) return tl::unexpected(page.error());
  // Nobody has heard of what is still to come: who believed that would miss it.
  if (after.urgent > page->latest.seq) *page = {.resync = true, .latest = page->latest};
  auto bulletin =
      std::make_shared<Bulletin>(std::move(*page), after.at, options_.page, options_.max_single);
  // What comes after it changes nothing in a full one.
  if (!bulletin->is_resync() && !bulletin->is_last()) {
    if (pages_.size() >= kMostPages) pages_.erase(pages_.begin());
    pages_.push_back(bulletin);
  }
  return bulletin;
}

/// All that it wants of the page; what is urgent, if it must be left alone.
void Broadcaster::deliver(const SessionPtr& session, Bulletin& page) {
  if (page.empty() || page.end().seq <= session->cursor.at.seq) return;
  if (!session->is_behind() && session->rest(loop_.now()) > milliseconds(0)) fall_behind(session);
  if (session->is_behind()) {
    deliver_urgent(*session, page);
  } else {
    (void)send(*session, page);
  }
}

/// Ahead of its turn, if it has had what is urgent up to this page.
void Broadcaster::deliver_urgent(Session& session, Bulletin& page) {
  proto::EventCursor cursor = session.cursor;
  if (std::max(cursor.at.seq, cursor.urgent) < page.begin().seq) return;
  auto letter = page.write_urgent(session.dialect, session.interests, cursor);
  if (!letter.bytes.empty() && !write(session, std::move(letter.bytes))) return;
  totals_.messages += static_cast<uint64_t>(letter.messages);
  session.to_hear.take(letter.messages, loop_.now());
  session.cursor.urgent = page.end().seq;
}

/// Whether it was taken, or there was nothing in it; otherwise the client has to take something
/// first.
bool Broadcaster::send(Session& session, Bulletin& page) {
  auto letter = page.write(session.dialect, session.interests, session.cursor, session.form);
  if (!letter.bytes.empty()) {
    if (!write(session, std::move(letter.bytes))) {
      session.pace = Session::Pace::waits_for_client;
      session.form = Bulletin::Form::together;
      return false;
    }
    totals_.messages += static_cast<uint64_t>(letter.messages);
    session.to_hear.take(letter.messages, loop_.now());
    if (page.is_last()) session.rests_until = loop_.now() + session.throttle;
  }
  session.cursor = {page.end(), session.cursor.urgent};
  return true;
}

/// It goes on by itself, when it need not be left alone any more, and others have had their turn.
void Broadcaster::fall_behind(const SessionPtr& session) {
  const milliseconds rest = session->rest(loop_.now());
  session->pace = Session::Pace::waits_for_turn;
  const auto wake = [this, weak = std::weak_ptr(session)] {
    const SessionPtr awake = weak.lock();
    if (!awake) return;
    const auto over = std::move(awake->turn);
    catch_up(awake);
  };
  if (rest == milliseconds(0)) return loop_.post(wake);
  session->form = Bulletin::Form::together;
  session->turn = loop_.after(rest, wake);
}

/// For one that reads for itself: the next page.
void Broadcaster::catch_up(const SessionPtr& session) {
  session->pace = Session::Pace::waits_for_client;
  if (session->rest(loop_.now()) > milliseconds(0)) return fall_behind(session);
  auto page = read(session->cursor);
  if (!page) {
    // The heartbeat tries again.
    log::warn("events unreadable", {{"why", page.error().message}});
    return;
  }
  if ((*page)->is_resync()) {
    const proto::EventCursor begin{(*page)->end()};
    if (!session->interests.empty()) {
      std::string resync;
      session->dialect.append(resync, begin, "resync", proto::resync_json());
      if (!write(*session, std::move(resync))) return;
      ++totals_.resyncs;
    }
    session->cursor = begin;
  } else {
    if (!send(*session, **page)) return;
    if (!(*page)->is_last()) return fall_behind(session);
  }
  session->pace = Session::Pace::keeps_up;
  session->form = session->usual_form();
}

}  // namespace specd::realtime
