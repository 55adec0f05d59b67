#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/fs.h"
#include "base/id.h"
#include "base/result.h"
#include "spec/model.h"

namespace specd::sqlite {
class Database;
}

namespace specd::store {

/// What the text of one file says, so that a spec's totals are sums over its files.
struct FileFacts {
  std::string title;
  int64_t tasks_done = 0;
  int64_t tasks_total = 0;
  std::optional<std::string> front_matter;  ///< JSON
  std::string error;                        ///< why it could not be read or parsed; empty: fine
  friend bool operator==(const FileFacts&, const FileFacts&) = default;
};

/// What disk and row last agreed on, for one file. The daemon's own memory; nobody else writes it.
/// It outlives the row of the file, so that a foreign DELETE can be told from a new file.
struct FileState {
  ProjectId project;
  std::string path;
  SpecKey spec;
  spec::Role role{};
  std::optional<Digest> base;           ///< none: the two never agreed, or on its absence
  std::optional<Digest> previous_base;  ///< the base before that
  bool base_from_push = false;
  Rev pushed_rev;  ///< of the row when they agreed; the row is clean while it still has this rev
  std::optional<Fingerprint> fingerprint;
  FileFacts facts;
};

/// How a file looked when disk and row last agreed: what tells whether it has to be looked at.
/// Borrowed strings.
struct FileLook {
  std::string_view path;
  std::string_view spec;  ///< its key
  bool is_there = false;  ///< there is a base, or an error to tell of
  std::optional<Fingerprint> fingerprint;
};

/// A new agreement of disk and row.
struct Agreement {
  ProjectId project;
  std::string_view path;
  std::optional<Digest> base;  ///< none: they agree that the file is not there
  bool from_push = false;
  bool binary = false;  ///< base is no UTF-8 text: SQL clients may not write TEXT over it
  Rev pushed_rev;       ///< of the row that was read with the text, never the present one
  std::optional<Fingerprint> fingerprint;
};

/// Table `file_state`. Writing needs a transaction of the Store that owns this.
class FileStates {
 public:
  explicit FileStates(sqlite::Database& db) : db_(db) {}

  /// Disk and row hold the same: `base` is the new base (the present one becomes the previous one,
  /// if it is another content). The row is not touched; it stays dirty if it has moved past
  /// `pushed_rev`. Makes the state of a file that has none, taking spec and role from its row.
  [[nodiscard]] Result<> agree(const Agreement& agreement);
  /// Same content, seen under a new fingerprint. Nothing else changes.
  [[nodiscard]] Result<> refresh(ProjectId project, std::string_view path,
                                 const Fingerprint& fingerprint);
  /// New facts of unchanged content (a new version of the rules that derive them).
  [[nodiscard]] Result<> set_facts(ProjectId project, std::string_view path,
                                   const FileFacts& facts);
  /// The file could not be read: base and row stay as they are, its facts get this error. Makes the
  /// state of a file that has none. Empty: fine again.
  [[nodiscard]] Result<> set_error(ProjectId project, std::string_view path, const SpecKey& spec,
                                   spec::Role role, std::string_view error);
  /// No longer a file of ours, such as one that never had a row and is gone.
  [[nodiscard]] Result<> forget(ProjectId project, std::string_view path);

  [[nodiscard]] Result<std::optional<FileState>> get(ProjectId project,
                                                     std::string_view path) const;
  /// Every file of the project, in byte order of the paths. `visit` must not write.
  [[nodiscard]] Result<> each_look(ProjectId project,
                                   const std::function<void(const FileLook&)>& visit) const;
  /// At `dir` or below it, in byte order.
  [[nodiscard]] Result<std::vector<FileState>> below(ProjectId project, std::string_view dir) const;
  /// Of one spec, by path.
  [[nodiscard]] Result<std::vector<FileState>> of_spec(const SpecKey& spec) const;

 private:
  sqlite::Database& db_;
};

}  // namespace specd::store
