#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/file_ops.h"
#include "base/id.h"
#include "base/rng.h"
#include "sync/replace.h"

namespace specd::sync {

/// Where the staged files of one project lie (DESIGN §5, "push", step 1), and what they are called:
/// `FILEID.RANDOM`, where FILEID names the file that they belong to, by the key of its spec and its
/// path in there (by its path in the project, as older ones did), so that after a crash each can be
/// judged by its content. That of a file that we made is told by the name, `FILEID.RANDOM.MADE`:
/// what is still as it was made is nobody's edit. In the target's own folder it is
/// `.FILEID.RANDOM.MADE.specd-tmp`, which nobody takes for a part of a spec. Any thread, once
/// `open` has returned.
class StagingArea {
 public:
  /// `state_folder`: the daemon's own, absolute. `project`: its uuid.
  StagingArea(FileOps& ops, std::string state_folder, std::string project)
      : ops_(ops), state_folder_(std::move(state_folder)), project_(std::move(project)) {}

  /// Before all else. Where a folder cannot be had, the next one has to do.
  void open();

  /// A folder whose files can change places with those of `target`.
  struct Room {
    StagingPlace place;
    const Handle& folder;  ///< where `beside`, `target` itself
  };
  [[nodiscard]] Room room_for(const Handle& target) const;

  /// What makes a name one that nothing has.
  [[nodiscard]] static std::string nonce(Random& random);
  /// The name of a file of this path. `made`: the content of one that we make; none: it is one that
  /// was displaced.
  [[nodiscard]] static std::string name_for(StagingPlace place, std::string_view path,
                                            std::string_view nonce,
                                            const std::optional<Digest>& made = std::nullopt);
  /// By what a file is told wherever its spec is moved to, in the place of its path. `below`: its
  /// path in the spec's folder.
  [[nodiscard]] static std::string identity(const SpecKey& spec, std::string_view below);
  /// The FILEID of a path, or of a staged file's name; none if that is no such name.
  [[nodiscard]] static std::string id_of_path(std::string_view path);
  [[nodiscard]] static std::optional<std::string> id_of_name(std::string_view name);

  /// Whether a staged file's name says that we made it with this content. Then nobody has written
  /// to it, and whoever was told that it is safe has it in the database, too.
  [[nodiscard]] static bool is_as_made(std::string_view name, const Digest& content);

  /// Whether a staged file's name says that it was the target.
  [[nodiscard]] static bool is_aside(std::string_view name);

  /// The folders that are there, but for the targets' own.
  [[nodiscard]] std::vector<Room> rooms() const;
  /// Null for those, and where there is none.
  [[nodiscard]] const Handle* folder(StagingPlace place) const;

 private:
  Result<Handle> open_in_state();
  Result<Handle> open_in_project();

  FileOps& ops_;
  const std::string state_folder_;
  const std::string project_;
  Handle in_state_, in_project_;
};

}  // namespace specd::sync
