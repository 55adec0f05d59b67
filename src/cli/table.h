#pragma once

#include <string>
#include <vector>

namespace specd::cli {

/// Where stdout is a terminal, how many columns it has; as good as endless where it is none.
[[nodiscard]] size_t terminal_columns();

/// Rows of text in aligned columns, two spaces apart, with a heading (bold, see below). A line
/// never ends in spaces, holds no control characters, whatever a cell has of them, and is cut to
/// `most` columns.
class Table {
 public:
  explicit Table(std::vector<std::string> heading, size_t most = terminal_columns()) : most_(most) {
    add(std::move(heading));
  }
  void add(std::vector<std::string> row);
  /// All of it.
  [[nodiscard]] std::string text() const;
  /// What was added since the last call, at first with the heading; as wide as anything was so far.
  [[nodiscard]] std::string take();

 private:
  [[nodiscard]] std::string line(const std::vector<std::string>& row) const;

  const size_t most_;
  bool has_heading_ = true;     ///< as the first row
  std::vector<size_t> widths_;  ///< of each column, the widest cell
  std::vector<std::vector<std::string>> rows_;
};

/// The text with a '?' for each control character (C0, DEL, C1), which a terminal would obey.
[[nodiscard]] std::string plain(const std::string& text);

/// The text in bold, where stdout is a terminal that wants colours (no-color.org).
[[nodiscard]] std::string bold(const std::string& text);

enum class Colour { green, yellow, red };
/// The same in a colour.
[[nodiscard]] std::string painted(const std::string& text, Colour colour);

}  // namespace specd::cli
