#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "spec/model.h"
#include "store/file_state.h"

namespace specd::sqlite {
class Database;
class Row;
}  // namespace specd::sqlite

namespace specd::store {

/// Row of an intent in `edits`; 0: none.
using EditId = Tagged<struct EditTag, int64_t>;

/// The row of one file: what is in the database, as anyone may have edited it.
struct FileRow {
  ProjectId project;
  std::string path;
  SpecKey spec;  ///< empty for a file that a foreign client has just made
  spec::Role role{};
  Rev rev;
  EditId edit;  ///< whose content this is, when it came through an intent of ours
  std::optional<WallTime> modified_at;  ///< last edit through the database
  std::optional<WallTime> deleted_at;
  bool is_text = true;  ///< stored as TEXT: valid UTF-8 without NUL, or a foreign client's claim
  std::string content;  ///< left empty by the calls that do not read it
};

/// Why a content that is no longer current was kept; decides how long (store/retention.h).
enum class Reason {
  superseded,  ///< somebody saved a newer one
  displaced,   ///< we put something else in its place; stays until a person dismisses it
};
[[nodiscard]] std::string_view to_string(Reason reason);

/// What to do with the row's present content when it is written over. Kept ones go to `rescued`, as
/// they are, since compressing belongs into a quieter moment (Rescued::move_to_versions).
enum class OldContent { drop, keep_superseded, keep_displaced };

/// Who wrote something: where it came from and what the client called itself.
struct Source {
  std::string_view origin;  ///< disk, archive, api, sql, hub
  std::string_view actor;   ///< empty: not given; never guessed
};

/// Content that was read from disk, on its way into the row. Borrowed strings.
struct Pull {
  ProjectId project;
  std::string_view path;
  SpecKey spec;
  spec::Role role{};
  Rev planned;  ///< of the row that was looked at; 0: there was none
  std::string_view content;
  Digest digest;                           ///< of `content`
  std::optional<Fingerprint> fingerprint;  ///< none: not to be trusted, read again next time
  const FileFacts* facts = nullptr;        ///< asserted
  OldContent old_content = OldContent::keep_superseded;
  WallTime now;
};

/// An edit that came through us (REST), on its way into the row. The content that it writes over is
/// always kept.
struct RowEdit {
  ProjectId project;
  std::string_view path;
  SpecKey spec;
  spec::Role role{};
  Rev planned;                              ///< as in Pull
  std::optional<std::string_view> content;  ///< none: delete the file
  EditId edit;
  WallTime now;
  Reason old_content = Reason::superseded;  ///< why the content that it writes over is kept
};

/// What a spec's list of files tells of one. Borrowed strings.
struct FileSummary {
  std::string_view path;
  spec::Role role{};
  std::optional<Digest> base;  ///< as in FileState; the rest is empty where there is no state
  bool is_in_step = false;     ///< there is a base, and the row is as it was pushed
  std::string_view title;
  int64_t tasks_done = 0;
  int64_t tasks_total = 0;
  std::string_view error;
};

/// The files of a spec whose folder was renamed.
struct DirMove {
  SpecKey spec;
  std::string from;
  std::string to;
};

/// Table `spec_files`, written together with its `file_state`. Writing needs a transaction of the
/// Store that owns this; none of it counts as a foreign edit. A *conditional* write returns whether
/// it happened; false means that the row is no longer the one that was planned on, and that nothing
/// was changed: plan again.
class Files {
 public:
  explicit Files(sqlite::Database& db) : db_(db) {}

