#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/file_ops.h"
#include "base/result.h"

namespace specd::sync {

/// Where a new content waits for its turn, and what was displaced for its end.
enum class StagingPlace {
  state_folder,  ///< outside of the project; the same mount
  project,       ///< `.specd/` at the project's root
  beside,        ///< the target's own folder, under a hidden name
  aside,         ///< the same; the target itself, moved out of the way
};

/// A content that is complete, durable and has a name, but not yet that of its target. Spent once
/// it has stood there, even if it was taken back: somebody may have found it, and write to it.
struct Staged {
  const Handle* folder = nullptr;
  std::string name;
  Handle file;  ///< for reading, leased; none once it is spent
  uint64_t inode = 0;
  bool is_leased = false;
  Attributes attributes;  ///< those that the target had
};

/// What became of one attempt to put a content in the place of another.
enum class Swap {
  done,         ///< the target is what was to be
  overtaken,    ///< the target was not, or is no more, what was expected: somebody saved
  busy,         ///< somebody has it open for writing
  unsupported,  ///< this file system cannot
};

struct SwapResult {
  Swap what = Swap::done;
  /// Of the target's new content, taken while nobody could change it. Where done.
  Fingerprint fingerprint;
  bool is_settled = false;  ///< see FileRead
  bool is_guarded = true;   ///< false: without leases, so that a slow writer could not be seen
  /// How often the target got another file. None: nothing was touched. More than one: somebody
  /// saved meanwhile, and it was put back.
  int exchanges = 0;
};

/// Puts a file in the place of another, and never over a save that we have not seen. DESIGN §5,
/// "push": the steps that touch the disk, without a decision and without the database.
///
/// The new content waits under a name in a staging folder. Under a lease the target is compared
/// with what it has to be, and both change places in one call of the kernel. What comes out is
/// looked at: if it is not the file that was compared, or somebody has begun to write to it, it is
/// newer than what we put in, and goes back, until what comes out is what we put in last. So
/// whatever was displaced lies, whole, in the staging folder, under the name that the new content
/// had there.
class Replacer {
 public:
  /// `max_bytes`: a target that is longer is not what anybody expects.
  Replacer(FileOps& ops, int64_t max_bytes) : ops_(ops), max_bytes_(max_bytes) {}

  /// A new file, complete and durable, under `name` in `staging`, with the attributes `like`. An
  /// error leaves nothing behind.
  [[nodiscard]] Result<Staged> stage(const Handle& staging, std::string name,
                                     std::string_view content, const Attributes& like);

  /// Changes places with the target if that has `base` as its content. Afterwards the staged name
  /// has, if `done`, the target's old file; if `overtaken`, our new one, or a content that somebody
  /// else has superseded meanwhile. If not done, the target has what others put there last.
  [[nodiscard]] Result<SwapResult> swap(Staged& staged, Entry target, const Digest& base);
  /// Where the target must not exist yet. The staged name is gone if done.
  [[nodiscard]] Result<SwapResult> put_new(Staged& staged, Entry target);
  /// Takes the target away if it has `base` as its content: it then has the name in `staging`.
  [[nodiscard]] Result<SwapResult> take_away(Entry target, Entry into, const Digest& base);
  /// As swap, for a file system that cannot exchange: the target is moved to `aside` first, so that
  /// for a moment it is not there.
  [[nodiscard]] Result<SwapResult> swap_aside(Staged& staged, Entry target, Entry aside,
                                              const Digest& base);

 private:
  /// The target as it was compared: held, and leased where that works.
  struct Compared {
    Swap what = Swap::done;
    Handle file;
    uint64_t inode = 0;
    bool is_leased = false;
  };
  Result<Compared> compare(Entry target, const Digest& base, const Attributes* attributes);
  Result<bool> is_what_came_out(const Compared& compared, Entry out, const Digest& base);
  Result<SwapResult> finish(Staged& staged, SwapResult result);
  Result<SwapResult> put_back(Staged& ours, Entry target, SwapResult result);

  FileOps& ops_;
  const int64_t max_bytes_;
};

}  // namespace specd::sync
