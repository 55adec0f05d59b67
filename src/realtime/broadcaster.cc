#include "realtime/broadcaster.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "realtime/sse.h"
#include "realtime/subscription.h"

namespace specd::realtime {
namespace {

using std::chrono::milliseconds;

/// Where the client says it was; an id that we never gave out lies in no epoch of ours.
std::optional<proto::EventCursor> resume_point(const net::Request& request) {
  std::string_view id = request.headers.get("last-event-id");
  if (id.empty()) id = request.query.get("since");
  if (id.empty()) return std::nullopt;
  return proto::parse_event_cursor(id).value_or(proto::EventCursor{});
}

/// What may be sent at once, and is there again after a while (a token bucket).
class Allowance {
 public:
  Allowance(int per_second, int burst) : per_second_(per_second), burst_(burst), left_(burst) {}
  void take(int count, SteadyTime now) {
    fill(now);
    left_ -= count;
  }
  /// How long until there is something again; none: there is.
  milliseconds wait(SteadyTime now) {
    fill(now);
    if (left_ > 0) return milliseconds(0);
    return milliseconds(static_cast<int64_t>(1'000 * (1 - left_) / per_second_) + 1);
  }

 private:
  void fill(SteadyTime now) {
    const std::chrono::duration<double> since = now - filled_;
    filled_ = now;
    left_ = std::min<double>(burst_, left_ + since.count() * per_second_);
  }

  const double per_second_, burst_;
  double left_;
  SteadyTime filled_{};
};

}  // namespace

struct Broadcaster::Session {
  Session(std::shared_ptr<net::Stream> s, Wish w, proto::EventCursor from, Allowance a)
      : stream(std::move(s)), wish(std::move(w)), cursor(from), allowance(a), form(usual_form()) {}

  uint64_t id = 0;
  std::string agent;
  WallTime since, last_sent;
  std::shared_ptr<net::Stream> stream;
  const Wish wish;
  proto::EventCursor cursor;  ///< has had what was written until now, or did not want it
  Allowance allowance;
  SteadyTime rests_until{};

  /// Behind, it reads the outbox for itself: when its queue is empty, or when its turn comes.
  enum class Pace { keeps_up, waits_for_client, waits_for_turn };
  Pace pace = Pace::keeps_up;
  Bulletin::Form form;
  std::unique_ptr<net::Loop::Timer> turn;

