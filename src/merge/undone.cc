#include "merge/undone.h"

#include <algorithm>

#include "merge/lines.h"

namespace specd::merge {
namespace {

using Hunks = std::vector<Hunk>;

bool touches(LineRange one, LineRange other) {
  return one.begin <= other.end && other.begin <= one.end;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\n") == std::string_view::npos;
}

/// What happened to the lines of one text on the way to another.
class Changes {
 public:
  Changes(const Lines& before, Hunks hunks) : before_(before), hunks_(std::move(hunks)) {}

  [[nodiscard]] const Hunks& hunks() const { return hunks_; }
  [[nodiscard]] bool touch(LineRange range) const {
    return std::ranges::any_of(hunks_, [&](const Hunk& h) { return touches(h.before, range); });
  }
  /// Whether lines went that this place is next to; not only others that came there.
  [[nodiscard]] bool replace_at(size_t place) const {
    return std::ranges::any_of(hunks_, [&](const Hunk& hunk) {
      return !hunk.before.empty() && touches(hunk.before, {place, place});
    });
  }
  /// Whether the line above this place or the one below it is still there; both ends of the text
  /// are.
  [[nodiscard]] bool keep_beside(size_t place) const {
    return place == 0 || place == before_.size() || !is_gone(place - 1) || !is_gone(place);
  }
  /// Whether any of these lines is still there. Blank ones do not count, since they are
  /// everywhere.
  [[nodiscard]] bool keep_any_of(LineRange range) const {
    for (size_t i = range.begin; i < range.end; ++i) {
      if (!is_gone(i) && !is_blank(before_.line(i))) return true;
    }
    return false;
  }

 private:
  [[nodiscard]] bool is_gone(size_t line) const {
    return std::ranges::any_of(hunks_, [&](const Hunk& hunk) {
      return hunk.before.begin <= line && line < hunk.before.end;
    });
  }

  const Lines& before_;
  Hunks hunks_;
};

// `ours` is what the push did at one place; `from_before` and `from_pushed` lead from the texts
// before and behind it to the disk. Both are asked, since lines that repeat can be matched in
// several ways.
bool is_undone(const Hunk& ours, const Changes& from_before, const Changes& from_pushed) {
  if (!from_pushed.touch(ours.after)) return false;
  if (!from_before.touch(ours.before)) return true;
  // Somebody edited this very place. Starting from which text?
  if (!ours.before.empty()) return from_before.keep_any_of(ours.before);
  // Lines that the push only added: they are gone, while what stood around them changed in part.
  const size_t place = ours.before.begin;
  return from_before.replace_at(place) && from_before.keep_beside(place) &&
         !from_pushed.keep_any_of(ours.after);
}

Result<Changes> changes(const Lines& from, const Lines& to) {
  auto hunks = diff_lines(from.text(), to.text());
  if (!hunks) return tl::unexpected(hunks.error());
  return Changes(from, std::move(*hunks));
}

}  // namespace

Result<Undone> what_was_undone(const SavedOver& texts) {
  const auto before = Lines::read(texts.before);
  if (!before) return fail_within("what it was before the push", before.error());
  const auto pushed = Lines::read(texts.pushed);
  if (!pushed) return fail_within("what was pushed", pushed.error());
  const auto disk = Lines::read(texts.on_disk);
  if (!disk) return fail_within("what is on disk", disk.error());
  const auto ours = changes(*before, *pushed);
  if (!ours) return tl::unexpected(ours.error());
  const auto from_before = changes(*before, *disk);
  if (!from_before) return tl::unexpected(from_before.error());
  const auto from_pushed = changes(*pushed, *disk);
  if (!from_pushed) return tl::unexpected(from_pushed.error());

  const bool is_any_undone = std::ranges::any_of(
      ours->hunks(), [&](const Hunk& hunk) { return is_undone(hunk, *from_before, *from_pushed); });
  if (!is_any_undone) return Undone::none;
  // Whoever takes back a part of a push leaves the rest as it was pushed.
  const auto is_ours = [&](const Hunk& theirs) {
    return std::ranges::any_of(ours->hunks(), [&](const Hunk& hunk) {
      return hunk.before == theirs.before && pushed->text(hunk.after) == disk->text(theirs.after);
    });
  };
  return std::ranges::all_of(from_before->hunks(), is_ours) ? Undone::reverted
                                                            : Undone::overwritten;
}

}  // namespace specd::merge
