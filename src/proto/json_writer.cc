#include "proto/json_writer.h"

#include <array>
#include <charconv>

#include "base/json.h"
#include "base/time.h"

namespace specd::proto {

void JsonWriter::text(std::string_view value) {
  separate();
  json::append_string(out_, value);
}

void JsonWriter::number(int64_t value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  raw(std::string_view(digits.data(), static_cast<size_t>(end - digits.data())));
}

void JsonWriter::timestamp(std::optional<WallTime> value) {
  if (!value) return null();
  separate();
  out_ += '"';
  append_rfc3339(out_, *value);
  out_ += '"';
}

void JsonWriter::texts(const std::vector<std::string>& values) {
  begin_list();
  for (const std::string& value : values) text(value);
  end_list();
}

void JsonWriter::value(const Value& value) {
  separate();
  json::append(out_, value);
}

}  // namespace specd::proto
