#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/fake/mem_disk.h"

namespace specd::simulation {

/// What must not be lost, and who put what where: the model that a run is judged by. Every content
/// is another one, so that it tells by itself who wrote it.
///
/// `look` is told whoever may have changed files since the last look, so that each change has an
/// author: nothing that programs do counts against the engine.
class Ledger {
 public:
  enum class Who { engine, programs };
  /// Whether the database has this content as what the file is, or was, to its knowledge.
  using IsSeen = std::function<bool(const std::string& path, const std::string& content)>;

  Ledger(MemDisk& disk, std::string project, IsSeen is_seen)
      : disk_(disk), project_(std::move(project)), is_seen_(std::move(is_seen)) {}

  void look(Who who);

  /// A program has this file; whatever is in it is its own affair.
  void belongs_to_program(uint64_t inode) { theirs_.insert(inode); }
  /// A program has written all of it, and closed the file.
  void saved(const std::string& content);
  /// A program writes over it, or removes it.
  void overwritten(const std::string& content) { facts_[content].is_saved = false; }
  /// Somebody edits through the engine or the database: it may appear on disk.
  void asked(const std::string& content) { asked_.insert(content); }
  /// And was told that it is kept.
  void accepted(const std::string& content) { facts_[content].is_accepted = true; }
  /// A person has said that it is not needed any more.
  void dismissed(const std::string& content) { facts_[content].is_dismissed = true; }

  /// Files of the project, by path.
  [[nodiscard]] std::map<std::string, std::string> files() const;
  /// Somebody who saves one of them would wait.
  [[nodiscard]] bool is_any_leased() const;
  [[nodiscard]] bool has_stood(const std::string& content) const {
    return stood_.contains(content);
  }
  /// A program saved it, and nobody edited it.
  [[nodiscard]] bool is_of_program(const std::string& content) const {
    return saved_.contains(content) && !asked_.contains(content);
  }
  /// Why an inode went: a program removed it, or wrote another file over it.
  [[nodiscard]] bool was_removed_by_program(uint64_t inode) const {
    return removed_.contains(inode);
  }

  /// All that must be retrievable at the end.
  [[nodiscard]] std::vector<std::string> to_keep() const;
  /// What was seen to be wrong on the way, and is at the end, for people.
  [[nodiscard]] std::vector<std::string> wrongs() const;

 private:
  struct File {
    std::string path, content;
  };
  using Files = std::map<uint64_t, File>;  // by inode
  struct Fact {
    bool is_accepted = false;  // an edit, which was acknowledged
    bool is_saved = false;     // by a program, and nobody wrote over it but we
    bool is_dismissed = false;
  };

  [[nodiscard]] Files list() const;
  void took_away(uint64_t inode, const File& file);
  void put(uint64_t inode, const File& file);

  MemDisk& disk_;
  const std::string project_;
  const IsSeen is_seen_;
  Files now_;
  std::set<uint64_t> theirs_, removed_;
  std::set<std::string> asked_, saved_, stood_;
  std::map<std::string, Fact> facts_;
  std::map<uint64_t, File> unseen_;  // taken away by the engine, which had not read them
  std::vector<std::string> wrongs_;
};

}  // namespace specd::simulation
