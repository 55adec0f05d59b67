#include "realtime/command.h"

#include <charconv>
#include <utility>

#include "base/json.h"
#include "base/path.h"
#include "proto/json_writer.h"

namespace specd::realtime {
namespace {

constexpr size_t kLongestName = 200;

Failure must_be(std::string_view member, std::string_view what) {
  return fail(Code::invalid, std::string(member) + " must be " + std::string(what));
}

bool is_text(const Value& value) {
  return value.is_scalar() && value.quoted;
}

Result<> read_texts(std::string_view member, const Value& value, std::vector<std::string>& texts) {
  if (is_text(value)) {
    texts.push_back(value.text);
    return {};
  }
  if (value.kind != Value::Kind::list) return must_be(member, "a text or a list of texts");
  for (const Value& item : value.items) {
    if (!is_text(item)) return must_be(member, "a text or a list of texts");
    texts.push_back(item.text);
  }
  return {};
}

Result<> read_yes(std::string_view member, const Value& value, bool& yes) {
  yes = value.is_scalar() && !value.quoted && value.text == "true";
  if (yes || (value.is_scalar() && !value.quoted && value.text == "false")) return {};
  return must_be(member, "true or false");
}

Result<> read_throttle(const Value& value, std::optional<std::chrono::milliseconds>& throttle) {
  int ms = -1;
  const char* const end = value.text.data() + value.text.size();
  const auto [read_to, error] = std::from_chars(value.text.data(), end, ms);
  if (!value.is_scalar() || value.quoted || error != std::errc() || read_to != end || ms < 0 ||
      ms > kLongestThrottle.count()) {
    return must_be("throttle_ms",
                   "a whole number, 0 to " + std::to_string(kLongestThrottle.count()));
  }
  throttle = std::chrono::milliseconds(ms);
  return {};
}

Result<> read_since(const Value& value, std::optional<proto::EventCursor>& since) {
  if (!is_text(value)) return must_be("since", "the id of a message");
  since = proto::parse_event_cursor(value.text).value_or(proto::EventCursor{});
  return {};
}

Result<> read_id(const Value& value, std::optional<std::string>& id) {
  if (!is_text(value) || value.text.empty() || value.text.size() > kLongestName) {
    return must_be("id", "a text of 1 to " + std::to_string(kLongestName) + " bytes");
  }
  id = value.text;
  return {};
}

Result<> read_member(std::string_view member, const Value& value, Command& command) {
  Subscription& wanted = command.subscription;
  if (member == "id") return read_id(value, command.id);
  if (command.kind == Command::Kind::subscribe) {
    if (member == "projects") return read_texts(member, value, wanted.projects);
    if (member == "specs") return read_texts(member, value, wanted.specs);
    if (member == "types") return read_texts(member, value, wanted.types);
    if (member == "children" || member == "includeChildren") {
      return read_yes(member, value, wanted.has_children);
    }
    if (member == "throttle_ms") return read_throttle(value, command.throttle);
    if (member == "since") return read_since(value, command.since);
  }
  return fail(Code::invalid,
              "there is no member \"" + printable_utf8(member) + "\"" +
                  (command.kind == Command::Kind::subscribe
                       ? ", but id, projects, specs, types, children, throttle_ms, since"
                       : ", but id"));
}

}  // namespace

Result<Message> parse_message(std::string_view text) {
  auto parsed = json::parse_untrusted(text);
  if (!parsed) return fail(Code::invalid, "a message must be JSON: " + parsed.error().message);
  Message message;
  for (Value::Entry& entry : parsed->entries) {
    Value& value = entry.second;
    if (entry.first == "event" && is_text(value)) message.event = value.text;
    if (entry.first == "data") {
      message.data = std::move(value);
      continue;
    }
    if (entry.first != "ref") continue;
    if (!value.is_scalar() || value.text.size() > kLongestName) {
      return must_be("ref", "a number or a short text");
    }
    message.ref = std::move(value);
  }
  if (message.event.empty()) {
    return fail(Code::invalid, "a message is an object with `event`, and maybe `ref` and `data`");
  }
  return message;
}

Result<Command> parse_command(std::string_view event, const Value& data) {
  using enum Command::Kind;
  Command command;
  if (event == "subscribe") {
    command.kind = subscribe;
  } else if (event == "unsubscribe") {
    command.kind = unsubscribe;
  } else if (event == "subscriptions") {
    command.kind = subscriptions;
  } else {
    return fail(Code::invalid, "\"" + printable_utf8(event) +
                                   "\" is not understood, but subscribe, unsubscribe and "
                                   "subscriptions are");
  }
  if (data.kind != Value::Kind::map && data.kind != Value::Kind::null) {
    return must_be("data", "an object");
  }
  for (const auto& [member, value] : data.entries) {
    if (auto read = read_member(member, value, command); !read) return tl::unexpected(read.error());
  }
  if (auto checked = check(command.subscription); !checked) return tl::unexpected(checked.error());
  return command;
}

std::string subscriptions_json(const Interests& interests) {
  proto::JsonWriter out;
  out.begin_list();
  for (const auto& [name, wanted] : interests.all()) {
    out.begin_object();
    out.name("id");
    out.text(name);
    out.name("projects");
    out.texts(wanted.projects);
    out.name("specs");
    out.texts(wanted.specs);
    out.name("types");
    out.texts(wanted.types);
    out.name("children");
    out.boolean(wanted.has_children);
    out.end_object();
  }
  out.end_list();
  return out.take();
}

}  // namespace specd::realtime
