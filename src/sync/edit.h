#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/id.h"
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
};

/// One intent over files of one spec: all of them are edited in the database, or none.
struct EditRequest {
  std::vector<FileEdit> files;
  std::string origin = "api";
  std::string actor;  ///< as the client called itself; empty: not given
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

}  // namespace specd::sync
