#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hint.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/ledger.h"

namespace specd::simulation {

/// The other programs that work on the project's files: editors, git, the openspec CLI. Each call
/// is what one of them does at one moment; what the kernel tells watchers of it goes to `notify`.
class Programs {
 public:
  using Notify = std::function<void(Hint::What, const std::string& path, const std::string& from)>;

  Programs(MemDisk& disk, std::string project, Ledger& ledger, Chance& chance, Notify notify)
      : disk_(disk),
        project_(std::move(project)),
        ledger_(ledger),
        chance_(chance),
        notify_(std::move(notify)) {}

  /// One thing by chance; what it was, for the trace.
  std::string act();
  /// Saves a file, or makes it, by renaming a new one onto it.
  std::string save();
  /// All that are at work on a file end it, as far as nothing makes them wait.
  void finish();
  [[nodiscard]] bool is_at_work() const { return !writers_.empty(); }
  /// Folders of changes, and of what was archived.
  [[nodiscard]] std::vector<std::string> spec_folders() const;

 private:
  /// A program that writes into a file as it is.
  struct Writer {
    uint64_t inode = 0;
    std::string path, content;
    bool truncates = false;
    enum class Stage { waits, opened, half_written } stage = Stage::waits;
  };

  std::string begin_to_write();
  std::string go_on();
  std::string go_on(Writer& writer);
  std::string remove();
  std::string remove_spec();
  std::string rename_spec();
  /// Renames a spec's folder, or archives it. Where to; empty: something is there.
  std::string move_spec(const std::string& from);
  std::string make_spec();
  std::string touch();

  [[nodiscard]] std::string next_content(const std::string& path);
  [[nodiscard]] std::string some_file();
  [[nodiscard]] std::vector<std::string> files() const;
  [[nodiscard]] uint64_t find(std::string_view path) const;
  void place(const std::string& path, const std::string& content);
  void write(uint64_t inode, const std::string& content);
  void drop(const std::string& path);

  MemDisk& disk_;
  const std::string project_;
  Ledger& ledger_;
  Chance& chance_;
  const Notify notify_;
  std::vector<Writer> writers_;
};

}  // namespace specd::simulation
