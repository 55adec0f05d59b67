#pragma once

#include <string>
#include <vector>

namespace specd::cli {

/// Rows of text in aligned columns, two spaces apart, with a heading. A line never ends in spaces,
/// and holds no control characters, whatever a cell has of them.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) { rows_.push_back(std::move(heading)); }
  void add(std::vector<std::string> row);
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// The text with a '?' for each control character (C0, DEL, C1), which a terminal would obey.
[[nodiscard]] std::string plain(const std::string& text);

/// The text in bold, where stdout is a terminal that wants colours (no-color.org).
[[nodiscard]] std::string bold(const std::string& text);

enum class Colour { green, yellow, red };
/// The same in a colour.
[[nodiscard]] std::string painted(const std::string& text, Colour colour);

/// How many characters of UTF-8 there are: good enough for columns of names.
[[nodiscard]] size_t width(const std::string& text);

}  // namespace specd::cli
