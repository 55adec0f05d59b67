#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

/// Changes one field of a front matter and leaves every other byte: comments, order, quotes,
/// indents, line ends, byte order mark. The text is the whole file's.
///
/// Whatever is written is read again as the daemon reads it (`front_matter`), and returned only if
/// that field alone has changed, and to what was wanted. Refused, with the line and what to do, is
/// what cannot be changed so: a value over several lines, `|` and `>` blocks, tags, maps, and a
/// front matter in braces or with lone carriage returns. `invalid` is a front matter that cannot be
/// read (anchors, aliases and duplicate keys among the reasons), and a value that is not UTF-8 or
/// holds NUL.
namespace specd::spec {

/// What to do where a file has no front matter.
enum class NoMatter {
  refuse,
  create,  ///< put one in front of the text, behind the byte order mark
};

/// Makes the field this string. It keeps its quotes where these can express it; what a reader could
/// take for something else than a string (yes, null, 1.0, a date) is quoted, unless a plain value
/// of the same meaning stood there. A field that is not there becomes the last line. The same text
/// where the field reads so already. Refused where the field is a list.
[[nodiscard]] Result<std::string> set_field(std::string_view content, std::string_view name,
                                            std::string_view value,
                                            NoMatter none = NoMatter::refuse);

/// Makes the field this list, `[a, b]` or a line for each as it was; `[a, b]` where it was none.
/// Items that stay keep their bytes with the comments of their lines; comments on lines of their
/// own stay even where the item below goes. An empty list and no field at all are the same.
[[nodiscard]] Result<std::string> set_list(std::string_view content, std::string_view name,
                                           std::span<const std::string> values,
                                           NoMatter none = NoMatter::refuse);

/// Takes the field's lines away. The same text where it is not there.
[[nodiscard]] Result<std::string> remove_field(std::string_view content, std::string_view name);

}  // namespace specd::spec
