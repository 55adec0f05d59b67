#include "cli/table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "base/columns.h"

namespace specd::cli {

size_t terminal_columns() {
  winsize size{};
  const bool is_told =
      isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_told ? size.ws_col : SIZE_MAX;
}

std::string plain(const std::string& text) {
  std::string shown;
  shown.reserve(text.size());
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
  widths_.resize(std::max(widths_.size(), row.size()));
  for (size_t i = 0; i < row.size(); ++i) {
    row[i] = plain(row[i]);
    widths_[i] = std::max(widths_[i], columns(row[i]));
  }
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

std::string Table::line(const std::vector<std::string>& row) const {
  std::string line;
  for (size_t i = 0; i < row.size(); ++i) {
    line += row[i];
    if (i + 1 < row.size()) line.append(widths_[i] - columns(row[i]) + 2, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return cut_to_columns(line, most_);
}

std::string Table::text() const {
  std::string text;
  for (const auto& row : rows_) {
    const bool is_heading = has_heading_ && &row == rows_.data();
    text += (is_heading ? bold(line(row)) : line(row)) + "\n";
  }
  return text;
}

std::string Table::take() {
  std::string taken = text();
  rows_.clear();
  has_heading_ = false;
  return taken;
}

}  // namespace specd::cli
