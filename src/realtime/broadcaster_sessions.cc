#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "base/path.h"
#include "proto/json_writer.h"
#include "realtime/broadcaster.h"
#include "realtime/command.h"
#include "realtime/session.h"

// Who listens, from the first word to the last.
namespace specd::realtime {
namespace {

using std::chrono::milliseconds;

/// The name of a subscription that was given none.
constexpr std::string_view kUnnamed = "default";
constexpr int kSilentHeartbeats = 3;

/// Where the client says it was; an id that we never gave out lies in no epoch of ours.
std::optional<proto::EventCursor> resume_point(const net::Request& request) {
  std::string_view id = request.headers.get("last-event-id");
  if (id.empty()) id = request.query.get("since");
  if (id.empty()) return std::nullopt;
  return proto::parse_event_cursor(id).value_or(proto::EventCursor{});
}

bool asks_for_something(const net::Fields& query) {
  constexpr std::array<std::string_view, 6> kWords = {"project",  "spec",        "types",
                                                      "children", "throttle_ms", "since"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return query.count(word) != 0; });
}

std::string json_of(const Error& error) {
  proto::JsonWriter out;
  out.begin_object();
  out.name("code");
  out.text(error.code == Code::not_found ? "not_found" : "bad_subscription");
  out.name("detail");
  out.text(error.message);
  out.end_object();
  return out.take();
}

}  // namespace

std::string Broadcaster::subscriptions_of(const Session& session) {
  proto::JsonWriter out;
  out.begin_object();
  out.name("subscriptions");
  out.raw(subscriptions_json(session.interests));
  out.name("throttle_ms");
  out.number(session.throttle.count());
  out.end_object();
  return out.take();
}

std::optional<net::Response> Broadcaster::open(const net::Request& request,
                                               std::shared_ptr<net::Stream> stream,
                                               const Dialect& dialect) {
  auto wish = parse_wish(request.query);
  if (!wish) return refuse(net::problem(400, "bad_subscription", wish.error().message));
  if (sessions_.size() >= options_.max_sessions) {
    return refuse(
        net::problem(503, "too_many_subscribers", "too many event streams are open already"));
  }
  if (const auto known = check_projects(wish->subscription.projects); !known)
    return refuse(net::problem(404, "not_found", known.error().message));
  ++session_count_;
  const auto latest = feed_.latest();
  if (!latest) {
    --session_count_;
    log::warn("events unreadable", {{"why", latest.error().message}});
    return refuse(
        net::problem(503, "events_unreadable", "the events cannot be read at the moment"));
  }
  if (sessions_.empty()) head_ = *latest;
  auto session = std::make_shared<Session>(
      std::move(stream), dialect, Allowance({options_.messages_per_second, options_.message_burst}),
      Allowance({options_.commands_per_second, options_.command_burst}));
  session->id = ++totals_.opened;
  session->agent = request.headers.get("user-agent");
  session->since = session->last_sent = options_.clock->wall();
  session->cursor = {*latest};
  if (!dialect.is_two_way() || asks_for_something(request.query)) {
    (void)session->interests.put(std::string(kUnnamed), std::move(wish->subscription));
    session->throttle = wish->throttle;
    session->form = session->usual_form();
  }
  session->stream->on({.drained =
                           [this, weak = std::weak_ptr(session)] {
                             if (auto drained = weak.lock()) catch_up(drained);
                           },
                       .closed = [this, raw = session.get()] { remove(raw); },
                       .message =
                           [this, weak = std::weak_ptr(session)](const std::string& text) {
                             if (auto speaker = weak.lock()) hear(speaker, text);
                           }});
  sessions_.push_back(session);
  if (heartbeat_ == nullptr) arm_heartbeat();
  begin(session, resume_point(request));
  return std::nullopt;
}

std::optional<net::Response> Broadcaster::refuse(net::Response answer) {
  ++totals_.refused;
  return answer;
}

Result<> Broadcaster::check_projects(const std::vector<std::string>& slugs) const {
  for (const std::string& slug : slugs) {
    const auto is_there = feed_.has_project(slug);
    if (is_there && !*is_there)
      return fail(Code::not_found, "there is no project \"" + printable_utf8(slug) + "\"");
  }
  return {};
}

/// Who comes back keeps the id it has until there is an event for it.
void Broadcaster::begin(const SessionPtr& session, std::optional<proto::EventCursor> since) {
  if (session->interests.empty()) session->resume = std::exchange(since, std::nullopt);
  const auto told = since ? std::nullopt : session->told_cursor();
  if (since) session->cursor = *since;
  if (!write(*session, session->dialect.greeting(told, options_.heartbeat))) {
    session->pace = Session::Pace::waits_for_client;
  } else if (since) {
    catch_up(session);
  }
}

