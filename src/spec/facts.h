#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "spec/layout.h"
#include "spec/model.h"

/// What is known of a spec from the content of its files: first of each file by itself, so that a
/// changed file is read alone; then of the spec, from what its files gave.
namespace specd::spec {

struct FileFacts {
  /// Of a proposal, a main spec, a readme or a delta; empty if it says none.
  std::string title;
  uint32_t tasks_done = 0;
  uint32_t tasks_total = 0;
  /// A map: front matter of a Markdown file, or all of `.openspec.yaml`.
  std::optional<Value> front_matter;
  /// What is wrong with this one file, for people; empty if nothing. The other facts hold as far as
  /// they could be read.
  std::string error;
};

/// Cheap: tasks are counted only where `tracked`; only the beginning is read for title and front
/// matter. An error is told for a readme whose front matter cannot be read (other files may begin
/// with anything), metadata that the CLI would reject, and text roles that are not UTF-8. `path` is
/// only used to tell LeanSpec's readmes from a change's.
[[nodiscard]] FileFacts facts_of(Role role, bool tracked, std::string_view path,
                                 std::string_view content);

struct SpecFacts {
  /// The heading of the main file; else a LeanSpec `title`; else the id, of an archived change
  /// without its date.
  std::string title;
  /// OpenSpec changes: "proposing" (nothing done), "in_progress", "review" (all done); archived:
  /// "done"; capabilities have none. LeanSpec: what the front matter says, whatever it says (the
  /// spellings that LeanSpec takes for the same are made one); "archived" where it says nothing and
  /// the folder lies in an archive.
  std::string status;
  std::string priority;  ///< front matter of LeanSpec; empty elsewhere
  std::string assignee;  ///< likewise
  std::string parent;    ///< likewise: id of another spec
  std::vector<std::string> tags;
  std::vector<std::string> depends_on;
  /// `created` of the front matter or of `.openspec.yaml`, as written. The date in the name of an
  /// archived change is another one, that of archiving.
  std::optional<std::string> created;
  uint32_t tasks_done = 0;
  uint32_t tasks_total = 0;
  Progress progress = Progress::no_tasks;
  /// Of the main file, or the change's metadata; null if there is none.
  Value front_matter;
};

/// `facts` are those of `spec.files`, in the same order. Files not read yet may have empty ones.
[[nodiscard]] SpecFacts summarize(const FoundSpec& spec, std::span<const FileFacts> facts);

}  // namespace specd::spec
