#include "cli/table.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace specd::cli {

size_t width(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string plain(const std::string& text) {
  std::string shown;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    const bool is_c1 = byte == 0xc2 && next >= 0x80 && next < 0xa0;
    if (is_c1) ++i;
    shown += byte < 0x20 || byte == 0x7f || is_c1 ? '?' : text[i];
  }
  return shown;
}

void Table::add(std::vector<std::string> row) {
  for (std::string& cell : row) cell = plain(cell);
  rows_.push_back(std::move(row));
}

namespace {

std::string styled(const std::string& text, const char* style) {
  const char* no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
  const bool is_wanted = isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == 0);
  return is_wanted ? std::string("\033[") + style + "m" + text + "\033[0m" : text;
}

}  // namespace

std::string bold(const std::string& text) {
  return styled(text, "1");
}

std::string painted(const std::string& text, Colour colour) {
  switch (colour) {
    case Colour::green:
      return styled(text, "32");
    case Colour::yellow:
      return styled(text, "33");
    case Colour::red:
      break;
  }
  return styled(text, "31");
}

std::string Table::text() const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace specd::cli
