#pragma once

#include <string>
#include <vector>

namespace specd::cli {

/// Rows of text in aligned columns, two spaces apart, with a heading. A line never ends in spaces.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) { rows_.push_back(std::move(heading)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// How many characters of UTF-8 there are: good enough for columns of names.
[[nodiscard]] size_t width(const std::string& text);

}  // namespace specd::cli
