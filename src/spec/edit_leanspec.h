#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "spec/edit_field.h"

/// What LeanSpec's tools change together with a field of a spec's main file, changed in place
/// (`edit_field.h`, whose failures these have). Times are UTC, and told as the file tells the one
/// that they replace: its day alone, or the moment with as many digits of a second, up to
/// microseconds; quoted or not. Where it tells none, `updated` and `completed` have the day,
/// `updated_at`, `completed_at` and `transitions` the moment in milliseconds.
namespace specd::spec {

/// A status change. Moves `updated` and `updated_at`; where the spec becomes complete, `completed`
/// and `completed_at`; and adds to `transitions`: each only where the file has it. The same text
/// where it has that status already, however spelt.
[[nodiscard]] Result<std::string> set_status(std::string_view content, std::string_view status,
                                             WallTime now, NoMatter none = NoMatter::refuse);

/// No field.
struct Remove {};
using FieldValue = std::variant<std::string, std::vector<std::string>, Remove>;

/// A change of any other field, such as priority, assignee and tags. Moves `updated` and
/// `updated_at` where the file has them and the change changes it.
[[nodiscard]] Result<std::string> change_field(std::string_view content, std::string_view name,
                                               const FieldValue& value, WallTime now,
                                               NoMatter none = NoMatter::refuse);

/// Moves `updated` and `updated_at` to now, where the file has them.
[[nodiscard]] Result<std::string> touch_updated(std::string_view content, WallTime now);

}  // namespace specd::spec
