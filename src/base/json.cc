#include "base/json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>
#include <vector>

#include "base/path.h"

namespace specd::json {
namespace {

constexpr size_t kMaxDepth = 64;
constexpr size_t kUsualMembers = 8;
constexpr size_t kSmallMap = 16;  // its keys are compared one by one

// Of a text that is not trusted: so many values, and one more for so many bytes. A value takes some
// two hundred, with what a growing list has in reserve.
constexpr size_t kFewValues = 4096;
constexpr size_t kBytesPerValue = 32;
constexpr size_t kAnyNumber = SIZE_MAX;

// nlohmann's SAX interface: each event answers whether to go on. Its parser keeps no stack of
// calls, so depth costs it nothing; whoever walks our tree does recurse, hence the bound.
class TreeBuilder {
 public:
  explicit TreeBuilder(size_t most_values)
      : is_trusted_(most_values == kAnyNumber), values_left_(most_values) {}

  [[nodiscard]] Value take() { return std::move(root_); }
  [[nodiscard]] std::string take_error() { return std::move(error_); }

  bool null() { return add({}); }
  bool boolean(bool value) { return add(scalar(value ? "true" : "false", Quoting::plain)); }
  bool number_integer(int64_t value) { return add(scalar(std::to_string(value), Quoting::plain)); }
  bool number_unsigned(uint64_t value) {
    return add(scalar(std::to_string(value), Quoting::plain));
  }
  bool number_float(double, const std::string& text) { return add(scalar(text, Quoting::plain)); }
  bool string(std::string& text) { return add(scalar(std::move(text), Quoting::quoted)); }
  bool binary(std::vector<uint8_t>&) { return false; }  // no such thing in JSON text
  bool start_object(size_t) { return open(Value::Kind::map); }
  bool start_array(size_t) { return open(Value::Kind::list); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& text) {
    Open& map = open_.back();
    if (!map.is_new(text)) {
      error_ = "the key \"" + text + "\" stands there twice";
      return false;
    }
    map.key = std::move(text);
    if (is_trusted_ && map.value.entries.empty()) map.value.entries.reserve(kUsualMembers);
    return true;
  }

  bool parse_error(size_t, const std::string&, const nlohmann::json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: what"
    error_ = error.what();
    for (const std::string_view lead : {"] ", "parse error at "}) {
      if (const size_t at = error_.find(lead); at != std::string::npos) {
        error_.erase(0, at + lead.size());
      }
    }
    return false;
  }

 private:
  enum class Quoting { plain, quoted };
  struct Open {
    /// Whether `name` is no key of the map yet; it is one afterwards.
    bool is_new(const std::string& name) {
      const bool is_small = value.entries.size() < kSmallMap;
      if (is_small) return value.find(name) == nullptr;
      if (keys.empty()) {
        for (const Value::Entry& entry : value.entries) keys.insert(entry.first);
      }
      return keys.insert(name).second;
    }

    Value value;
    std::string key;
    std::unordered_set<std::string> keys;  // of a map that is not small
  };

  static Value scalar(std::string text, Quoting quoting) {
    Value value;
    value.kind = Value::Kind::scalar;
    value.text = std::move(text);
    value.quoted = quoting == Quoting::quoted;
    return value;
  }

  bool open(Value::Kind kind) {
    if (!count()) return false;
    if (open_.size() >= kMaxDepth) {
      error_ = "nested deeper than " + std::to_string(kMaxDepth);
      return false;
    }
    Open opened;
    opened.value.kind = kind;
    open_.push_back(std::move(opened));
    return true;
  }

  bool close() {
    Value value = std::move(open_.back().value);
    open_.pop_back();
    put(std::move(value));
    return true;
  }

  bool add(Value value) {
    if (!count()) return false;
    put(std::move(value));
    return true;
  }

  bool count() {
    if (values_left_ == 0) {
      error_ = "too many values for a text of this length";
      return false;
    }
    --values_left_;
    return true;
  }

  void put(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Open& parent = open_.back(); parent.value.kind == Value::Kind::map) {
      parent.value.entries.emplace_back(std::move(parent.key), std::move(value));
    } else {
      parent.value.items.push_back(std::move(value));
    }
  }

  const bool is_trusted_;
  size_t values_left_;
  std::vector<Open> open_;
  Value root_;
  std::string error_;
};

// RFC 8259, section 6.
bool is_number(std::string_view text) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t start = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i - start;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const bool leading_zero = i < text.size() && text[i] == '0';
  const size_t whole = digits();
  if (whole == 0 || (leading_zero && whole > 1)) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

// Of each byte, whether it is ASCII that needs no escaping.
constexpr std::array<bool, 256> kPlainBytes = [] {
  std::array<bool, 256> plain{};
  for (unsigned char c = ' '; c < 0x7f; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

// Most texts are.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return kPlainBytes[static_cast<unsigned char>(c)]; });
}

Result<Value> parse_bounded(std::string_view text, size_t most_values) {
  TreeBuilder builder(most_values);
  if (nlohmann::json::sax_parse(text, &builder)) return builder.take();
  return fail(Code::invalid, printable_utf8(builder.take_error()));
}

}  // namespace

void append(std::string& out, const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      out += "null";
      return;
    case Value::Kind::scalar:
      if (!value.quoted &&
          (value.text == "true" || value.text == "false" || is_number(value.text))) {
        out += value.text;
      } else {
        append_string(out, value.text);
      }
      return;
    case Value::Kind::list: {
      out += '[';
      for (const Value& item : value.items) {
        if (&item != value.items.data()) out += ',';
        append(out, item);
      }
      out += ']';
      return;
    }
    case Value::Kind::map: {
      out += '{';
      bool first = true;
      for (const auto& [key, entry] : value.entries) {
        if (!first) out += ',';
        first = false;
        append_string(out, key);
        out += ':';
        append(out, entry);
      }
      out += '}';
      return;
    }
  }
}

void append_string(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out += '"';
    out += text;
    out += '"';
  } else {
    out += nlohmann::json(printable_utf8(text)).dump();
  }
}

Result<Value> parse(std::string_view text) {
  return parse_bounded(text, kAnyNumber);
}

Result<Value> parse_untrusted(std::string_view text) {
  return parse_bounded(text, kFewValues + text.size() / kBytesPerValue);
}

std::string dump(const Value& value) {
  std::string out;
  append(out, value);
  return out;
}

}  // namespace specd::json
