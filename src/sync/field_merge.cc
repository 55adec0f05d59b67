#include "sync/field_merge.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "merge/lines.h"
#include "spec/fields.h"
#include "spec/frontmatter.h"
#include "sync/field_list.h"

namespace specd::sync {
namespace {

bool is_same(const Value& one, const Value& other) {
  const auto same_entry = [](const Value::Entry& a, const Value::Entry& b) {
    return a.first == b.first && is_same(a.second, b.second);
  };
  return one.kind == other.kind && one.text == other.text && one.quoted == other.quoted &&
         std::ranges::equal(one.items, other.items, is_same) &&
         std::ranges::equal(one.entries, other.entries, same_entry);
}

/// One side: its text, and where its fields lie.
struct Side {
  std::string_view text;
  spec::Fields fields;

  [[nodiscard]] std::optional<FieldText> find(const std::string& name) const {
    const spec::Field* field = fields.find(name);
    if (field == nullptr) return std::nullopt;
    return FieldText{merge::with_plain_ends(text.substr(field->begin, field->end - field->begin)),
                     field->value};
  }
  /// Comments before the first field.
  [[nodiscard]] std::string lead() const {
    return merge::with_plain_ends(text.substr(fields.begin, lead_end() - fields.begin));
  }
  [[nodiscard]] size_t lead_end() const {
    return fields.fields.empty() ? fields.end : fields.fields.front().begin;
  }
};

/// What becomes of one field.
struct Choice {
  std::optional<FieldText> disk;
  std::optional<FieldText> row;
  enum class Of { disk, row, both, conflict } of = Of::disk;
  MergedList list{};  ///< of both
};

bool is_same(const std::optional<FieldText>& one, const std::optional<FieldText>& other) {
  return one.has_value() == other.has_value() && (!one || one->text == other->text);
}

Choice choose(const std::optional<FieldText>& base, std::optional<FieldText> disk,
              std::optional<FieldText> row) {
  Choice choice{.disk = std::move(disk), .row = std::move(row)};
  if (is_same(choice.row, base) || is_same(choice.row, choice.disk)) return choice;
  if (is_same(choice.disk, base)) {
    choice.of = Choice::Of::row;
    return choice;
  }
  if (choice.disk && choice.row) {
    if (is_same(choice.disk->value, choice.row->value)) return choice;
    if (auto list = merge_list(base ? &*base : nullptr, *choice.disk, *choice.row)) {
      choice.list = std::move(*list);
      choice.of = Choice::Of::both;
      return choice;
    }
  }
  choice.of = Choice::Of::conflict;
  return choice;
}

std::string text_of(const std::optional<FieldText>& field) {
  return field ? field->text : "";
}

std::string text_of(const Choice& choice, merge::Markers markers) {
  switch (choice.of) {
    case Choice::Of::disk:
      return text_of(choice.disk);
    case Choice::Of::row:
      return text_of(choice.row);
    case Choice::Of::both:
      return choice.list.text;
    case Choice::Of::conflict:
      break;
  }
  if (markers == merge::Markers::none) return text_of(choice.disk);
  return std::string(merge::kDiskMarker) + "\n" + text_of(choice.disk) +
         std::string(merge::kMiddleMarker) + "\n" + text_of(choice.row) +
         std::string(merge::kRowMarker) + "\n";
}

// The disk's fields in its order; each of the row's that the disk does not have stands behind the
// one that it follows in the row.
std::vector<std::string> names_of(const spec::Fields& disk, const spec::Fields& row) {
  std::vector<std::string> names;
  names.reserve(disk.fields.size() + row.fields.size());
  for (const spec::Field& field : disk.fields) names.push_back(field.name);
  auto after = names.begin();
  for (const spec::Field& field : row.fields) {
    auto at = std::ranges::find(names, field.name);
    if (at == names.end()) at = names.insert(after, field.name);
    after = at + 1;
  }
  return names;
}

/// The merged front matter: the disk's, with other fields in it.
class Head {
 public:
  Head(const Side& disk, const Side& row, const std::optional<Side>& base) : disk_(disk) {
    for (const std::string& name : names_of(disk.fields, row.fields)) {
      const auto before = base ? base->find(name) : std::nullopt;
      fields_.emplace_back(name, choose(before, disk.find(name), row.find(name)));
    }
  }

  [[nodiscard]] std::string text(merge::Markers markers) const {
    const bool is_crlf = disk_.text.substr(0, disk_.fields.begin).ends_with("\r\n");
    std::string text(disk_.text.substr(0, disk_.lead_end()));
    for (const auto& [name, choice] : fields_) {
      const spec::Field* field = disk_.fields.find(name);
      if (field != nullptr && choice.of == Choice::Of::disk) {
        text += disk_.text.substr(field->begin, field->end - field->begin);
      } else {
        text += merge::with_ends(text_of(choice, markers), is_crlf ? "\r\n" : "\n");
      }
    }
    return text.append(disk_.text.substr(disk_.fields.end, disk_.fields.body - disk_.fields.end));
  }

  /// Whether YAML reads from the result just what was chosen.
  [[nodiscard]] bool is_understood() const {
    const std::string made = text(merge::Markers::none);
    const auto found = spec::fields(made);
    if (!found) return false;
    size_t expected = 0;
    for (const auto& [name, choice] : fields_) {
      const auto& chosen = choice.of == Choice::Of::row ? choice.row : choice.disk;
      if (!chosen) continue;
      ++expected;
      const spec::Field* field = found->find(name);
      const Value& value = choice.of == Choice::Of::both ? choice.list.value : chosen->value;
      if (field == nullptr || !is_same(field->value, value)) return false;
    }
    return expected == found->fields.size();
  }

  [[nodiscard]] size_t conflicts() const {
    return static_cast<size_t>(std::ranges::count_if(
        fields_, [](const auto& field) { return field.second.of == Choice::Of::conflict; }));
  }

 private:
  const Side& disk_;
  std::vector<std::pair<std::string, Choice>> fields_;  ///< by name, in the result's order
};

std::optional<Side> side_of(std::string_view text) {
  auto fields = spec::fields(text);
  if (!fields) return std::nullopt;
  return Side{text, std::move(*fields)};
}

}  // namespace

std::optional<merge::Merged> merge_fields(const merge::Sides& sides, merge::Markers markers) {
  const auto disk = side_of(sides.disk), row = side_of(sides.row), base = side_of(sides.base);
  if (!disk || !row || (!base && spec::front_matter(sides.base))) return std::nullopt;
  // Comments above all fields belong to none of them.
  const std::string lead = row->lead();
  if (lead != (base ? base->lead() : "") && lead != disk->lead()) return std::nullopt;
  const Head head(*disk, *row, base);
  if (!head.is_understood()) return std::nullopt;
  return merge::Merged{head.text(markers), head.conflicts()};
}

}  // namespace specd::sync
