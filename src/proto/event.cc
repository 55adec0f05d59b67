#include "proto/event.h"

#include <charconv>

#include "base/json.h"
#include "proto/json_build.h"

namespace specd::proto {
namespace {

std::optional<int64_t> whole(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// json::dump writes one line, so one data field carries it.
std::string frame(EventId id, std::string_view type, const Value& data) {
  std::string frame = "id: " + to_string(id) + "\nevent: ";
  frame.append(type).append("\ndata: ").append(json::dump(data));
  return frame.append("\n\n");
}

}  // namespace

std::string to_string(EventId id) {
  return std::to_string(id.epoch) + "-" + std::to_string(id.seq);
}

std::optional<EventId> parse_event_id(std::string_view text) {
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto epoch = whole(text.substr(0, dash));
  const auto seq = whole(text.substr(dash + 1));
  if (!epoch || !seq) return std::nullopt;
  return EventId{*epoch, *seq};
}

std::string to_sse(const Event& event) {
  Value data = object();
  data.entries.emplace_back("seq", number(event.id.seq));
  data.entries.emplace_back("type", text(event.type));
  data.entries.emplace_back("project", text_or_null(event.project));
  data.entries.emplace_back("spec", text_or_null(event.spec));
  data.entries.emplace_back("origin", text(event.origin));
  data.entries.emplace_back("actor", text_or_null(event.actor));
  data.entries.emplace_back("at", timestamp(event.at));
  if (auto payload = json::parse(event.payload)) {
    for (auto& [name, value] : payload->entries) {
      if (data.find(name) == nullptr) data.entries.emplace_back(name, std::move(value));
    }
  }
  return frame(event.id, event.type, data);
}

std::string resync_sse(EventId latest) {
  Value data = object();
  data.entries.emplace_back("type", text("resync"));
  data.entries.emplace_back("seq", number(latest.seq));
  return frame(latest, "resync", data);
}

std::string cursor_sse(EventId cursor) {
  return ":\nid: " + to_string(cursor) + "\n\n";
}

}  // namespace specd::proto
