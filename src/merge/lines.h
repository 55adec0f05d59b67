#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "merge/line_diff.h"

namespace specd::merge {

/// What is larger is not merged.
inline constexpr size_t kMaxBytes = size_t{16} << 20;
inline constexpr size_t kMaxLines = 100'000;

/// A text as lines that can be compared with those of another: without its byte order mark, and
/// each line with "\n" at its end, whatever it has on disk.
class Lines {
 public:
  /// `invalid` for what is no UTF-8 text, or past the limits. `text` must outlive it.
  [[nodiscard]] static Result<Lines> read(std::string_view text);

  [[nodiscard]] size_t size() const { return starts_.size() - 1; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string_view text(LineRange range) const {
    return std::string_view(text_).substr(starts_[range.begin],
                                          starts_[range.end] - starts_[range.begin]);
  }
  [[nodiscard]] std::string_view line(size_t i) const { return text({i, i + 1}); }

  [[nodiscard]] std::string_view bom() const { return bom_; }
  /// "\n" or "\r\n", as this line has it in the file; empty: the last one has none.
  [[nodiscard]] std::string_view end_of(size_t i) const { return ends_[i]; }
  /// That of most lines; empty where no line has any.
  [[nodiscard]] std::string_view usual_end() const { return usual_end_; }
  [[nodiscard]] bool has_final_end() const { return size() > 0 && !ends_.back().empty(); }

 private:
  std::string_view bom_;
  std::string text_;
  std::vector<size_t> starts_;  ///< of each line in `text_`, and of the one that would follow
  std::vector<std::string_view> ends_;
  std::string_view usual_end_;
};

/// The text with "\n" at the end of each line.
[[nodiscard]] std::string with_plain_ends(std::string_view text);
/// Such a text with `end` there instead.
[[nodiscard]] std::string with_ends(std::string_view plain, std::string_view end);

}  // namespace specd::merge
