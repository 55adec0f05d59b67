// Edits over real spec trees: what is not the value stays, byte for byte.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/time.h"
#include "spec/edit_field.h"
#include "spec/edit_leanspec.h"
#include "spec/edit_task.h"
#include "spec/frontmatter.h"
#include "spec/tasks.h"
#include "tests/support/corpora.h"
#include "tests/support/must.h"

namespace specd::spec {
namespace {

namespace fs = std::filesystem;
using test::corpus;
using test::must;

struct Document {
  std::string path;
  std::string content;
};

std::vector<Document> documents(const fs::path& tree) {
  std::vector<Document> found;
  for (const auto& entry : fs::recursive_directory_iterator(tree)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".md") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    found.push_back({entry.path(), {std::istreambuf_iterator<char>(in), {}}});
  }
  return found;
}

size_t bytes_that_differ(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return std::max(a.size(), b.size());
  size_t count = 0;
  for (size_t i = 0; i < a.size(); ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

// Marks it the other way, and back where the mark was one that is written.
void expect_one_byte(const Document& document, const Task& task) {
  const auto mark = [&](const std::string& content, TaskMark to) {
    return must(mark_task(content, task.line, task.text, to));
  };
  const std::string edited = mark(document.content, task.done ? TaskMark::open : TaskMark::done);
  EXPECT_EQ(bytes_that_differ(document.content, edited), 1u) << document.path << ":" << task.line;
  const char was = document.content[task.mark];
  if (was != 'x' && was != ' ') return;
  EXPECT_TRUE(mark(edited, task.done ? TaskMark::done : TaskMark::open) == document.content)
      << document.path << ":" << task.line;
}

class TaskCorpus : public testing::TestWithParam<const char*> {};

TEST_P(TaskCorpus, EachTaskIsTickedAndUntickedByOneByte) {
  const fs::path tree = corpus(GetParam());
  SPECD_SKIP_WITHOUT(tree);
  constexpr size_t kMostOfAFile = 40;
  size_t count = 0;
  for (const Document& document : documents(tree)) {
    const std::vector<Task> found = tasks(document.content);
    const size_t step = found.size() / kMostOfAFile + 1;
    for (size_t i = 0; i < found.size(); i += step) {
      expect_one_byte(document, found[i]);
      ++count;
    }
  }
  EXPECT_GT(count, 100u);
}

INSTANTIATE_TEST_SUITE_P(Corpora, TaskCorpus,
                         testing::Values("openspec-cli", "agentpack", "leanspec"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::erase(name, '-');
                           return name;
                         });

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  return lines;
}

std::string with_crlf(const std::string& text) {
  std::string edited;
  for (const char c : text) {
    if (c == '\n' && !edited.ends_with('\r')) edited += '\r';
    edited += c;
  }
  return edited;
}

// What an edit did to the lines of a text: the names at the start of those that changed, and a "+"
// for each that is new.
std::vector<std::string> changes(const std::string& before, const std::string& after) {
  const std::vector<std::string> old_lines = lines_of(before);
  const std::vector<std::string> new_lines = lines_of(after);
  const auto name = [](const std::string& line) { return line.substr(0, line.find(':')); };
  const auto ending = [](const std::string& line) { return line.ends_with("\r\n"); };
  std::vector<std::string> found;
  size_t at = 0;
  for (const std::string& line : new_lines) {
    const bool is_there = at < old_lines.size();
    if (is_there && old_lines[at] == line) {
      ++at;
    } else if (is_there && name(old_lines[at]) == name(line) &&
               ending(old_lines[at]) == ending(line)) {
      found.push_back(name(line));
      ++at;
    } else {
      found.emplace_back("+");
    }
  }
  if (at != old_lines.size()) found.emplace_back("-");
  return found;
}

using Changes = std::vector<std::string>;

// The LeanSpec files with front matter, as they are, with CRLF, and with a byte order mark before.
class LeanSpecCorpus : public testing::Test {
 protected:
  void SetUp() override {
    const fs::path tree = corpus("leanspec");
    SPECD_SKIP_WITHOUT(tree);
    for (const Document& document : documents(tree)) {
      const auto matter = front_matter(document.content);
      if (!matter || !matter->value || !matter->value->find("status")) continue;
      all_.push_back(document);
      all_.push_back({document.path + " with CRLF", with_crlf(document.content)});
      all_.push_back({document.path + " with BOM", "\xef\xbb\xbf" + document.content});
    }
    EXPECT_GT(all_.size(), 750u);
  }

  std::vector<Document> all_;
};

TEST_F(LeanSpecCorpus, AFieldChangesItsLineAloneAndComesBack) {
  for (const auto& [path, content] : all_) {
    for (const std::string name : {"status", "priority", "assignee"}) {
      const auto matter = front_matter(content);
      const Value* field = matter->value->find(name);
      const std::string edited = must(set_field(content, name, "someone else"));
      if (field == nullptr) {
        EXPECT_EQ(changes(content, edited), Changes{"+"}) << path;
        EXPECT_TRUE(must(remove_field(edited, name)) == content) << path;
      } else {
        EXPECT_EQ(changes(content, edited), Changes{name}) << path;
        EXPECT_TRUE(must(set_field(edited, name, field->text)) == content) << path;
      }
    }
  }
}

TEST_F(LeanSpecCorpus, AListChangesItsLinesAloneAndComesBack) {
  size_t blocks = 0;
  for (const auto& [path, content] : all_) {
    const auto matter = front_matter(content);
    const Value* field = matter->value->find("tags");
    if (field == nullptr) {
      const std::string edited =
          must(set_list(content, "tags", std::vector<std::string>{"a", "b"}));
      EXPECT_EQ(changes(content, edited), Changes{"+"}) << path;
      EXPECT_TRUE(must(remove_field(edited, "tags")) == content) << path;
      continue;
    }
    std::vector<std::string> tags;
    for (const Value& item : field->items) tags.push_back(item.text);
    std::vector<std::string> more = tags;
    more.insert(more.begin() + static_cast<ptrdiff_t>(tags.size() / 2), "a new tag");
    const std::string edited = must(set_list(content, "tags", more));
    const bool is_block = content[field->offset] == '-';
    blocks += is_block ? 1 : 0;
    EXPECT_EQ(changes(content, edited), Changes{is_block ? "+" : "tags"}) << path;
    EXPECT_TRUE(must(set_list(edited, "tags", tags)) == content) << path;
  }
  EXPECT_GT(blocks, 600u);
}

TEST_F(LeanSpecCorpus, AStatusChangesTheLinesOfItsTimesAlone) {
  const WallTime now = *parse_rfc3339("2027-01-15T08:09:10.123456Z");
  for (const auto& [path, content] : all_) {
    const auto matter = front_matter(content);
    const std::string status = matter->value->find("status")->text;
    const std::string wanted = status == "complete" ? "archived" : "complete";
    Changes expected;
    for (const Value::Entry& entry : matter->value->entries) {
      const std::string& name = entry.first;
      const bool moves = name == "status" || name.starts_with("updated") ||
                         (name.starts_with("completed") && wanted == "complete");
      if (moves) expected.push_back(name);
      if (name == "transitions") expected.insert(expected.end(), 2, "+");
    }
    const std::string edited = must(set_status(content, wanted, now));
    EXPECT_EQ(changes(content, edited), expected) << path;
  }
}

}  // namespace
}  // namespace specd::spec
