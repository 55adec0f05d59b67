#include "merge/regions.h"

#include <algorithm>

namespace specd::merge {
namespace {

using Changed = Region::Changed;
using Hunks = std::vector<Hunk>;

/// One side's hunks, from the first to the last.
class Walk {
 public:
  explicit Walk(const Hunks& hunks) : hunks_(hunks) {}

  /// Where the next hunk begins in base; past all lines where there is none.
  [[nodiscard]] size_t next() const {
    return at_ < hunks_.size() ? hunks_[at_].before.begin : SIZE_MAX;
  }
  /// Takes the next hunk; which lines of base it changes.
  LineRange take() {
    const Hunk& hunk = hunks_[at_++];
    added_ = hunk.after.end - hunk.before.end;
    return hunk.before;
  }
  /// The line of this side that a line of base became, behind all hunks that were taken. Unsigned
  /// arithmetic: where lines went, `added_` wraps around, and back again.
  [[nodiscard]] size_t line_of(size_t base) const { return base + added_; }

 private:
  const Hunks& hunks_;
  size_t at_ = 0;
  size_t added_ = 0;
};

/// A region, and the hunks that it is made of, as ranges of base.
struct Found {
  Region region;
  std::vector<LineRange> by_disk;
  std::vector<LineRange> by_row;
};

// The next region, from the first hunk that is left to where none of either side overlaps or
// touches it.
Found take_region(Walk& disk, Walk& row) {
  const size_t begin = std::min(disk.next(), row.next());
  size_t end = begin;
  const auto take = [&end](Walk& side, std::vector<LineRange>& into) {
    into.push_back(side.take());
    end = std::max(end, into.back().end);
  };
  Found found;
  found.region = {{}, {disk.line_of(begin), 0}, {row.line_of(begin), 0}};
  while (std::min(disk.next(), row.next()) <= end) {
    if (disk.next() <= end) take(disk, found.by_disk);
    if (row.next() <= end) take(row, found.by_row);
  }
  found.region.disk.end = disk.line_of(end);
  found.region.row.end = row.line_of(end);
  found.region.changed = found.by_row.empty()    ? Changed::by_disk
                         : found.by_disk.empty() ? Changed::by_row
                                                 : Changed::differently;
  return found;
}

LineRange shifted(LineRange range, size_t by) {
  return {range.begin + by, range.end + by};
}

// Of lines that both changed, some may be the same again.
Result<> narrow(const Found& found, const Lines& disk, const Lines& row,
                std::vector<Region>& into) {
  const Region& region = found.region;
  const auto of_disk = disk.text(region.disk), of_row = row.text(region.row);
  // The very same edit on both sides: as if the disk alone had made it.
  const bool is_one_each = found.by_disk.size() == 1 && found.by_disk == found.by_row;
  if (is_one_each && of_disk == of_row) return {};
  if (of_disk.empty() || of_row.empty()) {
    into.push_back(region);
    return {};
  }
  const auto hunks = diff_lines(of_disk, of_row);
  if (!hunks) return tl::unexpected(hunks.error());
  if (hunks->empty()) into.push_back({Changed::equally, region.disk, region.row});
  for (const Hunk& hunk : *hunks) {
    into.push_back({Changed::differently, shifted(hunk.before, region.disk.begin),
                    shifted(hunk.after, region.row.begin)});
  }
  return {};
}

// git knows ASCII alone; here a letter of any script is one.
bool has_word(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

// Two conflicts with up to three lines between them, or with no word, read better as one.
std::vector<Region> joined(const std::vector<Region>& regions, const Lines& disk) {
  std::vector<Region> found;
  for (const Region& region : regions) {
    if (!found.empty() && found.back().changed == Changed::differently &&
        region.changed == Changed::differently) {
      const LineRange between{found.back().disk.end, region.disk.begin};
      if (between.size() <= 3 || !has_word(disk.text(between))) {
        found.back().disk.end = region.disk.end;
        found.back().row.end = region.row.end;
        continue;
      }
    }
    found.push_back(region);
  }
  return found;
}

}  // namespace

Result<std::vector<Region>> regions_of(const Lines& base, const Lines& disk, const Lines& row) {
  const auto of_disk = diff_lines(base.text(), disk.text());
  if (!of_disk) return tl::unexpected(of_disk.error());
  const auto of_row = diff_lines(base.text(), row.text());
  if (!of_row) return tl::unexpected(of_row.error());
  Walk on_disk(*of_disk), in_row(*of_row);
  std::vector<Region> regions;
  while (std::min(on_disk.next(), in_row.next()) != SIZE_MAX) {
    const Found found = take_region(on_disk, in_row);
    if (found.region.changed != Changed::differently) {
      regions.push_back(found.region);
    } else if (auto done = narrow(found, disk, row, regions); !done) {
      return tl::unexpected(done.error());
    }
  }
  return joined(regions, disk);
}

}  // namespace specd::merge
