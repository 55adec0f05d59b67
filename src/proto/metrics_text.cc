#include "proto/metrics_text.h"

#include <array>
#include <charconv>

#include "base/path.h"

namespace specd::proto {
namespace {

enum class Quotes { escaped, kept };

void append_escaped(std::string& to, std::string_view text, Quotes quotes) {
  for (char c : printable_utf8(text)) {
    if (c == '\\') {
      to += "\\\\";
    } else if (c == '\n') {
      to += "\\n";
    } else if (c == '"' && quotes == Quotes::escaped) {
      to += "\\\"";
    } else {
      to += c;
    }
  }
}

// The shortest text that is this number, without an exponent.
std::string to_text(double value) {
  std::array<char, 400> digits{};
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
  return error == std::errc() ? std::string(digits.data(), end) : "NaN";
}

double seconds(Histogram::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

void MetricsText::begin(std::string_view name, Type type, std::string_view help) {
  constexpr std::array<std::string_view, 3> types = {"counter", "gauge", "histogram"};
  name_ = name;
  text_ += "# HELP " + name_ + " ";
  append_escaped(text_, help, Quotes::kept);
  text_ += "\n# TYPE " + name_ + " ";
  text_ += types[static_cast<size_t>(type)];
  text_ += '\n';
}

void MetricsText::add_sample(std::string_view suffix, Labels labels, std::string_view value) {
  text_ += name_;
  text_ += suffix;
  char before = '{';
  for (const auto& [name, text] : labels) {
    text_ += before;
    text_ += name;
    text_ += "=\"";
    append_escaped(text_, text, Quotes::escaped);
    text_ += '"';
    before = ',';
  }
  if (before == ',') text_ += '}';
  text_ += ' ';
  text_ += value;
  text_ += '\n';
}

void MetricsText::add(int64_t value, Labels labels) {
  add_sample("", labels, std::to_string(value));
}

void MetricsText::add(uint64_t value, Labels labels) {
  add_sample("", labels, std::to_string(value));
}

void MetricsText::add(double value, Labels labels) {
  add_sample("", labels, to_text(value));
}

void MetricsText::add(const Histogram& histogram) {
  uint64_t up_to = 0;
  for (size_t i = 0; i < Histogram::kBounds.size(); ++i) {
    up_to += histogram.counts[i];
    add_sample("_bucket", {{"le", to_text(seconds(Histogram::kBounds[i]))}}, std::to_string(up_to));
  }
  const std::string all = std::to_string(histogram.count());
  add_sample("_bucket", {{"le", "+Inf"}}, all);
  add_sample("_sum", {}, to_text(seconds(histogram.sum)));
  add_sample("_count", {}, all);
}

}  // namespace specd::proto
