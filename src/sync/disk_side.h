#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/result.h"
#include "spec/facts.h"
#include "spec/layout.h"
#include "sync/core/snapshot.h"
#include "sync/crew.h"
#include "sync/options.h"

namespace specd::sync {

/// A file to read, and what is known of whoever wrote it.
struct Wanted {
  spec::FoundFile file;
  /// Its writer said that it is done (the watcher saw it close), or it was seen to hold still.
  /// Otherwise it is read as a stranger's: while it is young, only if nobody has it open for
  /// writing.
  bool is_done = false;
  /// Base has a content: then an empty file is believed only if nobody has it open for writing.
  bool has_base = false;
};

/// What was found at one path on disk.
struct OnDisk {
  core::Disk disk;  ///< unknown: see `error`
  std::string content;
  Fingerprint fingerprint;
  bool is_settled = false;  ///< see FileRead
  spec::FileFacts facts;
  std::optional<Error>
      error;  ///< `busy`: somebody is writing, look again soon; anything else is for people
};

/// The disk as one side of reconcile: reads files, when their content may be believed. Sync thread
/// only; many files are read at once, by the crew.
class DiskSide {
 public:
  DiskSide(const Clock& clock, const Options& options, Crew& crew)
      : clock_(clock), options_(options), crew_(crew) {}

  /// Files that are being read. Must not outlive the Fs.
  class Reading {
   public:
    /// Waits for the last of them; in the order asked for.
    [[nodiscard]] std::vector<OnDisk> take();

   private:
    friend DiskSide;
    struct Files {
      std::vector<Wanted> wanted;
      std::vector<OnDisk> found;
      Crew::Job job;  // last: it ends before what it works on
    };
    std::unique_ptr<Files> files_ = std::make_unique<Files>();
  };

  /// One file, on this thread: the quick way for a single save.
  [[nodiscard]] OnDisk read(Fs& fs, const Wanted& wanted) const;
  /// Many files. Returns at once.
  [[nodiscard]] Reading start_reading(Fs& fs, std::vector<Wanted> wanted) const;
  [[nodiscard]] std::vector<OnDisk> read_all(Fs& fs, std::vector<Wanted> wanted) const {
    return start_reading(fs, std::move(wanted)).take();
  }

 private:
  const Clock& clock_;
  const Options& options_;
  Crew& crew_;
};

/// Whether `text` holds the markers that git leaves in a file it could not merge.
[[nodiscard]] bool has_merge_markers(std::string_view text);

}  // namespace specd::sync
