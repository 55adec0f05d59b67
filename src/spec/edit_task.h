#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace specd::spec {

enum class TaskMark { open, done };

/// The text with the box of one task marked, and no other byte changed: an "x" or a space in the
/// place of what stood in the box (`[]` gets one byte more). The same text where it is so already.
///
/// The task is named by its line, counted from 1, and its text, both as `tasks` tells them. Fails
/// with `conflict` where another text stands in that line, saying which, and where the task is now
/// if it stands in the file once; with `refused` where the text is not UTF-8, or where the mark
/// would make a link of the box (`- [ ](there)`).
[[nodiscard]] Result<std::string> mark_task(std::string_view content, uint32_t line,
                                            std::string_view text, TaskMark mark);

}  // namespace specd::spec
