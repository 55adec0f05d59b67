#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/obstacle.h"
#include "store/projects.h"

namespace specd::store {

/// What a database knows of one project, and waits for people to settle.
struct InspectedProject {
  Project project;
  int64_t open_conflicts = 0;
  int64_t failing_specs = 0;  ///< live ones with a sync_error
  int64_t waiting_edits = 0;  ///< files whose rows were edited, and that are not on disk
  std::vector<std::string> waiting_for_spec{};  ///< the first of these whose spec is not there
};

/// A database as it looks from outside, for whoever asks whether it is well.
struct Inspection {
  std::string path;
  bool is_there = false;
  int64_t bytes = 0;
  int64_t log_bytes = 0;               ///< of the write-ahead log beside it
  unsigned mode = 0;                   ///< permission bits of the file
  bool is_ours = false;                ///< by its application id
  int64_t version = 0;                 ///< of its schema
  int64_t known = 0;                   ///< the newest version that this program knows
  bool is_running = false;             ///< its owner has not closed it: is at work, or was killed
  std::vector<std::string> damage;     ///< what quick_check found; nothing: sound
  std::string failure;                 ///< why it could not be read at all; empty: it could
  std::optional<Obstacle> obstacle{};  ///< why it cannot be written; some keep it from being read
  std::optional<Obstacle> search_obstacle{};  ///< why the search index beside it cannot be
  std::vector<InspectedProject> projects{};   ///< by slug; of the newest version only
};

/// Reads all of the database in the state folder, beside a daemon or without one. Writes nothing
/// into it; SQLite makes the log and its index where they are missing. May take seconds where the
/// database is large.
[[nodiscard]] Inspection inspect(const std::string& folder);

}  // namespace specd::store
