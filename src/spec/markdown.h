#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the Markdown parsers of the OpenSpec CLI 1.13.2 see of a document
/// (`dist/core/parsers/code-fence.js`, `markdown-parser.js`): lines, code fences, headings.
namespace specd::spec {

/// Walks over the lines of a text. A byte order mark is passed over; CRLF, CR and LF each end a
/// line. The text must outlive it.
class Lines {
 public:
  explicit Lines(std::string_view text);

  /// Steps to the next line; false at the end.
  bool next();
  /// Without its line ending.
  [[nodiscard]] std::string_view line() const { return line_; }
  /// Counted from 1.
  [[nodiscard]] size_t number() const { return number_; }
  /// Whether the line is in a fenced code block, the fences included. A fence that is never closed
  /// runs to the end.
  [[nodiscard]] bool fenced() const { return fenced_; }

 private:
  void track_fence();

  std::string_view rest_;
  bool at_end_ = false;
  std::string_view line_;
  size_t number_ = 0;
  bool fenced_ = false;
  char fence_mark_ = '\0';  // of the open block; NUL if none is open
  size_t fence_length_ = 0;
};

struct Heading {
  size_t line = 0;  ///< counted from 1
  int level = 0;    ///< 1 to 6
  std::string text;
};

/// The heading that a line is: `#` one to six times, white space, text, and no closing run of `#`
/// behind a space. Nothing about fences.
[[nodiscard]] std::optional<Heading> heading_of(std::string_view line);

/// All headings outside code fences.
[[nodiscard]] std::vector<Heading> headings(std::string_view text);

/// The document's own name: its first `# ` heading, without a leading "Change:". Empty if it has
/// none. The CLI takes the first line that looks like one; we pass over front matter, code fences
/// and HTML comments, where it would take a shell comment for the title.
[[nodiscard]] std::string title(std::string_view text);

}  // namespace specd::spec
