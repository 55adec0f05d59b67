#include "base/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <optional>
#include <streambuf>
#include <unordered_set>

#include "base/path.h"

// yaml-cpp 0.7 scans and tells events; the tree is ours. Its own nodes would keep the first of two
// equal keys, share aliased nodes (so that a walk explodes), and give no limits. Its scanner takes
// a quote that is never closed for one that the end of the text closes: found here by reading the
// bytes at the scalar's mark, which is a byte offset.

namespace specd::yaml {
namespace {

// Never leaves this file.
struct Refused {
  Error error;
};

[[noreturn]] void refuse(size_t line, const std::string& why, Code code = Code::invalid) {
  throw Refused{{code, "line " + std::to_string(line) + ": " + why}};
}

size_t line_of(const YAML::Mark& mark) {
  return mark.is_null() ? 1 : static_cast<size_t>(mark.line) + 1;
}

size_t line_at(std::string_view text, size_t offset) {
  return 1 + static_cast<size_t>(
                 std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(offset), '\n'));
}

// Whether the quote at `text[start]` is closed. Inside double quotes a backslash hides the next
// byte; inside single ones a quote that is doubled closes nothing.
bool is_closed(std::string_view text, size_t start) {
  const char quote = text[start];
  for (size_t i = start + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 >= text.size() || text[i + 1] != quote) return true;
      ++i;
    }
  }
  return false;
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  /// `text` has no byte order mark; in the source it stands behind `skipped` bytes.
  TreeBuilder(std::string_view text, size_t skipped, Limits limits)
      : text_(text), skipped_(skipped), limits_(limits) {}

  [[nodiscard]] Value take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) refuse(line_of(mark), "a second document");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(node(mark, anchor, Value::Kind::null));
  }
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {
    // The event's mark is the anchor's, and an anchor has been refused before.
    throw Refused{{Code::invalid, "line 1: aliases are not supported"}};
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& text) override {
    Value scalar = node(mark, anchor, Value::Kind::scalar);
    scalar.text = text;
    const size_t start = content_start(scalar.offset - skipped_);
    const char first = start < text_.size() ? text_[start] : '\0';
    scalar.quoted = first == '"' || first == '\'' || first == '|' || first == '>';
    if ((first == '"' || first == '\'') && !is_closed(text_, start)) {
      refuse(scalar.line, "a quote that is not closed");
    }
    add(std::move(scalar));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(node(mark, anchor, Value::Kind::list));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(node(mark, anchor, Value::Kind::map));
  }
  void OnMapEnd() override { close(); }

 private:
  // A list or map whose end has not come yet.
  struct Open {
    Value value;
    std::optional<std::string> key;  // of a map: read, its value still to come
    size_t key_line = 0;
    size_t key_offset = 0;
    std::unordered_set<std::string> keys;
  };

  [[nodiscard]] Value node(const YAML::Mark& mark, YAML::anchor_t anchor, Value::Kind kind) const {
    if (anchor != YAML::NullAnchor) refuse(line_of(mark), "anchors are not supported");
    Value value;
    value.kind = kind;
    value.offset = skipped_ + (mark.is_null() ? 0 : static_cast<size_t>(mark.pos));
    value.line = line_of(mark);
    return value;
  }

  // Where the scalar itself begins: an explicit tag (`!!str "x"`) comes before it and has the mark.
  [[nodiscard]] size_t content_start(size_t offset) const {
    while (offset < text_.size() && text_[offset] == '!') {
      offset = std::min(text_.find_first_of(" \t\r\n", offset), text_.size());
      offset = std::min(text_.find_first_not_of(" \t\r\n", offset), text_.size());
    }
    return offset;
  }

  void open(Value value) {
    if (open_.size() >= limits_.depth) {
      refuse(value.line, "nested deeper than " + std::to_string(limits_.depth), Code::refused);
    }
    if (at_key()) refuse(value.line, "a key that is no scalar");
    open_.push_back({.value = std::move(value)});
  }

  void close() {
    Value value = std::move(open_.back().value);
    open_.pop_back();
    add(std::move(value));
  }

  [[nodiscard]] bool at_key() const {
    return !open_.empty() && open_.back().value.kind == Value::Kind::map && !open_.back().key;
  }

  void add(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    Open& parent = open_.back();
    if (at_key()) {
      if (!value.is_scalar()) refuse(value.line, "a key that is no scalar");
      if (!parent.keys.insert(value.text).second) {
        refuse(value.line, "the key \"" + value.text + "\" stands there twice");
      }
      parent.key = std::move(value.text);
      parent.key_line = value.line;
      parent.key_offset = value.offset;
    } else if (parent.value.kind == Value::Kind::map) {
      // The mark of a value that is left out is what follows, some lines below.
      if (value.kind == Value::Kind::null) value.line = parent.key_line;
      value.key_offset = parent.key_offset;
      parent.value.entries.emplace_back(std::move(*parent.key), std::move(value));
      parent.key.reset();
    } else {
      parent.value.items.push_back(std::move(value));
    }
  }

  const std::string_view text_;
  const size_t skipped_;
  const Limits limits_;
  std::vector<Open> open_;
  Value root_;
  int documents_ = 0;
};

// Reads a text where it lies.
class ViewBuffer final : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // never written to: no overflow(), no putback
    setg(begin, begin, begin + text.size());
  }
};

}  // namespace

Result<Value> parse(std::string_view text, Limits limits) {
  if (text.size() > limits.bytes) {
    return fail(Code::refused, "line 1: longer than " + std::to_string(limits.bytes) + " bytes");
  }
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return fail(Code::invalid, "line " + std::to_string(line_at(text, nul)) + ": a NUL byte");
  }
  if (!is_utf8(text)) {
    size_t start = 0;  // of the first line that is not UTF-8: no sequence crosses a line feed
    for (size_t end; (end = text.find('\n', start)) != std::string_view::npos; start = end + 1) {
      if (!is_utf8(text.substr(start, end - start))) break;
    }
    return fail(Code::invalid, "line " + std::to_string(line_at(text, start)) + ": not UTF-8");
  }
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  const size_t skipped = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  text.remove_prefix(skipped);
  TreeBuilder builder(text, skipped, limits);
  try {
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take();
  } catch (const Refused& refused) {
    return Failure(refused.error);
  } catch (const YAML::Exception& error) {
    const bool open_quote =
        error.msg == YAML::ErrorMsg::EOF_IN_SCALAR;  // found at times, not always
    return fail(Code::invalid, "line " + std::to_string(line_of(error.mark)) + ": " +
                                   (open_quote ? "a quote that is not closed" : error.msg));
  }
}

}  // namespace specd::yaml
