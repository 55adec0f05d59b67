#include "realtime/sse.h"

namespace specd::realtime::sse {

std::string greeting(const std::optional<proto::EventCursor>& cursor) {
  return "retry: 1000\n" + (cursor ? heartbeat(*cursor) : ":\n\n");  // milliseconds
}

std::string frame(const proto::EventCursor& cursor, std::string_view type, std::string_view json) {
  std::string text = "id: " + to_string(cursor) + "\nevent: ";
  text.append(type).append("\ndata: ").append(json).append("\n\n");
  return text;
}

std::string heartbeat(const proto::EventCursor& cursor) {
  return ":\nid: " + to_string(cursor) + "\n\n";
}

}  // namespace specd::realtime::sse
