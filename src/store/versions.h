#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/id.h"
#include "base/result.h"
#include "store/files.h"
#include "store/retention.h"

namespace specd::store {

/// A content that is no longer current.
struct Version {
  VersionId id;
  ProjectId project;
  std::string path;
  SpecKey spec;
  Digest digest;
  int64_t size = 0;  ///< bytes, uncompressed
  Reason reason{};
  std::string origin;
  std::string actor;
  WallTime at;  ///< when it stopped being current
  std::optional<WallTime> dismissed_at;
};

/// A content on its way into `versions`. Borrowed strings.
struct Keep {
  ProjectId project;
  std::string_view path;
  SpecKey spec;
  std::string_view content;
  Reason reason{};
  Source source;
  WallTime now;
};

/// Table `versions`, and `contents`, where each content is held once, compressed, under its
/// SHA-256. Writing needs a transaction of the Store that owns this.
class Versions {
 public:
  explicit Versions(sqlite::Database& db) : db_(db) {}

  /// Keeps a content. When the latest version of the file is the same content for the same or a
  /// stronger reason, and not dismissed, nothing new is stored and that one is returned.
  [[nodiscard]] Result<VersionId> put(const Keep& keep);
  /// Marks a displaced content as no longer needed; retention may then drop it.
  [[nodiscard]] Result<> dismiss(VersionId id, WallTime now);
  /// The same for every displaced version of the file with this content, unless an open conflict of
  /// the file rests on it.
  [[nodiscard]] Result<> release(ProjectId project, std::string_view path, const Digest& digest,
                                 WallTime now);
  /// Takes `dismiss` back, and makes a superseded one stay like a displaced one.
  [[nodiscard]] Result<> keep(VersionId id);
  /// Drops what `policy` lets go (retention.h), but never the last copy of a content that is a
  /// file's base or previous base, or belongs to an unresolved conflict. How many versions went.
  [[nodiscard]] Result<int64_t> apply(const RetentionPolicy& policy, WallTime now);

  /// Texts of the project that were overruled, and that nobody has dismissed.
  [[nodiscard]] Result<int64_t> count_displaced(ProjectId project) const;
  /// Latest first.
  [[nodiscard]] Result<std::vector<Version>> list(ProjectId project, std::string_view path,
                                                  int64_t limit) const;
  [[nodiscard]] Result<std::optional<Version>> get(VersionId id) const;
  /// The content with this SHA-256, from `versions` or `rescued`. `not_found` if we have none.
  [[nodiscard]] Result<std::string> content(const Digest& digest) const;
  /// The files of the spec that had this content, the latest first.
  [[nodiscard]] Result<std::vector<std::string>> paths_of(const SpecKey& spec,
                                                          const Digest& digest) const;
  /// Whether this file ever had this content and we kept it (recovery's question).
  [[nodiscard]] Result<bool> has(ProjectId project, std::string_view path,
                                 const Digest& digest) const;

 private:
  sqlite::Database& db_;
};

/// Table `rescued`: contents put aside raw, by triggers for foreign writers and by Files for
/// itself.
class Rescued {
 public:
  explicit Rescued(sqlite::Database& db) : db_(db) {}

  [[nodiscard]] Result<int64_t> count() const;
  /// Of one file, latest first; later than all that is in `versions`. `id` is 0: they have none
  /// yet.
  [[nodiscard]] Result<std::vector<Version>> list(ProjectId project, std::string_view path,
                                                  int64_t limit) const;
  /// Moves at most `limit` of the oldest into `versions`. How many were moved.
  [[nodiscard]] Result<int64_t> move_to_versions(Versions& versions, int64_t limit);
  /// Moves all of one file.
  [[nodiscard]] Result<> move_to_versions(Versions& versions, ProjectId project,
                                          std::string_view path);

 private:
  /// The oldest of all, or of one file. Whether there was one.
  [[nodiscard]] Result<bool> move_oldest(Versions& versions, std::optional<ProjectId> project,
                                         std::string_view path);

  sqlite::Database& db_;
};

}  // namespace specd::store
