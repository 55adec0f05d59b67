#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/value.h"

namespace specd::proto {

/// Writes JSON as it goes, for lists too long to be built as a Value first. Whoever writes sees to
/// it that each object and list is ended, and that members have names where they belong.
class JsonWriter {
 public:
  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_list() { begin('['); }
  void end_list() { end(']'); }
  /// The name of the member whose value comes next; needs no escaping.
  void name(std::string_view name) {
    separate();
    out_ += '"';
    out_ += name;
    out_ += "\":";
    needs_comma_ = false;
  }

  void text(std::string_view value);
  void number(int64_t value);
  void boolean(bool value) { raw(value ? "true" : "false"); }
  void null() { raw("null"); }
  /// Null where it is empty.
  void text_or_null(std::string_view value) { value.empty() ? null() : text(value); }
  /// RFC 3339; null where there is none.
  void timestamp(std::optional<WallTime> value);
  void texts(const std::vector<std::string>& values);
  void value(const Value& value);
  /// The members of a whole JSON object, for one that is begun.
  void members(std::string_view object) {
    if (const std::string_view inside = object.substr(1, object.size() - 2); !inside.empty())
      raw(inside);
  }
  /// A whole JSON value.
  void raw(std::string_view json) {
    separate();
    out_ += json;
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void separate() {
    if (needs_comma_) out_ += ',';
    needs_comma_ = true;
  }
  void begin(char bracket) {
    separate();
    out_ += bracket;
    needs_comma_ = false;
  }
  void end(char bracket) {
    out_ += bracket;
    needs_comma_ = true;
  }

  std::string out_;
  bool needs_comma_ = false;
};

}  // namespace specd::proto
