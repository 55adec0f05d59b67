#include "spec/edit_leanspec.h"

#include <optional>

#include "spec/edit_time.h"
#include "spec/edit_transitions.h"
#include "spec/frontmatter.h"
#include "spec/lifecycle.h"

namespace specd::spec {
namespace {

// A field of the front matter as it reads: none where there is no such field; empty where it has no
// text.
std::optional<std::string> text_of(std::string_view content, std::string_view name) {
  const std::optional<FrontMatter> matter = front_matter(content);
  const Value* field = matter && matter->value ? matter->value->find(name) : nullptr;
  return field == nullptr ? std::nullopt : std::optional(field->text);
}

// Sets a time to now where the file has it.
Result<std::string> touch(std::string content, std::string_view name, WallTime now, TimeForm form) {
  const std::optional<std::string> present = text_of(content, name);
  if (!present) return content;
  return set_field(content, name, time_like(*present, now, form));
}

// The pair of names that LeanSpec has for a time: of its day, and of the moment.
Result<std::string> touch_both(std::string content, const std::string& name, WallTime now) {
  return touch(std::move(content), name, now, TimeForm::day).and_then([&](std::string edited) {
    return touch(std::move(edited), name + "_at", now, TimeForm::moment);
  });
}

}  // namespace

Result<std::string> set_status(std::string_view content, std::string_view status, WallTime now,
                               NoMatter none) {
  const std::string_view after = canonical_status(status);
  const std::optional<std::string> before = text_of(content, "status");
  if (before && canonical_status(*before) == after) return std::string(content);
  Result<std::string> edited = set_field(content, "status", status, none);
  if (edited && after == "complete") edited = touch_both(std::move(*edited), "completed", now);
  if (edited) edited = add_transition(*edited, status, now);
  return edited ? touch_updated(*edited, now) : edited;
}

Result<std::string> change_field(std::string_view content, std::string_view name,
                                 const FieldValue& value, WallTime now, NoMatter none) {
  Result<std::string> edited;
  if (const auto* text = std::get_if<std::string>(&value)) {
    edited = set_field(content, name, *text, none);
  } else if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    edited = set_list(content, name, *texts, none);
  } else {
    edited = remove_field(content, name);
  }
  return edited && *edited != content ? touch_updated(*edited, now) : edited;
}

Result<std::string> touch_updated(std::string_view content, WallTime now) {
  return touch_both(std::string(content), "updated", now);
}

}  // namespace specd::spec