void Broadcaster::hear(const SessionPtr& session, const std::string& text) {
  if (session->to_say.wait(loop_.now()) > milliseconds(0)) {
    return give_up(session, Parting::too_much);
  }
  session->to_say.take(1, loop_.now());
  const auto message = parse_message(text);
  const Value ref = message ? message->ref : Value{};
  const auto command =
      message ? parse_command(message->event, message->data) : tl::unexpected(message.error());
  const proto::EventCursor before = session->cursor;
  const Result<> obeyed = command ? obey(*session, *command) : tl::unexpected(command.error());
  const Dialect& dialect = session->dialect;
  std::string answer = obeyed ? dialect.reply("subscriptions", ref, session->told_cursor(),
                                              subscriptions_of(*session))
                              : dialect.reply("error", ref, std::nullopt, json_of(obeyed.error()));
  // Who asks and takes no answers gets none.
  if (!write(*session, std::move(answer)) && !session->is_behind()) {
    session->pace = Session::Pace::waits_for_client;
  }
  if (session->cursor != before && !session->is_behind()) catch_up(session);
}

Result<> Broadcaster::obey(Session& session, const Command& command) {
  Interests& interests = session.interests;
  const std::string name = command.id.value_or(std::string(kUnnamed));
  switch (command.kind) {
    case Command::Kind::subscribe: {
      const bool is_first = interests.empty();
      if (command.since && !is_first) {
        return fail(Code::invalid, "since counts for the first subscription of a connection only");
      }
      if (auto known = check_projects(command.subscription.projects); !known) return known;
      if (auto put = interests.put(name, command.subscription); !put) return put;
      const auto resume = std::exchange(session.resume, std::nullopt);
      if (is_first) session.cursor = command.since.value_or(resume.value_or(session.cursor));
      if (command.throttle) session.throttle = *command.throttle;
      if (!session.is_behind()) session.form = session.usual_form();
      return {};
    }
    case Command::Kind::unsubscribe:
      if (!command.id) {
        interests.clear();
      } else if (!interests.remove(name)) {
        return fail(Code::not_found, "there is no subscription \"" + printable_utf8(name) + "\"");
      }
      return {};
    case Command::Kind::subscriptions:
      return {};
  }
  return {};
}

ListenerStats Broadcaster::stats() const {
  ListenerStats stats = totals_;
  for (const SessionPtr& session : sessions_) {
    const auto silence = loop_.now() - session->stream->last_heard();
    const WallTime heard =
        options_.clock->wall() - std::chrono::duration_cast<WallTime::duration>(silence);
    stats.listeners.push_back(
        {.id = session->id,
         .since = session->since,
         .last_sent = session->last_sent,
         .last_heard = session->dialect.is_two_way() ? std::optional(heard) : std::nullopt,
         .transport = session->dialect.name(),
         .agent = session->agent,
         .interests = session->interests,
         .throttle = session->throttle,
         .cursor = session->cursor,
         .is_behind = session->is_behind()});
  }
  return stats;
}

void Broadcaster::give_up(const SessionPtr& session, Parting why) {
  ++totals_.given_up;
  if (why == Parting::too_much) ++totals_.said_too_much;
  if (std::string farewell = session->dialect.farewell(why); !farewell.empty()) {
    (void)session->stream->write(std::move(farewell));
  }
  session->stream->close();
  remove(session.get());
}

void Broadcaster::remove(const Session* session) {
  std::erase_if(sessions_, [&](const SessionPtr& each) { return each.get() == session; });
  session_count_ = sessions_.size();
  if (!sessions_.empty()) return;
  heartbeat_.reset();
  pages_.clear();
}

void Broadcaster::arm_heartbeat() {
  heartbeat_ = loop_.after(options_.heartbeat, [this] {
    pages_.clear();
    // Some of them may go.
    for (const SessionPtr& session : std::vector(sessions_)) beat(session);
    pump();
    if (!sessions_.empty()) arm_heartbeat();
  });
}

void Broadcaster::beat(const SessionPtr& session) {
  const bool is_silent =
      loop_.now() - session->stream->last_heard() > kSilentHeartbeats * options_.heartbeat;
  if (session->dialect.is_two_way() && is_silent) {
    give_up(session, Parting::silent);
  } else if (session->pace == Session::Pace::waits_for_client) {
    catch_up(session);  // in case it was the outbox that could not be read
  } else if (!write(*session, session->dialect.heartbeat(session->told_cursor()))) {
    session->pace = Session::Pace::waits_for_client;
  }
}

}  // namespace specd::realtime
