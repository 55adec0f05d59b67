#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "tests/crash/timeline.h"

namespace specd::crash {

/// In which order names reach the disk that nobody has synced.
///
/// What POSIX promises (fsync(2), rename(2)) is little: the content and attributes of a file are
/// durable once the file is synced, its name once the folder is in which the name stands; a rename
/// is atomic for those who look, and nothing is said of those who come after a cut. What file
/// systems do between the two was tried by Pillai et al., "All File Systems Are Not Created Equal"
/// (OSDI 2014, ALICE), whose ways of going wrong these are.
enum class Order {
  journalled,  ///< calls become durable in their order: a sync takes along all that were before
  calls,       ///< each call is whole or not at all, whatever is with the others
  sides,       ///< of a rename from folder to folder either side may be missing
};

/// What is there when the power is back.
struct Survived {
  MemTree tree;
  std::map<std::string, std::string> databases;
  std::set<std::string> promises;  ///< that were given before the cut
};

/// Two that are as good as the same have one number.
[[nodiscard]] size_t hash_of(const Survived& survived);

/// A cut before one step of a timeline, and all that may be left after it. What was synced is; of
/// the rest, independently:
///
/// - names, as Order says;
/// - content and attributes of each file: as they were at the last sync, as they were last, as many
///   zeros, or the first half;
/// - writes to each of the database's files: none, all, the first half, all but the first, or all
///   with the last one torn. The shared memory of the log is gone with the power.
///
/// A folder that has a name is there. Times are told as of what survived.
class PowerCut {
 public:
  PowerCut(const Timeline& line, size_t at, Order order);

  /// Each way in which it may end, if they are no more than `most`; otherwise the extremes, and as
  /// many others by chance.
  void each(size_t most, Random& random, const std::function<void(const Survived&)>& judge) const;

 private:
  /// Indices of steps that become durable together.
  struct Unit {
    std::vector<size_t> steps;
    bool is_durable = false;
  };
  /// How many ways there are to choose, for each thing to be chosen: 0 is that nothing of it has
  /// survived, 1 that all has.
  using Ways = std::vector<size_t>;

  void note(const DiskChange& change, size_t at);
  void note_name(const DiskChange& change, size_t at);
  void sync_folder(uint64_t folder);
  void note(const DatabaseChange& change, size_t at);
  void find_ways();
  [[nodiscard]] std::vector<Ways> chosen(size_t most, Random& random) const;
  [[nodiscard]] Survived survive(const Ways& choice) const;
  void choose_names(const Ways& choice, std::vector<size_t>& how) const;

  const Timeline& line_;
  const size_t at_;
  const Order order_;
  std::vector<Unit> names_;
  std::map<uint64_t, std::vector<size_t>> files_;         // by inode: what is not synced
  std::map<std::string, std::vector<size_t>> databases_;  // by path
  std::set<std::string> promises_;
  // Names first, then files, then databases.
  Ways ways_;
  size_t names_chosen_ = 0;
};

}  // namespace specd::crash