  [[nodiscard]] Bulletin::Form usual_form() const {
    return wish.throttle > milliseconds(0) ? Bulletin::Form::together : Bulletin::Form::each;
  }
  [[nodiscard]] bool is_behind() const { return pace != Pace::keeps_up; }
  /// How long it must be left alone.
  milliseconds rest(SteadyTime now) {
    return std::max(
        {milliseconds(0), std::chrono::ceil<milliseconds>(rests_until - now), allowance.wait(now)});
  }
};

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

std::optional<net::Response> Broadcaster::open(const net::Request& request,
                                               std::shared_ptr<net::Stream> stream) {
  auto wish = parse_wish(request.query);
  if (!wish) return refuse(net::problem(400, "bad_subscription", wish.error().message));
  if (sessions_.size() >= options_.max_sessions) {
    return refuse(
        net::problem(503, "too_many_subscribers", "too many event streams are open already"));
  }
  for (const std::string& slug : wish->subscription.projects) {
    const auto is_there = feed_.has_project(slug);
    if (is_there && !*is_there)
      return refuse(net::problem(404, "not_found", "there is no project \"" + slug + "\""));
  }
  ++session_count_;
  const auto latest = feed_.latest();
  if (!latest) {
    --session_count_;
    log::warn("events unreadable", {{"why", latest.error().message}});
    return refuse(
        net::problem(503, "events_unreadable", "the events cannot be read at the moment"));
  }
  if (sessions_.empty()) head_ = *latest;
  const auto since = resume_point(request);
  auto session = std::make_shared<Session>(
      std::move(stream), std::move(*wish), since.value_or(proto::EventCursor{*latest}),
      Allowance(options_.messages_per_second, options_.message_burst));
  session->id = ++totals_.opened;
  session->agent = request.headers.get("user-agent");
  session->since = session->last_sent = options_.clock->wall();
  session->stream->on(
      [this, weak = std::weak_ptr(session)] {
        if (auto drained = weak.lock()) catch_up(drained);
      },
      [this, raw = session.get()] { remove(raw); });
  sessions_.push_back(session);
  if (heartbeat_ == nullptr) arm_heartbeat();
  // Who comes back keeps the id it has until there is an event for it.
  const auto first_id = since ? std::nullopt : std::optional(session->cursor);
  if (!write(*session, sse::greeting(first_id))) {
    session->pace = Session::Pace::waits_for_client;
  } else if (since) {
    catch_up(session);
  }
  return std::nullopt;
}

std::optional<net::Response> Broadcaster::refuse(net::Response answer) {
  ++totals_.refused;
  return answer;
}

ListenerStats Broadcaster::stats() const {
  ListenerStats stats = totals_;
  for (const SessionPtr& session : sessions_) {
    stats.listeners.push_back({.id = session->id,
                               .since = session->since,
                               .last_sent = session->last_sent,
                               .agent = session->agent,
                               .wish = session->wish,
                               .cursor = session->cursor,
                               .is_behind = session->is_behind()});
  }
  return stats;
}

bool Broadcaster::write(Session& session, std::string bytes) const {
  if (!session.stream->write(std::move(bytes))) return false;
  session.last_sent = options_.clock->wall();
  return true;
}

/// For all that keep up: one page at a time, so that nothing else on the loop waits for long.
void Broadcaster::pump() {
  if (sessions_.empty()) return;
  auto page = read(head_);
  if (!page) {
    // The heartbeat tries again.
    log::warn("events unreadable", {{"why", page.error().message}});
    return;
  }
  for (const SessionPtr& session : sessions_) {
    if (!page->is_resync()) {
      deliver(session, *page);
    } else if (!session->is_behind()) {
      catch_up(session);
    }
  }
  head_ = page->end();
  if (!page->is_last()) notify();
}

Result<Bulletin> Broadcaster::read(proto::EventId after) const {
  auto page = feed_.after(after, options_.page);
  if (!page) return tl::unexpected(page.error());
  return Bulletin(std::move(*page), after, options_.page, options_.max_single);
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
  auto letter = page.write_urgent(session.wish.subscription, cursor);
  if (!letter.bytes.empty() && !write(session, std::move(letter.bytes))) return;
  totals_.messages += static_cast<uint64_t>(letter.messages);
  session.allowance.take(letter.messages, loop_.now());
  session.cursor.urgent = page.end().seq;
}

/// Whether it was taken, or there was nothing in it; otherwise the client has to take something
/// first.
bool Broadcaster::send(Session& session, Bulletin& page) {
  auto letter = page.write(session.wish.subscription, session.cursor, session.form);
  if (!letter.bytes.empty()) {
    if (!write(session, std::move(letter.bytes))) {
      session.pace = Session::Pace::waits_for_client;
      session.form = Bulletin::Form::together;
      return false;
    }
    totals_.messages += static_cast<uint64_t>(letter.messages);
    session.allowance.take(letter.messages, loop_.now());
    if (page.is_last()) session.rests_until = loop_.now() + session.wish.throttle;
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
  auto page = read(session->cursor.at);
  if (!page) {
    // The heartbeat tries again.
    log::warn("events unreadable", {{"why", page.error().message}});
    return;
  }
  if (page->is_resync()) {
    const proto::EventCursor begin{page->end()};
    if (!write(*session, sse::frame(begin, "resync", proto::resync_json()))) return;
    ++totals_.resyncs;
    session->cursor = begin;
  } else {
    if (!send(*session, *page)) return;
    if (!page->is_last()) return fall_behind(session);
  }
  session->pace = Session::Pace::keeps_up;
  session->form = session->usual_form();
}

void Broadcaster::remove(const Session* session) {
  std::erase_if(sessions_, [&](const SessionPtr& each) { return each.get() == session; });
  session_count_ = sessions_.size();
  if (sessions_.empty()) heartbeat_.reset();
}

void Broadcaster::arm_heartbeat() {
  heartbeat_ = loop_.after(options_.heartbeat, [this] {
    for (const SessionPtr& session : sessions_) {
      if (session->pace == Session::Pace::waits_for_client) {
        catch_up(session);  // in case it was the outbox that could not be read
      } else if (!write(*session, sse::heartbeat(session->cursor))) {
        session->pace = Session::Pace::waits_for_client;
      }
    }
    pump();
    arm_heartbeat();
  });
}

}  // namespace specd::realtime
