#include "realtime/broadcaster.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace specd::realtime {
namespace {

constexpr std::string_view kRetry = "retry: 1000\n";  // milliseconds, for clients that lose us

/// Where the client says it was; an id that we never gave out lies in no epoch of ours.
std::optional<proto::EventId> resume_point(const net::Request& request) {
  std::string_view id = request.headers.get("last-event-id");
  if (id.empty()) id = request.query.get("since");
  if (id.empty()) return std::nullopt;
  return proto::parse_event_id(id).value_or(proto::EventId{});
}

}  // namespace

struct Broadcaster::Session {
  std::shared_ptr<net::Stream> stream;
  Subscription subscription;
  proto::EventId cursor;   ///< the last event that was written or did not concern it
  bool is_behind = false;  ///< reads the outbox for itself, when its queue is empty
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
  auto subscription = parse_subscription(request.query);
  if (!subscription) return net::problem(400, "bad_subscription", subscription.error().message);
  if (sessions_.size() >= options_.max_sessions) {
    return net::problem(503, "too_many_subscribers", "too many event streams are open already");
  }
  ++session_count_;
  const auto latest = feed_.latest();
  if (!latest) {
    --session_count_;
    log::warn("events unreadable", {{"why", latest.error().message}});
    return net::problem(503, "events_unreadable", "the events cannot be read at the moment");
  }
  if (sessions_.empty()) head_ = *latest;
  const auto since = resume_point(request);
  auto session = std::make_shared<Session>(Session{.stream = std::move(stream),
                                                   .subscription = std::move(*subscription),
                                                   .cursor = since.value_or(*latest),
                                                   .is_behind = since.has_value()});
  session->stream->on(
      [this, weak = std::weak_ptr(session)] {
        if (auto drained = weak.lock()) catch_up(drained);
      },
      [this, raw = session.get()] { remove(raw); });
  sessions_.push_back(session);
  if (heartbeat_ == nullptr) arm_heartbeat();
  std::string greeting(kRetry);
  // Who comes back keeps the id it has until there is an event for it.
  greeting += since ? ":\n\n" : proto::cursor_sse(*latest);
  if (!session->stream->write(std::move(greeting))) session->is_behind = true;
  if (since) catch_up(session);
  return std::nullopt;
}

/// For all that keep up: one page at a time, so that nothing else on the loop waits for long.
void Broadcaster::pump() {
  if (sessions_.empty()) return;
  const auto page = read(head_);
  if (!page) {
    // The heartbeat tries again.
    log::warn("events unreadable", {{"why", page.error().message}});
    return;
  }
  for (const SessionPtr& session : sessions_) {
    if (session->is_behind) continue;
    if (page->resync) {
      catch_up(session);
    } else {
      deliver(*session, *page);
    }
  }
  head_ = page->resync || page->is_last ? page->latest : page->events.back().first.id;
  if (!page->is_last) notify();
}

Result<Broadcaster::Encoded> Broadcaster::read(proto::EventId after) const {
  auto page = feed_.after(after, options_.page);
  if (!page) return tl::unexpected(page.error());
  Encoded encoded{.resync = page->resync,
                  .is_last = static_cast<int64_t>(page->events.size()) < options_.page,
                  .latest = page->latest};
  for (proto::Event& event : page->events) {
    std::string frame = proto::to_sse(event);
    event.payload.clear();
    encoded.events.emplace_back(std::move(event), std::move(frame));
  }
  // `latest` may be newer than the page where the two were not read at once.
  if (encoded.is_last && !encoded.resync) {
    encoded.latest = encoded.events.empty() ? after : encoded.events.back().first.id;
  }
  return encoded;
}

/// All of the page or, where the queue is full, nothing of it.
void Broadcaster::deliver(Session& session, const Encoded& page) const {
  if (page.events.empty() || page.events.back().first.id.seq <= session.cursor.seq) return;
  std::string frames;
  for (const auto& [event, frame] : page.events) {
    if (event.id.seq > session.cursor.seq && session.subscription.wants(event)) frames += frame;
  }
  if (!frames.empty() && !session.stream->write(std::move(frames))) {
    session.is_behind = true;
    return;
  }
  session.cursor = page.events.back().first.id;
}

/// For one that reads for itself: the next page; further ones after others have had their turn.
void Broadcaster::catch_up(const SessionPtr& session) {
  session->is_behind = true;
  const auto page = read(session->cursor);
  if (!page) {
    log::warn("events unreadable", {{"why", page.error().message}});
    return;
  }
  if (page->resync) {
    if (!session->stream->write(proto::resync_sse(page->latest))) return;
    session->cursor = page->latest;
    session->is_behind = false;
    return;
  }
  session->is_behind = false;
  deliver(*session, *page);
  if (session->is_behind || page->is_last) return;
  session->is_behind = true;
  loop_.post([this, weak = std::weak_ptr(session)] {
    if (auto next = weak.lock()) catch_up(next);
  });
}

void Broadcaster::remove(const Session* session) {
  std::erase_if(sessions_, [&](const SessionPtr& each) { return each.get() == session; });
  session_count_ = sessions_.size();
  if (sessions_.empty()) heartbeat_.reset();
}

void Broadcaster::arm_heartbeat() {
  heartbeat_ = loop_.after(options_.heartbeat, [this] {
    for (const SessionPtr& session : sessions_) {
      if (session->is_behind) {
        catch_up(session);  // in case it was the outbox that could not be read
        continue;
      }
      if (!session->stream->write(proto::cursor_sse(session->cursor))) session->is_behind = true;
    }
    pump();
    arm_heartbeat();
  });
}

}  // namespace specd::realtime
