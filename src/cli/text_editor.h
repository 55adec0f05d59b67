#pragma once

#include <string>

#include "base/result.h"

namespace specd::cli {

/// A text in a file of its own that only this user can read, so that an editor can be given it. The
/// file stays until `remove`: what a person wrote is not lost with us.
class TextFile {
 public:
  /// In a new folder in $TMPDIR or /tmp, under `name`, by which an editor knows what it is.
  [[nodiscard]] static Result<TextFile> make(const std::string& name, const std::string& text);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] Result<std::string> read() const;
  void remove() const;

 private:
  TextFile(std::string folder, const std::string& name)
      : folder_(std::move(folder)), path_(folder_ + "/" + name) {}

  std::string folder_;
  std::string path_;
};

/// Runs the person's editor on the file, to its end, where we read and write: what the variable
/// VISUAL, or else EDITOR, has for a shell, as git reads it; otherwise vi. `refused` if it says
/// that it failed.
[[nodiscard]] Result<> run_editor(const std::string& path);

}  // namespace specd::cli
