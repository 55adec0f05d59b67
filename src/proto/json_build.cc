#include "proto/json_build.h"

#include "base/time.h"

namespace specd::proto {
namespace {

Value plain(std::string value) {
  return {.kind = Value::Kind::scalar, .text = std::move(value)};
}

}  // namespace

Value text(std::string_view value) {
  return {.kind = Value::Kind::scalar, .text = std::string(value), .quoted = true};
}

Value number(int64_t value) {
  return plain(std::to_string(value));
}

Value boolean(bool value) {
  return plain(value ? "true" : "false");
}

Value timestamp(std::optional<WallTime> value) {
  return value ? text(rfc3339(*value)) : Value();
}

Value text_or_null(std::string_view value) {
  return value.empty() ? Value() : text(value);
}

Value object() {
  return {.kind = Value::Kind::map};
}

Value list() {
  return {.kind = Value::Kind::list};
}

}  // namespace specd::proto
