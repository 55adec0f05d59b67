#include "merge/lines.h"

#include <algorithm>

#include "base/path.h"

namespace specd::merge {
namespace {

constexpr std::string_view kBom = "\xef\xbb\xbf";

Result<> check(std::string_view text) {
  if (text.size() > kMaxBytes)
    return fail(Code::invalid, "it has more than 16 MB: merge it by hand");
  if (text.find('\0') != std::string_view::npos || !is_utf8(text))
    return fail(Code::invalid, "it is no UTF-8 text, and cannot be merged by lines");
  if (static_cast<size_t>(std::ranges::count(text, '\n')) > kMaxLines)
    return fail(Code::invalid, "it has more than 100000 lines: merge it by hand");
  return {};
}

}  // namespace

Result<Lines> Lines::read(std::string_view text) {
  if (auto can = check(text); !can) return tl::unexpected(can.error());
  Lines lines;
  if (text.starts_with(kBom)) {
    lines.bom_ = text.substr(0, kBom.size());
    text.remove_prefix(kBom.size());
  }
  lines.text_.reserve(text.size() + 1);
  size_t crlf = 0, lf = 0;
  while (!text.empty()) {
    const size_t feed = text.find('\n');
    size_t length = std::min(feed, text.size());
    std::string_view end = text.substr(length, 1);
    if (!end.empty() && length > 0 && text[length - 1] == '\r') end = text.substr(--length, 2);
    if (!end.empty()) ++(end.size() == 2 ? crlf : lf);
    lines.starts_.push_back(lines.text_.size());
    lines.ends_.push_back(end);
    lines.text_.append(text.substr(0, length)) += '\n';
    text.remove_prefix(length + end.size());
  }
  lines.starts_.push_back(lines.text_.size());
  if (crlf + lf > 0) lines.usual_end_ = crlf > lf ? "\r\n" : "\n";
  return lines;
}

std::string with_plain_ends(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) != "\r\n") plain += text[i];
  }
  return plain;
}

std::string with_ends(std::string_view plain, std::string_view end) {
  std::string text;
  for (char c : plain) {
    if (c == '\n') text += end;
    if (c != '\n') text += c;
  }
  return text;
}

}  // namespace specd::merge
