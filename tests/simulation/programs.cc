#include "tests/simulation/programs.h"

#include <algorithm>
#include <utility>

namespace specd::simulation {
namespace {

const std::string kChanges = "openspec/changes", kArchive = kChanges + "/archive",
                  kCapabilities = "openspec/specs";
constexpr size_t kMostFiles = 14;

const std::vector<std::string>& names_of_changes() {
  static const std::vector<std::string> names = {"a", "b", "c", "d"};
  return names;
}
const std::vector<std::string>& names_of_files() {
  static const std::vector<std::string> names = {"proposal.md", "tasks.md", "design.md",
                                                 "specs/auth/spec.md", "notes.txt"};
  return names;
}

}  // namespace

std::string Programs::act() {
  ledger_.look(Ledger::Who::engine);
  std::string what = [&] {
    const uint64_t die = chance_.below(100);
    if (die < 34) return save();
    if (die < 46) return begin_to_write();
    if (die < 70) return go_on();
    if (die < 78) return remove();
    if (die < 81) return remove_spec();
    if (die < 89) return rename_spec();
    if (die < 95) return make_spec();
    return touch();
  }();
  ledger_.look(Ledger::Who::programs);
  return what;
}

// ---- files

uint64_t Programs::find(std::string_view path) const {
  return disk_.tree().walk(MemTree::kRoot, path::join(project_, path)).value_or(0);
}

std::vector<std::string> Programs::files() const {
  std::vector<std::string> paths;
  for (const auto& [path, content] : ledger_.files()) paths.push_back(path);
  return paths;
}

std::string Programs::some_file() {
  const auto all = files();
  const auto folders = spec_folders();
  if (all.size() < kMostFiles && !folders.empty() && (all.empty() || chance_.one_in(4)))
    return path::join(chance_.of(folders), chance_.of(names_of_files()));
  return all.empty() ? kCapabilities + "/pay/spec.md" : chance_.of(all);
}

std::string Programs::next_content(const std::string& path) {
  // An editor that had the file as it was once saves that.
  const uint64_t inode = find(path);
  if (inode != 0 && !disk_.tree().at(inode).content.empty() && chance_.one_in(12))
    return disk_.tree().at(inode).content;
  return chance_.text("saved");
}

void Programs::place(const std::string& path, const std::string& content) {
  const auto lock = disk_.lock();
  const uint64_t folder = disk_.folder(path::join(project_, path::parent(path)));
  const uint64_t inode = disk_.make(FileKind::regular, MemDisk::kFileMode);
  ledger_.belongs_to_program(inode);
  write(inode, content);
  disk_.change({MemDisk::named(folder, std::string(path::name(path)), inode)});
}

void Programs::write(uint64_t inode, const std::string& content) {
  disk_.change({{.what = DiskChange::What::written, .inode = inode, .content = content}});
}

void Programs::drop(const std::string& path) {
  const auto lock = disk_.lock();
  disk_.change({MemDisk::named(find(path::parent(path)), std::string(path::name(path)), 0)});
}

std::string Programs::save() {
  const std::string path = some_file(), content = next_content(path);
  place(path, content);
  ledger_.look(Ledger::Who::programs);
  ledger_.saved(content);
  notify_(Hint::What::file, path, "");
  return "saves " + path + " '" + content.substr(0, content.find('\n')) + "'";
}

std::string Programs::remove() {
  const auto all = files();
  if (all.empty()) return save();
  const std::string path = chance_.of(all);
  drop(path);
  notify_(Hint::What::file, path, "");
  return "removes " + path;
}

std::string Programs::touch() {
  const auto all = files();
  if (all.empty()) return save();
  const std::string path = chance_.of(all);
  const auto lock = disk_.lock();
  const Attributes same = disk_.tree().at(find(path)).attributes;
  disk_.change({{.what = DiskChange::What::attributed, .inode = find(path), .attributes = same}});
  notify_(Hint::What::file, path, "");
  return "touches " + path;
}

// ---- into the file as it is

std::string Programs::begin_to_write() {
  const auto all = files();
  if (all.empty()) return save();
  const std::string path = chance_.of(all);
  Writer writer{.inode = find(path),
                .path = path,
                .content = chance_.text("written"),
                .truncates = chance_.one_in(2)};
  writers_.push_back(std::move(writer));
  return "opens " + path + ": " + go_on(writers_.back());
}

std::string Programs::go_on() {
  if (writers_.empty()) return save();
  const size_t at = chance_.below(writers_.size());
  const std::string path = writers_[at].path;
  std::string what = go_on(writers_[at]);
  if (what == "closes") writers_.erase(writers_.begin() + static_cast<ptrdiff_t>(at));
  return "has " + path + " open: " + what;
}

std::string Programs::go_on(Writer& writer) {
  using enum Writer::Stage;
  const auto lock = disk_.lock();
  const std::string is = disk_.tree().at(writer.inode).content;
  const std::string half = writer.content.substr(0, writer.content.size() / 2);
  switch (writer.stage) {
    case waits:
      if (!disk_.use().open(writer.inode)) return "waits";
      ledger_.belongs_to_program(writer.inode);
      writer.stage = opened;
      if (!writer.truncates) return "opened";
      ledger_.overwritten(is);
      write(writer.inode, "");
      notify_(Hint::What::open_file, writer.path, "");
      return "truncated";
    case opened:
      ledger_.overwritten(is);
      write(writer.inode, half + (is.size() > half.size() ? is.substr(half.size()) : ""));
      notify_(Hint::What::open_file, writer.path, "");
      writer.stage = half_written;
      return "wrote the first half";
    case half_written:
      ledger_.overwritten(is);
      write(writer.inode, writer.content);
      disk_.use().close(writer.inode);
      if (!ledger_.was_removed_by_program(writer.inode)) ledger_.saved(writer.content);
      notify_(Hint::What::file, writer.path, "");
      return "closes";
  }
  return "";
}

void Programs::finish() {
  ledger_.look(Ledger::Who::engine);
  while (!writers_.empty()) {
    if (go_on(writers_.back()) == "closes") writers_.pop_back();
    ledger_.look(Ledger::Who::programs);
  }
}

// ---- folders

std::vector<std::string> Programs::spec_folders() const {
  std::vector<std::string> folders;
  for (const std::string& parent : {kChanges, kArchive}) {
    const uint64_t at = find(parent);
    if (at == 0) continue;
    for (const auto& [name, inode] : disk_.tree().at(at).names) {
      if (name != "archive") folders.push_back(path::join(parent, name));
    }
  }
  return folders;
}

std::string Programs::make_spec() {
  const std::string dir = path::join(kChanges, chance_.of(names_of_changes()));
  if (find(dir) != 0) return save();
  std::string what = "makes " + dir;
  for (uint64_t files = 1 + chance_.below(3); files > 0; --files) {
    const std::string path = path::join(dir, chance_.of(names_of_files()));
    const std::string content = chance_.text("saved");
    place(path, content);
    ledger_.look(Ledger::Who::programs);
    ledger_.saved(content);
  }
  notify_(Hint::What::subtree, dir, "");
  return what;
}

std::string Programs::remove_spec() {
  const auto folders = spec_folders();
  if (folders.empty()) return save();
  const std::string dir = chance_.of(folders);
  for (const std::string& path : files()) {
    if (path::is_within(path, dir)) drop(path);
  }
  drop(dir);
  notify_(Hint::What::subtree, dir, "");
  return "removes " + dir;
}

std::string Programs::rename_spec() {
  const auto folders = spec_folders();
  if (folders.empty()) return save();
  const std::string from = chance_.of(folders), to = move_spec(from);
  return to.empty() ? save() : "renames " + from + " to " + to;
}

std::string Programs::move_spec(const std::string& from) {
  const bool is_archived = path::is_within(from, kArchive);
  std::string to = path::join(kChanges, chance_.of(names_of_changes()));
  if (!is_archived && chance_.one_in(2))
    to = path::join(kArchive, "2026-01-0" + std::to_string(1 + chance_.below(3)) + "-" +
                                  std::string(path::name(from)));
  const auto lock = disk_.lock();
  if (find(to) != 0) return "";
  const uint64_t inode = find(from);
  disk_.change({MemDisk::named(find(path::parent(from)), std::string(path::name(from)), 0),
                MemDisk::named(find(path::parent(to)), std::string(path::name(to)), inode)});
  for (Writer& writer : writers_) {
    if (path::is_within(writer.path, from))
      writer.path = path::join(to, path::below(writer.path, from));
  }
  notify_(Hint::What::moved, to, from);
  return to;
}

}  // namespace specd::simulation
