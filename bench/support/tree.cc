#include "bench/support/tree.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string_view>

#include "base/rng.h"
#include "bench/support/bench.h"

namespace specd::bench {
namespace {

constexpr std::array<std::string_view, 24> kNouns = {
    "auth",   "session", "token",  "cache",  "queue",  "webhook", "billing", "invoice",
    "search", "index",   "upload", "export", "report", "audit",   "policy",  "quota",
    "worker", "email",   "theme",  "locale", "router", "metric",  "backup",  "tenant"};
constexpr std::array<std::string_view, 32> kWords = {
    "the",     "system",  "SHALL", "validate", "each",      "request", "before",  "it",
    "is",      "stored",  "and",   "MUST",     "reject",    "input",   "with",    "a",
    "clear",   "message", "while", "existing", "clients",   "keep",    "working", "because",
    "retries", "are",     "safe",  "so",       "operators", "need",    "known",   "limits"};

class Writer {
 public:
  Writer(std::string root, uint64_t seed) : root_(std::move(root)), random_(seed) {}

  [[nodiscard]] size_t below(size_t limit) { return random_.next() % limit; }
  template <size_t N>
  std::string_view one_of(const std::array<std::string_view, N>& words) {
    return words[below(N)];
  }
  std::string name() { return std::string(one_of(kNouns)) + "-" + std::string(one_of(kNouns)); }
  std::string sentence() {
    std::string text(one_of(kWords));
    text[0] = static_cast<char>(text[0] & ~0x20);
    for (size_t left = 7 + below(14); left > 0; --left) text.append(" ").append(one_of(kWords));
    return text + ".";
  }

  /// `head`, and blocks until the file has the length it is to have: 1 to 8 KB, most about 3.
  void put(const std::string& path, std::string head,
           const std::function<std::string(size_t)>& block) {
    const size_t length = 1024 + below(3072) + (below(4) == 0 ? below(4096) : 0);
    for (size_t i = 1; head.size() < length; ++i) head += block(i);
    const std::string full = root_ + "/" + path;
    std::filesystem::create_directories(std::filesystem::path(full).parent_path());
    write_file(full, head);
    tree_.files.push_back(path);
    tree_.bytes += static_cast<int64_t>(head.size());
  }

  std::string requirement(size_t i) {
    return "### Requirement: " + name() + " " + std::to_string(i) + "\n" + sentence() + "\n\n" +
           "#### Scenario: " + name() + "\n- **WHEN** " + sentence() + "\n- **THEN** " +
           sentence() + "\n\n";
  }
  std::string task(size_t i, bool is_done) {
    const std::string section = i % 6 == 1 ? "\n## " + std::to_string(i / 6 + 1) + ". Part\n" : "";
    return section + (is_done || below(3) == 0 ? "- [x] " : "- [ ] ") + std::to_string(i / 6 + 1) +
           "." + std::to_string(i % 6 + 1) + " " + sentence() + "\n";
  }

  void change(const std::string& dir, const std::vector<std::string>& capabilities, bool is_done) {
    put(dir + "/proposal.md", "# Change\n\n## Why\n" + sentence() + "\n\n## What Changes\n",
        [&](size_t) { return "- " + sentence() + "\n"; });
    put(dir + "/tasks.md", "# Tasks\n", [&](size_t i) { return task(i, is_done); });
    if (below(2) == 0)
      put(dir + "/design.md", "# Design\n\n", [&](size_t) { return sentence() + "\n\n"; });
    for (size_t left = 1 + (below(3) == 0 ? 1 : 0), first = below(capabilities.size()); left > 0;
         --left) {
      const std::string& capability = capabilities[(first + left) % capabilities.size()];
      put(dir + "/specs/" + capability + "/spec.md", "## ADDED Requirements\n\n",
          [&](size_t i) { return requirement(i); });
    }
  }

  Tree take() { return std::move(tree_); }

 private:
  const std::string root_;
  SeededRandom random_;
  Tree tree_;
};

std::string numbered(const char* format, size_t number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, number);
  return text.data();
}

}  // namespace

TreeSize large_project(const Arguments& arguments) {
  return {.active = arguments.scaled(2'000),
          .archived = arguments.scaled(8'000),
          .capabilities = arguments.scaled(500)};
}

std::string Tree::one_active(const std::string& name) const {
  for (const std::string& file : files) {
    if (file.ends_with("/" + name) && file.find("/archive/") == std::string::npos) return file;
  }
  die("no active change has a " + name);
}

Tree make_openspec_tree(const std::string& root, const TreeSize& size) {
  std::filesystem::create_directories(root + "/openspec/changes/archive");
  Writer writer(root, size.seed);
  std::vector<std::string> capabilities;
  for (size_t i = 0; i < std::max<size_t>(size.capabilities, 2); ++i) {
    capabilities.push_back(writer.name() + numbered("-%05zu", i));
    writer.put("openspec/specs/" + capabilities.back() + "/spec.md",
               "# Specification\n\n## Purpose\n" + writer.sentence() + "\n\n## Requirements\n\n",
               [&](size_t k) { return writer.requirement(k); });
  }
  for (size_t i = 0; i < size.active; ++i) {
    writer.change("openspec/changes/" + writer.name() + numbered("-%05zu", i), capabilities, false);
  }
  for (size_t i = 0; i < size.archived; ++i) {
    const std::string day = numbered("2025-%02zu", i % 12 + 1) + numbered("-%02zu-", i % 28 + 1);
    writer.change("openspec/changes/archive/" + day + writer.name() + numbered("-a%05zu", i),
                  capabilities, true);
  }
  return writer.take();
}

Tree make_leanspec_tree(const std::string& root, const TreeSize& size) {
  Writer writer(root, size.seed);
  for (size_t i = 1; i <= size.active + size.archived; ++i) {
    const std::string status = i > size.active ? "archived" : "in-progress";
    writer.put("specs/" + numbered("%05zu-", i) + writer.name() + "/README.md",
               "---\nstatus: " + status + "\ncreated: " + numbered("2026-01-%02zu", i % 28 + 1) +
                   "\npriority: high\n---\n\n# Spec\n\n## Overview\n",
               [&](size_t k) { return writer.requirement(k); });
  }
  return writer.take();
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) die("cannot write " + path);
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) die("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace specd::bench