  /// Conditional. The content becomes the row's (TEXT if it is UTF-8 without NUL, BLOB otherwise)
  /// and the base; the base until now becomes the previous one; the row is clean and not deleted.
  [[nodiscard]] Result<bool> pull(const Pull& pull);
  /// Conditional. The content becomes the row's, which is dirty from here on. Commit with
  /// Durability::full before acknowledging it. Returns the new rev; none: did not happen.
  [[nodiscard]] Result<std::optional<Rev>> edit(const RowEdit& edit);
  /// The present content becomes a superseded version, as it is kept before it is written over.
  [[nodiscard]] Result<> keep(ProjectId project, std::string_view path, WallTime now);
  /// Conditional. The row stays as it is, and waits to be written to disk, as an edit of ours.
  [[nodiscard]] Result<bool> touch(ProjectId project, std::string_view path, Rev planned,
                                   EditId edit, WallTime now);
  /// Conditional. The file is gone from disk: its row is marked deleted, keeps its content, and is
  /// clean; base and fingerprint are forgotten (the base becomes the previous base). Where the
  /// deletion overrules an edit, `keep_displaced` keeps its text also when the file returns.
  [[nodiscard]] Result<bool> soft_delete(ProjectId project, std::string_view path, Rev planned,
                                         WallTime now, OldContent old_content = OldContent::drop);
  /// Conditional. Says which spec a file belongs to and what it is to it, for a row that a foreign
  /// client has made. Clean stays clean, dirty stays dirty. Returns the new rev; none: did not
  /// happen.
  [[nodiscard]] Result<std::optional<Rev>> assign(ProjectId project, std::string_view path,
                                                  Rev planned, const SpecKey& spec,
                                                  spec::Role role);
  /// Takes the row away for good, with its state: for a path that no spec has any more. Its content
  /// is kept as displaced.
  [[nodiscard]] Result<> forget(ProjectId project, std::string_view path, WallTime now);

  /// Moves the files of renamed spec folders, with state, dirtiness, versions, rescued contents and
  /// conflicts; all at once, so that two folders may swap. What was clean stays clean, what was
  /// dirty stays dirty; each row has a new rev, so that a plan made before is void. A row already
  /// at a new path (of a spec deleted there earlier) goes; its content is kept as displaced.
  [[nodiscard]] Result<> repath(ProjectId project, std::span<const DirMove> moves, WallTime now);

  [[nodiscard]] Result<std::optional<FileRow>> get(ProjectId project, std::string_view path) const;
  /// The same without its content.
  [[nodiscard]] Result<std::optional<FileRow>> peek(ProjectId project, std::string_view path) const;
  /// Without contents, by path; soft-deleted ones too.
  [[nodiscard]] Result<std::vector<FileRow>> of_spec(const SpecKey& spec) const;
  /// Whether the spec has a row that is not marked deleted.
  [[nodiscard]] Result<bool> has_live(const SpecKey& spec) const;
  /// Whether one of these has yet to be made on disk.
  [[nodiscard]] Result<bool> has_unmade(const SpecKey& spec) const;
  /// The files of a spec that are there, by path; after them those that have an error and no row.
  [[nodiscard]] Result<> each_of_spec(const SpecKey& spec,
                                      const std::function<void(const FileSummary&)>& visit) const;
  /// Without contents, by path: rows that belong to no spec yet, as foreign
  /// clients make them.
  [[nodiscard]] Result<std::vector<FileRow>> orphans(ProjectId project) const;
  /// The paths of the first of these that are to be files.
  [[nodiscard]] Result<std::vector<std::string>> waiting_for_spec(ProjectId project,
                                                                  int64_t limit) const;
  /// Whether every row has the rev that was pushed and none is missing, as far as a sum of 64 bits
  /// over all of them tells: then there are none of the following, which take longer.
  [[nodiscard]] Result<bool> all_pushed(ProjectId project) const;
  /// Rows that are physically missing although their file has a base: a foreign DELETE. By path.
  [[nodiscard]] Result<std::vector<std::string>> missing(ProjectId project) const;
  /// Without contents, by path: rows whose rev is not the pushed one. What the batch compares.
  [[nodiscard]] Result<std::vector<FileRow>> unpushed(ProjectId project) const;

 private:
  sqlite::Database& db_;
};

}  // namespace specd::store
