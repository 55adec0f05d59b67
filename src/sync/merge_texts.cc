#include "sync/merge_texts.h"

#include <optional>

#include "spec/frontmatter.h"
#include "spec/text.h"
#include "sync/field_merge.h"

namespace specd::sync {
namespace {

using merge::Markers;
using merge::Merged;
using merge::Sides;

bool is_readable(std::string_view text) {
  const auto matter = spec::front_matter(text);
  return matter && matter->value;
}

// Two added fields of one name are no conflict of lines, but no YAML either.
bool is_good(const Merged& merged, const Sides& sides) {
  if (!merged.is_clean()) return false;
  return is_readable(merged.content) || !is_readable(sides.disk) || !is_readable(sides.row);
}

/// A text in its two parts.
struct Parts {
  std::string_view head;  ///< a front matter with its delimiters
  std::string_view body;
};

Parts parts_of(std::string_view text) {
  const auto body = spec::body_offset(text);
  if (!body) return {"", spec::without_bom(text)};
  return {text.substr(0, *body), text.substr(*body)};
}

std::optional<Merged> merge_heads(const Sides& heads, Markers markers) {
  auto merged = merge::text3(heads, markers);
  if (merged && is_good(*merged, heads)) return std::move(*merged);
  return merge_fields(heads, markers);
}

}  // namespace

Result<Merged> merge_texts(const Sides& sides, Markers markers) {
  auto whole = merge::text3(sides, markers);
  if (!whole || is_good(*whole, sides)) return whole;
  const Parts base = parts_of(sides.base), disk = parts_of(sides.disk), row = parts_of(sides.row);
  if (!disk.head.ends_with('\n') || row.head.empty()) return whole;
  const auto head = merge_heads({base.head, disk.head, row.head}, markers);
  if (!head) return whole;
  // With the same head, they differ in their bodies alone.
  const auto with_head = [&](std::string_view body) { return head->content + std::string(body); };
  const std::string before = with_head(base.body), on_disk = with_head(disk.body),
                    edited = with_head(row.body);
  auto merged = merge::text3({before, on_disk, edited}, markers);
  if (merged) merged->conflicts += head->conflicts;
  return merged;
}

}  // namespace specd::sync
