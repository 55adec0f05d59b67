#include "tests/system/neighbours.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "base/digest.h"
#include "base/json.h"
#include "tests/system/project_tree.h"

namespace specd::test {
namespace {

constexpr int kTracked = 12, kToArchive = 6;
const std::string kOpenSpec = SPECD_SOURCE_DIR "/tests/tools/node_modules/.bin/openspec";
const std::string kChanges = "openspec/changes/";

std::string counting(int count) {
  return "count: " + std::to_string(count) + "\n\n- [ ] 1.1 one\n\nnote: none\n";
}

}  // namespace

Neighbours::Neighbours(const DaemonProcess& daemon, std::string root)
    : daemon_(daemon), root_(std::move(root)) {
  for (const Counted* counted : {&sed_, &vim_, &sql_}) put(counted->path, counting(0));
  for (int i = 0; i < kToArchive; ++i) {
    const std::string change = kChanges + "done-" + std::to_string(i) + "/";
    put(change + "tasks.md", "- [x] 1.1 one\n");
    put(change + "specs/cap-" + std::to_string(i) + "/spec.md",
        "## ADDED Requirements\n\n### Requirement: One\nIt SHALL be.\n\n#### Scenario: Good\n"
        "- **WHEN** a\n- **THEN** b\n");
  }
  std::filesystem::create_directories(root_ + "/openspec/specs");
  must_run({"git", "init", "-q", "-b", "main", "."});
  for (const char* branch : {"main", "side"}) {
    if (branch != std::string("main")) must_run({"git", "checkout", "-q", "-b", branch});
    for (int i = 0; i < kTracked; ++i) {
      if (branch == std::string("side") && i % 3 == 0) {
        std::filesystem::remove_all(root_ + "/" + kChanges + "git-" + std::to_string(i));
      } else {
        put(kChanges + "git-" + std::to_string(i) + "/tasks.md", "- [ ] of " + std::string(branch));
      }
    }
    must_run({"sh", "-c",
              "git add -A 'openspec/changes/git-*' && git commit -q -m " + std::string(branch)});
  }
}

Neighbours::~Neighbours() {
  rest();
}

void Neighbours::put(const std::string& path, const std::string& text) const {
  write_file(root_ + "/" + path, text);
}

std::string Neighbours::text_of(const std::string& path) const {
  return read_file(root_ + "/" + path);
}

void Neighbours::must_run(const std::vector<std::string>& command) {
  const Ran ran = daemon_.run(command, root_);
  if (ran.exit_code == 0) return;
  ++failures_;
  std::cerr << command[0] << " failed: " << ran.out << ran.err << "\n";
}

void Neighbours::begin() {
  is_over_ = false;
  const auto again_and_again = [this](void (Neighbours::*once)()) {
    threads_.emplace_back([this, once] {
      while (!is_over_ && failures_ == 0) (this->*once)();
    });
  };
  again_and_again(&Neighbours::go_back_and_forth);
  again_and_again(&Neighbours::count_by_sed);
  again_and_again(&Neighbours::count_by_vim);
  again_and_again(&Neighbours::count_by_sql);
  threads_.emplace_back([this] {
    while (!is_over_ && archived_ < kToArchive) archive();
  });
}

void Neighbours::rest() {
  is_over_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

// ---- what each does

void Neighbours::go_back_and_forth() {
  must_run({"git", "checkout", "-q", "main"});
  must_run({"git", "reset", "-q", "--hard", "side"});
  must_run({"git", "reset", "-q", "--hard", "HEAD~1"});
  must_run({"git", "checkout", "-q", "side"});
  ++checkouts_;
}

void Neighbours::count_by_sed() {
  const std::string next = std::to_string(++sed_.count);
  must_run({"sed", "-i", "s/^count: .*/count: " + next + "/", sed_.path});
}

void Neighbours::count_by_vim() {
  const std::string next = std::to_string(vim_.count + 1);
  const Ran ran = daemon_.run({"vim.tiny", "-u", "NONE", "-es", "-V1", "-c",
                               "1s/.*/count: " + next + "/", "-c", "wq", vim_.path},
                              root_);
  // It does not write where the file became another one after it was read, and says so in no other
  // way.
  if (ran.err.find("written") != std::string::npos) ++vim_.count;
}

void Neighbours::count_by_sql() {
  const std::string next = std::to_string(++sql_.count);
  must_run({"sqlite3", "-cmd", ".timeout 20000", daemon_.state() + "/specd.db",
            "UPDATE spec_files SET content = 'count: " + next + "' WHERE project = 1 AND path = '" +
                sql_.path + "'"});
}

void Neighbours::archive() {
  must_run({kOpenSpec, "archive", "done-" + std::to_string(archived_), "--yes"});
  ++archived_;
}

void Neighbours::edit(RawClient& client, const std::string& path) {
  const std::string target = "/api/v1/projects/app/files/" + path;
  const RawResponse read = client.get(target);
  const size_t note = read.body.rfind("note: ");
  if (read.status != 200 || note == std::string::npos) {
    too_late_ += read.status == 200 ? 1 : 0;  // somebody is at the middle of writing it
    return;
  }
  const std::string text =
      read.body.substr(0, note) + "note: " + std::to_string(accepted_.size()) + "\n";
  client.send_request("PUT", target, "If-Match: " + read.headers.at("ETag") + "\r\n", text);
  const RawResponse answer = client.read_response();
  if (answer.status == 200 || answer.status == 202) {
    accepted_.push_back({path, text});
  } else if (answer.status == 412 || answer.status == 409 || answer.status == 503) {
    ++too_late_;  // or another program writes to the database all the time
  } else if (answer.status != 0) {
    ++failures_;
    std::cerr << answer.head << answer.body << "\n";
  }
}

void Neighbours::edit_by_api(int edits) {
  RawClient client = daemon_.client();
  const size_t enough = accepted_.size() + static_cast<size_t>(edits);
  for (int i = 0; accepted_.size() < enough && i < 20 * edits && failures_ == 0; ++i) {
    const size_t before = accepted_.size() + static_cast<size_t>(too_late_);
    edit(client, i % 2 == 0 ? sed_.path : vim_.path);
    if (accepted_.size() + static_cast<size_t>(too_late_) == before) return;
  }
}

// ---- what became of it

/// Digests of former contents of this path that the daemon has.
std::vector<std::string> Neighbours::versions(const std::string& path, Kept kept) const {
  RawClient client = daemon_.client();
  const RawResponse listed = client.get("/api/v1/projects/app/versions?limit=100000&path=" + path);
  std::vector<std::string> digests;
  const auto value = json::parse(listed.body);
  const Value* versions = value ? value->find("versions") : nullptr;
  if (versions == nullptr) {
    std::cerr << listed.head << listed.body << "\n";
    return digests;
  }
  for (const Value& version : versions->items) {
    if (kept == Kept::all || version.find("reason")->text == "displaced")
      digests.push_back(version.find("version")->text);
  }
  return digests;
}

/// It stands in the file; or, where the daemon was killed between the two, it was kept for a person
/// to decide, since nobody knows any more which of the two came last.
bool Neighbours::has_last(const Counted& counted) const {
  const std::string last = "count: " + std::to_string(counted.count);
  const auto begins = [&](const std::string& text) {
    return text.substr(0, text.find('\n')) == last;
  };
  if (begins(text_of(counted.path))) return true;
  RawClient client = daemon_.client();
  for (const std::string& digest : versions(counted.path, Kept::displaced)) {
    if (begins(
            client.get("/api/v1/projects/app/versions/" + digest + "?path=" + counted.path).body))
      return true;
  }
  return false;
}

std::vector<std::string> Neighbours::losses() const {
  std::vector<std::string> losses;
  if (failures_ != 0) losses.emplace_back("somebody could not do what he wanted");
  for (const Counted* counted : {&sed_, &vim_, &sql_}) {
    if (!has_last(*counted))
      losses.push_back(counted->path + " should have count: " + std::to_string(counted->count) +
                       ", and has " + text_of(counted->path));
  }
  for (const Counted* shared : {&sed_, &vim_}) {
    std::vector<std::string> known = versions(shared->path, Kept::all);
    known.push_back(sha256(text_of(shared->path)).hex());
    for (const Edit& edit : accepted_) {
      if (edit.path == shared->path && std::ranges::count(known, sha256(edit.text).hex()) == 0)
        losses.push_back("nobody has the accepted edit of " + edit.path + ":\n" + edit.text);
    }
  }
  const Ran status = daemon_.run({"git", "status", "--porcelain", "-uno"}, root_);
  if (!status.out.empty()) losses.push_back("git's files are other ones: " + status.out);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".specd-tmp")) losses.push_back("litter: " + entry.path().string());
  }
  return losses;
}

std::string Neighbours::to_string() const {
  return std::to_string(checkouts_) + " rounds of git, " + std::to_string(sed_.count) +
         " saves by sed, " + std::to_string(vim_.count) + " by vim, " + std::to_string(sql_.count) +
         " updates by SQL, " + std::to_string(archived_) + " changes archived, " +
         std::to_string(accepted_.size()) + " edits accepted, " + std::to_string(too_late_) +
         " too late";
}

bool Neighbours::has_all_done() const {
  return checkouts_ > 0 && sed_.count > 0 && vim_.count > 0 && sql_.count > 0 && archived_ > 0 &&
         !accepted_.empty();
}

}  // namespace specd::test
