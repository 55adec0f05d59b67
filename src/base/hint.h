#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/id.h"

namespace specd {

/// Where to look; never what happened. Too many hints, or wrong ones, cost time and nothing else.
struct Hint {
  enum class What {
    file,  ///< `path` may have changed; whoever wrote it has closed it, or it is there or gone as a
           ///< whole
    open_file,   ///< `path` changed, has held still since, but its writer may still have it open
    subtree,     ///< anything at `path` or below it may have changed
    moved,       ///< the directory `from` is now `path`; the kernel saw both ends
    everywhere,  ///< anything in the project may have changed
  };

  ProjectId project;
  What what = What::everywhere;
  std::string path;
  std::string from;

  friend bool operator==(const Hint&, const Hint&) = default;
};

/// Takes hints on the thread of whoever has them, quickly.
using HintSink = std::function<void(std::vector<Hint>)>;

}  // namespace specd
