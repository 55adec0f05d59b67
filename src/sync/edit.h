#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/id.h"
#include "base/result.h"
#include "store/conflicts.h"
#include "store/edits.h"

namespace specd::sync {

/// What a client last saw of the file that it edits.
struct Expected {
  enum class What {
    content,   ///< the one with this SHA-256
    nothing,   ///< there is no such file
    anything,  ///< it does not matter: what is replaced is kept until a person dismisses it
  };
  What what = What::content;
  Digest digest{};
};

/// One file of an edit.
struct FileEdit {
  std::string path;
  std::optional<std::string> content;  ///< none: delete it
  Expected expected;
  /// Instead of all that: makes the new text of a file from the one that it has then. What it fails
  /// with is what the edit fails with.
  std::function<Result<std::string>(std::string_view present)> change{};
};

/// A conflict that is over, and how.
struct ConflictEnd {
  store::ConflictId conflict;
  store::Resolution how{};
};

/// One intent over files of one spec: all of them are edited in the database, or none.
struct EditRequest {
  std::vector<FileEdit> files;
  std::string origin = "api";
  std::string actor;  ///< as the client called itself; empty: not given
  /// With the edit, in one transaction; also where the files are as they should be already.
  std::optional<ConflictEnd> ends{};
};

enum class FileEnd {
  written,     ///< visible on disk
  unchanged,   ///< it had this content already; nothing was touched
  pending,     ///< kept in the database, and written as soon as `why` is over
  overruled,   ///< the disk had changed meanwhile, and wins; the text is kept in `conflict`
  superseded,  ///< a later edit has taken its place
};

struct FileAnswer {
  std::string path;
  FileEnd end = FileEnd::written;
  std::optional<Digest> version;  ///< of what was asked for; none: a deletion
  std::string why;                ///< for people
  std::optional<store::ConflictId> conflict;
};

struct EditAnswer {
  store::EditId id;  ///< 0: nothing was to be done
  std::vector<FileAnswer> files;

  [[nodiscard]] bool has(FileEnd end) const {
    for (const FileAnswer& file : files) {
      if (file.end == end) return true;
    }
    return false;
  }
};

/// What a person or an agent says of a spec whose files do not say it. What is not named stays.
struct SpecFields {
  /// Empty: as its files tell again.
  std::optional<std::string> status{};
  std::optional<std::string> priority{};
  std::optional<std::string> assignee{};
  std::optional<std::vector<std::string>> tags{};
};

}  // namespace specd::sync
