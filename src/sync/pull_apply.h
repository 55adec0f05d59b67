#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "store/store.h"
#include "sync/core/reconcile.h"
#include "sync/journal.h"
#include "sync/pull_plan.h"

namespace specd::sync {

/// What a pull left for later.
struct Outcome {
  std::vector<std::string> busy;  ///< somebody is writing to these: look again soon
  std::vector<std::string>
      absent;  ///< known files that are not there: look again after the grace, and believe it then
  std::vector<std::string> to_push;  ///< rows that have to be written to disk
  size_t pulled = 0;                 ///< files whose row changed
  bool is_written = false;           ///< something was committed that people may want to hear of
  bool has_newcomers = false;        ///< a spec that was not there: rows may wait for it
  bool is_retry = false;             ///< a row moved on meanwhile: plan again

  void add(Outcome&& other);
};

/// Who wrote a row that is not the disk's: whose edit it was, or, without one, a client of SQL.
[[nodiscard]] Result<Author> author_of(const store::Tables& tables, const store::FileRow& row);

/// Carries a plan out, once everything in it was read: decides each file from base, disk and row as
/// they are now, and writes rows, records, conflicts. Everything happens in the transaction that
/// its caller holds. Sync thread only.
class PullApplier {
 public:
  PullApplier(store::Tables& tables, const Clock& clock, Journal& journal, Outcome& outcome)
      : tables_(tables), clock_(clock), journal_(journal), outcome_(outcome) {}

  [[nodiscard]] Result<> apply(SpecWork& work);
  [[nodiscard]] Result<> apply_file(SpecWork& work, FileWork& file);

  /// The file's row, as it was when it had `pushed_rev`, stands on disk as `file.disk` says.
  [[nodiscard]] Result<> settle_push(const SpecWork& work, const FileWork& file, Rev pushed_rev,
                                     const Author& author);
  /// Conditional, as Files::edit, whose rev it returns: the row becomes `file.disk`, or is deleted
  /// where that is absent, and waits to be written to disk.
  [[nodiscard]] Result<std::optional<Rev>> edit(const SpecWork& work, const FileWork& file,
                                                store::RowEdit edit, const Author& author);
  /// The row becomes `file.disk` again, or is deleted where that is absent, whatever a client has
  /// made of it; nothing if it is no longer `row`, or was written to disk.
  [[nodiscard]] Result<> take_back(const SpecWork& work, FileWork& file, const store::FileRow& row,
                                   const Author& author);
  /// What the files say together; after all of them.
  [[nodiscard]] Result<> write_record(SpecWork& work);

 private:
  Result<bool> act(SpecWork& work, FileWork& file, const store::FileRow* row,
                   const core::FileState& state);
  /// Records the conflict that `action` brings, or that pulling brings by undoing a push. Whether
  /// there is one.
  Result<bool> record_conflict(const SpecWork& work, const FileWork& file,
                               const store::FileRow* row, const core::FileState& state,
                               const core::Action& action);
  Result<bool> pull(const SpecWork& work, const FileWork& file, const core::FileState& state,
                    store::OldContent old);
  enum class Met { by_itself, by_push };
  Result<> agree(const SpecWork& work, const FileWork& file, Rev pushed_rev, Met how);
  Result<bool> met(const SpecWork& work, const FileWork& file, const store::FileRow* row,
                   const core::FileState& state);
  Result<> refresh(const SpecWork& work, const FileWork& file);
  Result<> set_error(const SpecWork& work, FileWork& file);
  Result<> make_id_unique(SpecWork& work);

  store::Tables& tables_;
  const Clock& clock_;
  Journal& journal_;
  Outcome& outcome_;
};

}  // namespace specd::sync
