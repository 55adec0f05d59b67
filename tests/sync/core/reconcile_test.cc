#include "sync/core/reconcile.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/sync/core/world.h"

namespace specd::sync::core {
namespace {

// Every world that a file can be in: three contents and none on each side, the row also missing,
// the disk also unknown, the row written since the last agreement or not.
std::vector<World> every_world() {
  std::vector<World> worlds;
  for (int base = 0; base <= 3; ++base) {
    for (int disk = 0; disk <= 3; ++disk) {
      for (bool readable : {true, false}) {
        for (int row = -1; row <= 3; ++row) {
          for (bool written : {true, false}) {
            World world;
            world.base = base;
            world.disk = disk;
            world.is_disk_readable = readable;
            world.row_state = row < 0    ? Row::State::missing
                              : row == 0 ? Row::State::deleted
                                         : Row::State::present;
            world.row = std::max(row, 0);
            if (written) world.rev = 2;
            // A write raises the rev; so a row that was not written says what base says.
            if (!written && row >= 0 && row != base) continue;
            if (written && row > 0 && row != base) world.owed.insert(row);
            worlds.push_back(world);
          }
        }
      }
    }
  }
  return worlds;
}

// What is wrong with an implementation, in words; empty if nothing was found.
std::string find_fault(const Reconcile& decide, const Weather& weather) {
  std::ostringstream fault;
  for (const World& start : every_world()) {
    World world = start;
    const FileState planned = world.observe();
    apply(world, planned, decide(planned), weather);
    if (world.has_lost_something()) {
      fault << "lost after one apply, from: " << start;
      return fault.str();
    }
    // Whatever happened, rounds without weather must end in step. Three are enough: the first may
    // act on a crash's remains, the second on what the first found out.
    for (int round = 0; round < 3; ++round) {
      const FileState now = world.observe();
      apply(world, now, decide(now), {});
    }
    if (world.has_lost_something()) {
      fault << "lost in the end, from: " << start;
    } else if (!world.is_in_step()) {
      fault << "not in step, from: " << start;
    } else if (world.is_disk_readable && decide(world.observe()).what != Do::nothing) {
      fault << "never quiet, from: " << start;
    } else if (start.is_disk_readable && !weather.meanwhile && start.rev == start.pushed_rev &&
               world.writes_to_disk > 0) {
      fault << "wrote a file that nobody edited, from: " << start;
    } else if (world.is_disk_readable && (world.base != world.disk || world.is_dirty())) {
      fault << "base does not follow, from: " << start;
    } else if (!start.is_disk_readable && !weather.meanwhile &&
               (world.writes_to_disk > 0 || world.row_state != start.row_state ||
                world.row != start.row)) {
      fault << "acted on what it could not read, from: " << start;
    }
    if (!fault.str().empty()) return fault.str();
  }
  return "";
}

// Everything that may happen between a plan and its apply, and every point at which it may be cut
// short.
std::vector<Weather> every_weather() {
  std::vector<Weather> all;
  for (int steps = 0; steps <= 2; ++steps) {
    all.push_back({.crash_after_steps = steps});
    for (int content = 0; content <= 4; ++content) {
      all.push_back(
          {.crash_after_steps = steps, .meanwhile = [=](World& w) { w.edit_row(content); }});
      all.push_back(
          {.crash_after_steps = steps, .meanwhile = [=](World& w) { w.save_disk(content); }});
      all.push_back({.crash_after_steps = steps, .meanwhile = [=](World& w) {
                       w.save_disk(content);
                       w.edit_row(4);
                     }});
    }
  }
  return all;
}

std::string find_fault_in_any_weather(
    const Reconcile& decide, const std::function<void(Weather&)>& breakage = [](Weather&) {}) {
  for (Weather weather : every_weather()) {
    breakage(weather);
    if (std::string fault = find_fault(decide, weather); !fault.empty()) return fault;
  }
  return "";
}

FileState state(int base, int disk, int row, int rev) {
  World world{.base = base, .disk = disk};
  world.row_state = row < 0    ? Row::State::missing
                    : row == 0 ? Row::State::deleted
                               : Row::State::present;
  world.row = std::max(row, 0);
  world.rev = rev;
  return world.observe();
}

// The table of the design, line by line. Base is content 1; a row with rev 2 was written.
TEST(Reconcile, TheTableOfTheDesign) {
  using CK = ConflictKind;
  struct Line {
    int base, disk, row, rev;
    Action expected;
  };
  const Line table[] = {
      {1, 1, 1, 1, {Do::nothing, {}}},
      {1, 2, 1, 1, {Do::pull, {}}},
      {0, 2, -1, 1, {Do::pull, {}}},
      {1, 0, 1, 1, {Do::soft_delete, {}}},
      {0, 0, 2, 2, {Do::push, {}}},
      {1, 1, 2, 2, {Do::push, {}}},
      {1, 1, 0, 2, {Do::delete_on_disk, {}}},
      {1, 2, 2, 2, {Do::agree, {}}},
      {1, 2, 3, 2, {Do::pull, CK::both_changed}},
      {1, 0, 2, 2, {Do::soft_delete, CK::deleted_on_disk}},
      {1, 2, 0, 2, {Do::pull, CK::deleted_in_db}},
      {1, 0, 0, 2, {Do::agree, {}}},
      // An edit that came to the same only moves pushed_rev.
      {1, 1, 1, 2, {Do::agree, {}}},
      // A row that is physically missing is no deletion.
      {1, 1, -1, 1, {Do::pull, {}}},
      {1, 2, -1, 1, {Do::pull, {}}},
      // Created on both sides at once.
      {0, 2, 3, 2, {Do::pull, CK::both_changed}},
      {0, 2, 2, 2, {Do::agree, {}}},
      // A file that returns after an agreed deletion.
      {0, 2, 0, 1, {Do::pull, {}}},
      {0, 0, 0, 1, {Do::nothing, {}}},
  };
  for (const Line& line : table) {
    EXPECT_EQ(reconcile(state(line.base, line.disk, line.row, line.rev)), line.expected)
        << line.base << line.disk << line.row << line.rev;
  }
}

TEST(Reconcile, NothingIsDoneAboutADiskThatWasNotSeen) {
  for (World world : every_world()) {
    world.is_disk_readable = false;
    EXPECT_EQ(reconcile(world.observe()), Action{}) << world;
  }
}

TEST(Reconcile, DiskWinsEveryConflict) {
  for (const World& start : every_world()) {
    World world = start;
    const Action action = reconcile(world.observe());
    if (!action.conflict) continue;
    apply(world, world.observe(), action, {});
    EXPECT_EQ(world.disk, start.disk) << start;
    EXPECT_TRUE(world.is_in_step()) << start;
  }
}

TEST(Reconcile, NoWorldAndNoWeatherLosesAnEditOrLeavesTheSidesApart) {
  EXPECT_EQ(find_fault_in_any_weather(reconcile), "");
}

// Each of these is a mistake that somebody has made; the search above must find every one.
TEST(ReconcileNegativeControl, BrokenDecisionsAreFound) {
  const auto broken = [](const std::function<void(const FileState&, Action&)>& breakage) {
    return find_fault_in_any_weather([breakage](const FileState& file) {
      Action action = reconcile(file);
      breakage(file, action);
      return action;
    });
  };
  EXPECT_NE(broken([](auto&, Action& a) { a.conflict.reset(); }), "")
      << "conflicts that keep nothing";
  EXPECT_NE(broken([](auto& f, Action& a) {
              if (a.conflict && f.row.state == Row::State::present) a = {Do::push, {}};
            }),
            "")
      << "the database wins";
  EXPECT_NE(broken([](auto&, Action& a) {
              if (a.what == Do::soft_delete) a = {};
            }),
            "")
      << "deletions ignored";
  EXPECT_NE(broken([](auto&, Action& a) {
              if (a.what == Do::agree) a = {};
            }),
            "")
      << "equal sides never settle";
  EXPECT_NE(broken([](auto& f, Action& a) {
              if (f.disk.state == Disk::State::unknown && f.base.content) a = {Do::soft_delete, {}};
            }),
            "")
      << "unreadable taken for absent";
  EXPECT_NE(broken([](auto& f, Action& a) {
              if (f.row.state == Row::State::missing && f.base.content)
                a = {Do::delete_on_disk, {}};
            }),
            "")
      << "a missing row taken for a deletion";
  EXPECT_NE(broken([](auto& f, Action& a) {
              if (a.what == Do::nothing && f.row.state == Row::State::present) a = {Do::push, {}};
            }),
            "")
      << "files written that nobody edited";
}

TEST(ReconcileNegativeControl, BrokenAppliesAreFound) {
  EXPECT_NE(find_fault_in_any_weather(reconcile, [](Weather& w) { w.check_row = false; }), "")
      << "a pull without WHERE rev = planned";
  EXPECT_NE(find_fault_in_any_weather(reconcile, [](Weather& w) { w.check_disk = false; }), "")
      << "a push that does not look at what it replaces";
  EXPECT_NE(find_fault_in_any_weather(reconcile, [](Weather& w) { w.is_side_first = false; }), "")
      << "base before the side";
}

// A spec's files are decided one by one: what one does, and when it is cut short, never changes
// another.
TEST(Reconcile, AllStatesOfThreePathsEndInStepWhateverTheCut) {
  const std::vector<World> worlds = every_world();
  size_t seen = 0;
  for (size_t a = 0; a < worlds.size(); ++a) {
    for (size_t b = a; b < worlds.size(); ++b) {
      // The third path runs through all states once for each pair's cut, so that every triple's
      // plan is made.
      for (size_t c = b; c < worlds.size(); ++c) {
        World files[] = {worlds[a], worlds[b], worlds[c]};
        const size_t cut = (a + b + c) % 4;  // how many of the plan's actions happen before a crash
        FileState planned[3];
        Action actions[3];
        for (int i = 0; i < 3; ++i) actions[i] = reconcile(planned[i] = files[i].observe());
        for (size_t i = 0; i < cut && i < 3; ++i) apply(files[i], planned[i], actions[i], {});
        for (World& file : files) {
          const FileState now = file.observe();
          apply(file, now, reconcile(now), {});
          ASSERT_FALSE(file.has_lost_something()) << file;
          ASSERT_TRUE(file.is_in_step()) << file;
        }
        ++seen;
      }
    }
  }
  EXPECT_GT(seen, 100'000u);
}

}  // namespace
}  // namespace specd::sync::core
