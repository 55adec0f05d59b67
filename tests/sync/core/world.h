#pragma once

// A file on its three sides as a small world that can be stepped, cut short and disturbed: what
// reconcile is proved on. Contents are small numbers; 0 is "no content".

#include <algorithm>
#include <functional>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "sync/core/reconcile.h"

namespace specd::sync::core {

using Reconcile = std::function<Action(const FileState&)>;

inline Digest digest_of(int content) {
  Digest digest;
  digest.bytes[0] = static_cast<unsigned char>(content);
  return digest;
}

struct World {
  int base = 0;
  int disk = 0;
  bool is_disk_readable = true;
  Row::State row_state = Row::State::missing;
  int row = 0;
  int rev = 1;
  int pushed_rev = 1;
  std::set<int> kept{};  ///< contents in `versions`
  std::set<int>
      owed{};  ///< contents that must never be lost: edits in the row, and what we displaced
  int conflicts = 0;
  int writes_to_disk = 0;

  [[nodiscard]] FileState observe() const {
    FileState state;
    if (base != 0) state.base.content = digest_of(base);
    if (!is_disk_readable) {
      state.disk.state = Disk::State::unknown;
    } else if (disk == 0) {
      state.disk.state = Disk::State::absent;
    } else {
      state.disk = {Disk::State::present, digest_of(disk)};
    }
    state.row = {row_state, digest_of(row), Rev{rev}, Rev{pushed_rev}};
    return state;
  }

  /// Somebody edits through the database; what is overwritten is kept, as the triggers do.
  void edit_row(int content) {
    if (row_state == Row::State::present) kept.insert(row);
    row_state = content == 0 ? Row::State::deleted : Row::State::present;
    row = content;
    ++rev;
    // Going back to what both sides last agreed on is no text of its own: the disk has it, or had
    // it and went on.
    if (content != 0 && content != base) owed.insert(content);
  }
  /// Another program saves. What it replaces it has superseded, unless only we had put it there.
  void save_disk(int content) {
    if (disk != 0) owed.erase(disk);
    disk = content;
  }

  [[nodiscard]] bool has_lost_something() const {
    return std::any_of(owed.begin(), owed.end(), [this](int content) {
      return content != disk && !(row_state == Row::State::present && content == row) &&
             kept.count(content) == 0;
    });
  }
  [[nodiscard]] bool is_dirty() const {
    return row_state != Row::State::missing && rev != pushed_rev;
  }
  [[nodiscard]] bool is_in_step() const {
    return !is_disk_readable || (disk == 0 ? row_state != Row::State::present
                                           : row_state == Row::State::present && row == disk);
  }
};

inline std::ostream& operator<<(std::ostream& out, const World& world) {
  return out << "base " << world.base << ", disk " << (world.is_disk_readable ? "" : "unknown ")
             << world.disk << ", row " << static_cast<int>(world.row_state) << ' ' << world.row
             << ", rev " << world.rev << " pushed " << world.pushed_rev;
}

/// How apply may go wrong or be cut short.
struct Weather {
  int crash_after_steps = 99;             ///< steps of this apply that happen
  std::function<void(World&)> meanwhile;  ///< somebody's edit between the plan and its apply
  bool check_row = true;      ///< false: a broken apply that forgets `WHERE rev = planned`
  bool check_disk = true;     ///< false: a broken push that forgets what it expects on disk
  bool is_side_first = true;  ///< false: a broken apply that writes the base before the side
};

inline void apply(World& world, const FileState& planned, const Action& action,
                  const Weather& weather) {
  if (weather.meanwhile) weather.meanwhile(world);
  const auto is_row_as_planned = [&] {
    return !weather.check_row ||
           (world.rev == planned.row.rev.value && world.row_state == planned.row.state);
  };
  const auto is_disk_as_planned = [&] {
    const FileState now = world.observe();
    return !weather.check_disk || now.disk == planned.disk;
  };
  const int planned_disk =
      planned.disk.state == Disk::State::present ? planned.disk.content.bytes[0] : 0;
  const int planned_row =
      planned.row.state == Row::State::present ? planned.row.content.bytes[0] : 0;
  const int planned_rev = static_cast<int>(planned.row.rev.value);
  int steps = weather.crash_after_steps;
  const auto keep_row = [&] {
    if (action.conflict && planned_row != 0) {
      world.kept.insert(planned_row);
      ++world.conflicts;
    } else if (action.conflict) {
      ++world.conflicts;
    }
  };

  switch (action.what) {
    case Do::nothing:
      return;
    case Do::pull:
    case Do::soft_delete:
      // One transaction: all or nothing.
      if (steps < 1 || !is_row_as_planned()) return;
      keep_row();
      // A soft-deleted row still holds its last text.
      if (action.what == Do::soft_delete && planned_row != 0) world.kept.insert(planned_row);
      world.row_state = action.what == Do::pull ? Row::State::present : Row::State::deleted;
      world.row = action.what == Do::pull ? planned_disk : 0;
      world.base = world.row;
      world.pushed_rev = ++world.rev;
      return;
    case Do::agree:
      if (steps < 1 || !is_row_as_planned()) return;
      world.base = planned_disk;
      world.pushed_rev = planned_rev;
      return;
    case Do::push:
    case Do::delete_on_disk: {
      const int content = action.what == Do::push ? planned_row : 0;
      const auto write_side = [&] {
        if (!is_disk_as_planned()) return false;
        if (world.disk != 0 && world.disk != planned.base.content.value_or(Digest{}).bytes[0]) {
          world.owed.insert(world.disk);  // a save that we displace
        }
        world.disk = content;
        ++world.writes_to_disk;
        return true;
      };
      const auto write_base = [&] {
        world.base = content;
        world.pushed_rev = planned_rev;
      };
      if (weather.is_side_first) {
        if (steps >= 1 && write_side() && steps >= 2) write_base();
      } else {
        if (steps >= 1) write_base();
        if (steps >= 2) write_side();
      }
      return;
    }
  }
}

}  // namespace specd::sync::core
