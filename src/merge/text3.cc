#include "merge/text3.h"

#include "merge/regions.h"

namespace specd::merge {
namespace {

using Changed = Region::Changed;

/// Puts the result together; all of it in the way of the disk.
class Writer {
 public:
  Writer(const Lines& disk, const Lines& row) : disk_(disk), row_(row) {
    const Lines& like = disk.usual_end().empty() ? row : disk;
    end_ = like.usual_end().empty() ? "\n" : like.usual_end();
    text_ = disk.bom();
  }

  void add_disk(LineRange range) {
    for (size_t i = range.begin; i < range.end; ++i)
      add(disk_.line(i), disk_.end_of(i).empty() ? end_ : disk_.end_of(i));
  }
  void add_row(LineRange range) {
    for (size_t i = range.begin; i < range.end; ++i) add(row_.line(i), end_);
  }
  void add_marker(std::string_view marker) {
    text_.append(marker).append(end_);
    is_marker_last_ = true;
  }
  std::string finish() {
    const Lines& like = disk_.size() == 0 ? row_ : disk_;
    if (!like.has_final_end() && !is_marker_last_ && last_end_ > 0)
      text_.resize(text_.size() - last_end_);
    return std::move(text_);
  }

 private:
  void add(std::string_view line, std::string_view end) {
    line.remove_suffix(1);
    text_.append(line).append(end);
    last_end_ = end.size();
    is_marker_last_ = false;
  }

  const Lines& disk_;
  const Lines& row_;
  std::string_view end_;
  std::string text_;
  size_t last_end_ = 0;  ///< bytes of the end of the line that was added last
  bool is_marker_last_ = false;
};

}  // namespace

Result<Merged> text3(const Sides& sides, Markers markers) {
  const auto base = Lines::read(sides.base);
  if (!base) return fail_within("what it was before", base.error());
  const auto disk = Lines::read(sides.disk);
  if (!disk) return fail_within("what is on disk", disk.error());
  const auto row = Lines::read(sides.row);
  if (!row) return fail_within("the edit", row.error());
  const auto regions = regions_of(*base, *disk, *row);
  if (!regions) return tl::unexpected(regions.error());

  Merged merged;
  Writer writer(*disk, *row);
  size_t at = 0;  // of the disk: all that is no region, and what the disk alone changed, stays
  for (const Region& region : *regions) {
    if (region.changed == Changed::by_disk || region.changed == Changed::equally) continue;
    const bool is_conflict = region.changed == Changed::differently;
    if (is_conflict) ++merged.conflicts;
    if (is_conflict && markers == Markers::none) continue;
    writer.add_disk({at, region.disk.begin});
    at = region.disk.end;
    if (is_conflict) {
      writer.add_marker(kDiskMarker);
      writer.add_disk(region.disk);
      writer.add_marker(kMiddleMarker);
    }
    writer.add_row(region.row);
    if (is_conflict) writer.add_marker(kRowMarker);
  }
  writer.add_disk({at, disk->size()});
  merged.content = writer.finish();
  return merged;
}

}  // namespace specd::merge
