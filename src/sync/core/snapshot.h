#pragma once

#include <optional>

#include "base/digest.h"
#include "base/id.h"

/// What is known of one file on its three sides. Words as in DESIGN: base is the content on which
/// disk and row last agreed.
namespace specd::sync::core {

struct Base {
  std::optional<Digest> content;  ///< none: both agreed that there is no such file, or never met
  friend bool operator==(const Base&, const Base&) = default;
};

struct Disk {
  enum class State {
    unknown,  ///< unreadable, too large, no regular file, still being written, or listing
              ///< incomplete
    absent,   ///< proved by a complete listing, or a stat
    present,
  };
  State state = State::unknown;
  Digest content{};  ///< where present
  friend bool operator==(const Disk&, const Disk&) = default;
};

struct Row {
  enum class State {
    missing,  ///< physically not there: never was, or removed by a foreign client, which is no
              ///< deletion
    deleted,  ///< `deleted_at` is set
    present,
  };
  State state = State::missing;
  Digest content{};  ///< where present
  Rev rev{};         ///< of the row as it was read
  Rev pushed_rev{};  ///< the rev that disk and row last agreed on
  friend bool operator==(const Row&, const Row&) = default;
};

/// One file on all three sides, each as it was observed; what to do follows from nothing else.
struct FileState {
  Base base;
  Disk disk;
  Row row;
};

}  // namespace specd::sync::core
