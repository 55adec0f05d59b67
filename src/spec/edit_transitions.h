#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace specd::spec {

/// Adds `{status, at}` behind the last of `transitions`, with its indents, quotes and kind of time;
/// the same text where the file has no such field. Refused where the list is written in any way but
/// LeanSpec's own: a dash for each, or `[]`.
[[nodiscard]] Result<std::string> add_transition(std::string_view content, std::string_view status,
                                                 WallTime now);

}  // namespace specd::spec
