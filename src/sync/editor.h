#pragma once

#include <vector>

#include "base/clock.h"
#include "store/store.h"
#include "sync/edit.h"
#include "sync/journal.h"
#include "sync/options.h"
#include "sync/pusher.h"
#include "sync/spec_fields.h"

namespace specd::sync {

/// Whether what is in the database is what the client saw; `conflict` says what is there. `row` may
/// be null: there is no such file.
[[nodiscard]] Result<> check_expected(const FileEdit& edit, const store::FileRow* row);

/// An edit that may be made, as things are.
struct EditPlan {
  SpecKey spec;
  struct File {
    Push push;    ///< whose rev is that of the row to be, once it is written
    Rev planned;  ///< of the row that was looked at; 0: there was none
    bool is_forced = false;
  };
  std::vector<File> files;  ///< that change
  EditAnswer answer;        ///< with every file that was asked for
  /// The folder that was made again for a spec that is deleted, and comes back with this edit;
  /// none: the spec is live.
  std::optional<Fingerprint> folder{};
};

/// Brings edits that come through us into the database. Sync thread only. The files must have been
/// looked at just before, so that nobody edits what is no longer there.
class Editor {
 public:
  Editor(store::Store& store, const Clock& clock, const Options& options)
      : store_(store), clock_(clock), options_(options) {}

  /// Errors: `conflict`, if a file is not what was expected; `not_found`, if no spec is there,
  /// and `gone`, if one was; `invalid` and `refused`, with what to do instead.
  [[nodiscard]] Result<EditPlan> plan(const ProjectView& project, const EditRequest& request) const;
  /// All of it, durably, with its event. Each file has the rev of its row afterwards. `conflict` if
  /// a row has changed since it was planned.
  [[nodiscard]] Result<> commit(const ProjectView& project, const EditRequest& request,
                                EditPlan& plan);
  /// The same for the conflict alone that an edit ends whose files are as they should be already.
  [[nodiscard]] Result<> commit(ProjectId project, const ConflictEnd& end,
                                const std::string& actor);
  /// What is kept in the database alone; durably, with history and event. `invalid` for a LeanSpec
  /// spec, whose front matter has all of it; `not_found`; `gone`.
  [[nodiscard]] Result<FieldsAnswer> set_fields(ProjectId project, const FieldsRequest& request,
                                                const Author& author);
  /// The same in its caller's transaction, whose journal tells of it, with whatever the fields are.
  [[nodiscard]] Result<> write_fields(store::Spec record, const SpecFields& fields,
                                      Journal& journal);
  /// What has become of the files of an edit by now.
  [[nodiscard]] Result<> look(ProjectId project, EditAnswer& answer) const;

 private:
  Result<> plan_file(const ProjectView& project, const store::Spec& spec, const FileEdit& edit,
                     EditPlan& plan) const;
  Result<> write(SpecWork& work, EditPlan& plan, const EditRequest& request, Journal& journal);

  store::Store& store_;
  const Clock& clock_;
  const Options& options_;
};

}  // namespace specd::sync
