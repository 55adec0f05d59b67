#include "proto/event.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json.h"
#include "proto/json_writer.h"

namespace specd::proto {
namespace {

std::optional<int64_t> whole(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::string to_string(EventId id) {
  return std::to_string(id.epoch) + "-" + std::to_string(id.seq);
}

std::string to_string(const EventCursor& cursor) {
  std::string text = to_string(cursor.at);
  if (cursor.urgent > cursor.at.seq) text += "." + std::to_string(cursor.urgent);
  return text;
}

std::optional<EventCursor> parse_event_cursor(std::string_view text) {
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const size_t dot = text.find('.', dash);
  const auto epoch = whole(text.substr(0, dash));
  const auto seq = whole(text.substr(dash + 1, dot - dash - 1));
  const auto urgent = dot == std::string_view::npos ? 0 : whole(text.substr(dot + 1));
  if (!epoch || !seq || !urgent) return std::nullopt;
  return EventCursor{{*epoch, *seq}, *urgent};
}

Payload Payload::of_json(std::string json) {
  Payload payload;
  payload.json_ = std::move(json);
  payload.object_.reset();
  return payload;
}

const Value& Payload::object() const {
  if (!object_) object_ = json::parse(json_).value_or(Value{.kind = Value::Kind::map});
  return *object_;
}

Value& Payload::edit() {
  (void)object();
  json_.clear();
  return *object_;
}

std::string_view Event::text(std::string_view member) const {
  const Value* found = payload.object().find(member);
  return found != nullptr && found->is_scalar() ? std::string_view(found->text)
                                                : std::string_view();
}

const std::vector<std::string_view>& event_types() {
  static const std::vector<std::string_view> types{
      "spec.created",  "spec.updated",    "spec.renamed",      "spec.deleted",
      "specs.batch",   "sync.error",      "project.added",     "project.changed",
      "project.state", "project.removed", "conflict.detected", "conflict.resolved",
      "resync"};
  return types;
}

bool is_urgent(const Event& event) {
  return !event.type.starts_with("spec.");
}

std::string to_json(const Event& event) {
  constexpr std::array<std::string_view, 7> kOurs = {"type",   "seq",   "project",  "key",
                                                     "origin", "actor", "timestamp"};
  JsonWriter out;
  out.begin_object();
  out.name("type");
  out.text(event.type);
  out.name("seq");
  out.number(event.id.seq);
  out.name("project");
  out.text_or_null(event.project);
  out.name("key");
  out.text_or_null(event.key);
  out.name("origin");
  out.text(event.origin);
  out.name("actor");
  out.text_or_null(event.actor);
  out.name("timestamp");
  out.timestamp(event.at);
  if (const std::string* json = event.payload.json()) {
    out.members(*json);
  } else {
    for (const auto& [name, value] : event.payload.object().entries) {
      if (std::ranges::find(kOurs, name) != kOurs.end()) continue;
      out.name(name);
      out.value(value);
    }
  }
  out.end_object();
  return out.take();
}

std::string batch_json(const std::vector<std::string_view>& events) {
  JsonWriter out;
  out.begin_object();
  out.name("type");
  out.text("specs.batch");
  out.name("count");
  out.number(static_cast<int64_t>(events.size()));
  out.name("events");
  out.begin_list();
  for (const std::string_view event : events) out.raw(event);
  out.end_list();
  out.end_object();
  return out.take();
}

std::string resync_json() {
  return R"({"type":"resync"})";
}

}  // namespace specd::proto
