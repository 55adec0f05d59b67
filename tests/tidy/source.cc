#include "tests/tidy/source.h"

#include <algorithm>
#include <utility>

namespace specd::tidy {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  void read_into(Source& source) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        ++at_;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\\') {
        ++at_;
      } else if (starts("//")) {
        skip_line_comment();
      } else if (starts("/*")) {
        take_through("*/", 2);
      } else if (c == '"') {
        add(source, Token::Kind::literal, quoted('"'));
      } else if (c == '\'') {
        (void)quoted('\'');
      } else if (is_digit(c)) {
        add(source, Token::Kind::word, number());
      } else if (is_word(c)) {
        word(source);
      } else {
        symbol(source);
      }
    }
  }

 private:
  [[nodiscard]] bool starts(std::string_view with) const {
    return text_.substr(at_, with.size()) == with;
  }
  void add(Source& source, Token::Kind kind, std::string text) const {
    source.tokens.push_back({kind, std::move(text), line_});
  }

  /// Everything up to `end`, which is passed over, beginning `skip` characters from here.
  std::string take_through(std::string_view end, size_t skip) {
    const size_t begin = std::min(at_ + skip, text_.size());
    const size_t found = std::min(text_.find(end, begin), text_.size());
    const std::string_view taken = text_.substr(begin, found - begin);
    line_ += static_cast<int>(std::count(taken.begin(), taken.end(), '\n'));
    at_ = std::min(found + end.size(), text_.size());
    return std::string(taken);
  }

  void skip_line_comment() {
    while (at_ < text_.size() && text_[at_] != '\n') {
      if (text_[at_] == '\\' && starts("\\\n")) {
        ++line_;
        ++at_;
      }
      ++at_;
    }
  }

  std::string quoted(char quote) {
    std::string content;
    for (++at_; at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n'; ++at_) {
      content += text_[at_];
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) content += text_[++at_];
    }
    if (at_ < text_.size() && text_[at_] == quote) ++at_;
    return content;
  }

  // A number with its suffix; 1'000 holds no character literal.
  std::string number() {
    const size_t begin = at_;
    while (at_ < text_.size() && (is_word(text_[at_]) || text_[at_] == '.' || text_[at_] == '\''))
      ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  void word(Source& source) {
    const size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    const std::string_view found = text_.substr(begin, at_ - begin);
    if (found.back() == 'R' && found.size() <= 3 && starts("\"")) {
      const size_t open = std::min(text_.find('(', at_), text_.size());
      const std::string end = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
      const int line = line_;
      std::string content = take_through(end, open - at_ + 1);
      source.tokens.push_back({Token::Kind::literal, std::move(content), line});
      return;
    }
    add(source, Token::Kind::word, std::string(found));
  }

  void symbol(Source& source) {
    if (text_[at_] == '#' && include(source)) return;
    const size_t length = starts("::") || starts("->") ? 2 : 1;
    add(source, Token::Kind::symbol, std::string(text_.substr(at_, length)));
    at_ += length;
  }

  // At '#': takes the whole of an #include; any other directive is read like code.
  bool include(Source& source) {
    size_t at = text_.find_first_not_of(" \t", at_ + 1);
    if (at == std::string_view::npos || text_.substr(at, 7) != "include") return false;
    at = text_.find_first_not_of(" \t", at + 7);
    if (at == std::string_view::npos || (text_[at] != '<' && text_[at] != '"')) return false;
    const bool is_ours = text_[at] == '"';
    const size_t end = text_.find(is_ours ? '"' : '>', at + 1);
    if (end == std::string_view::npos) return false;
    source.includes.push_back({std::string(text_.substr(at + 1, end - at - 1)), is_ours, line_});
    at_ = end + 1;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

Source read_source(std::string path, std::string_view text) {
  Source source;
  source.path = std::move(path);
  Lexer(text).read_into(source);
  return source;
}

}  // namespace specd::tidy
