#pragma once

#include <optional>
#include <string>

namespace specd::store {

/// A file or folder that this process may not write to, and must, to write a database.
struct Obstacle {
  std::string path;
  int os = 0;  ///< EACCES; EROFS: its disk is mounted for reading only
  bool is_folder = false;
  bool is_ours = true;  ///< belongs to this user

  /// "PATH: cannot be written to (Permission denied)"
  [[nodiscard]] std::string what() const;
};

/// Of the database at `path`, the first of: its folder, or where that is missing the nearest one
/// above; the file, its log and the index of that, where they are there. None: as far as
/// permissions tell, it can be written to. Changes nothing.
[[nodiscard]] std::optional<Obstacle> find_obstacle(const std::string& path);

}  // namespace specd::store
