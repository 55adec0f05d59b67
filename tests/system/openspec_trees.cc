#include "tests/system/openspec_trees.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "tests/system/project_tree.h"

namespace specd::test {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

using Choices = std::vector<std::string>;

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  size_t below(size_t limit) { return random_.next() % limit; }
  bool one_in(size_t n) { return below(n) == 0; }
  const std::string& of(const Choices& choices) { return choices[below(choices.size())]; }

 private:
  SeededRandom random_;
};

// What JavaScript takes for white space, and some that it does not (U+0085, U+180E, U+200B, NUL).
const Choices kSpaces = {"",
                         " ",
                         "  ",
                         "\t",
                         "\v",
                         "\f",
                         "\xc2\xa0",
                         "\xe1\x9a\x80",
                         "\xe2\x80\x80",
                         "\xe2\x80\x8a",
                         "\r",
                         "\xe2\x80\xa8",
                         "\xe2\x80\xa9",
                         "\xe2\x80\xaf",
                         "\xe2\x81\x9f",
                         "\xe3\x80\x80",
                         "\xef\xbb\xbf",
                         " \t ",
                         "\xc2\x85",
                         "\xe1\xa0\x8e",
                         "\xe2\x80\x8b",
                         "\0"s};
const Choices kPlainSpaces = {"", " ", "  ", "\t"};
const Choices kMarkers = {"-",  "*",  "+",         "1.", "2)", "123456789.", "1234567890.", "0.",
                          "-1", "a.", "\xd9\xa1.", "--", "",   "- -",        "\xe2\x80\xa2"};
const Choices kMarks = {"",
                        " ",
                        "x",
                        "X",
                        "~",
                        "-",
                        "1",
                        "xx",
                        "]",
                        "[",
                        "*",
                        "\xe2\x9c\x93",
                        "\xf0\x9f\x9a\xa7",
                        "\xc3\xa4",
                        "\xd1\x85",
                        "\xff",
                        "\xe2\x9c",
                        "\xff\xff",
                        "\xf0\x9f\x9a",
                        "\xed\xa0\x80",
                        "\xc0\x80",
                        "\0"s,
                        "x x",
                        "\xe2\x85\xb9"};
const Choices kAfter = {"",
                        " do it",
                        "do it",
                        "(link)",
                        "[ref]",
                        " (aside)",
                        ": x",
                        "]",
                        "\xc2\xa0"
                        "done",
                        "[",
                        "{"};
const Choices kEnds = {
    "\n",        "\n",       "\n",      "\r\n",           "\r",         "\n\n",       "\n```\n",
    "\n~~~sh\n", "\n<!--\n", "\n-->\n", "\xe2\x80\xa8\n", "\n# Part\n", "\n[x]: y\n", ""};

// Mostly clean parts, so that about half of the lines are tasks.
std::string task_line(Dice& dice) {
  const auto space = [&] { return dice.of(dice.one_in(4) ? kSpaces : kPlainSpaces); };
  std::string line = space();
  line += dice.one_in(3) ? dice.of(kMarkers) : "-";
  line += space();
  line += "[";
  line += space();
  line += dice.one_in(2) ? dice.of(kMarks) : dice.of({" ", "x"});
  line += space();
  line += dice.one_in(8) ? "" : "]";
  line += dice.of(kAfter);
  return line;
}

std::string task_file(Dice& dice) {
  std::string text = dice.one_in(4) ? "\xef\xbb\xbf" : "";
  for (size_t lines = dice.below(12); lines > 0; --lines) {
    text += task_line(dice) + dice.of(kEnds);
  }
  return text;
}

std::string schema(const std::string& name, const std::string& generates,
                   const std::string& apply) {
  return "name: " + name +
         "\nversion: 1\nartifacts:\n  - id: proposal\n    generates: proposal.md\n"
         "    description: why\n    template: p.md\n    requires: []\n  - id: tasks\n"
         "    generates: \"" +
         generates + "\"\n    description: what\n    template: t.md\n    requires: [proposal]\n" +
         apply;
}

const Choices kGlobs = {
    "tasks.md",     "**/tasks.md",  "tasks/*.md",      "tasks/**",       "*.md",
    "**/*.md",      "plan/todo.md", "./plan//todo.md", "{plan,todo}/*",  "{plan,todo/deep}/**/*.md",
    "plan/t?do.md", "[pt]*/*.md",   "[!p]*/*.md",      "**/deep/**",     "sub/{a,{b,c}}.md",
    "t*/*o*.md",    ".hidden/*.md", "**/.dot.md",      "plan/{todo}.md", "*/tasks.md",
    "missing.md",   "plan/*",       "tasks*"};

const Choices kSchemas = {"one",         "two",     "three",     "four",        "five",
                          "broken",      "tracked", "untracked", "null-tracks", "cyclic",
                          "spec-driven", "nowhere", "one.yaml"};

void write_schemas(const fs::path& root, Dice& dice) {
  const auto write = [&](const std::string& name, const std::string& text) {
    write_file(root / "openspec/schemas" / name / "schema.yaml", text);
  };
  for (const std::string name : {"one", "two", "three", "four", "five"}) {
    const std::string glob = name == "one" ? "**/tasks.md" : dice.of(kGlobs);
    write(name, schema(name, glob, "apply:\n  requires: [tasks]\n  tracks: \"" + glob + "\"\n"));
  }
  write("tracked",
        schema("tracked", "plan/todo.md", "apply:\n  requires: [tasks]\n  tracks: proposal.md\n"));
  write("untracked",
        schema("untracked", "plan/*.md", "apply:\n  requires: [tasks]\n  tracks: plan/todo.md\n"));
  write("null-tracks",
        schema("null-tracks", "plan/*.md", "apply:\n  requires: [tasks]\n  tracks: null\n"));
  write("broken", dice.of({"", "name: [", "name: broken\nversion: 1\nartifacts: []\n",
                           schema("broken", "../x.md", ""), schema("broken", "/x.md", ""),
                           schema("broken", "plan/todo.md", "apply:\n  requires: [x]\n"),
                           schema("broken", "plan/todo.md", "apply: {}\n"),
                           schema("broken", "plan/todo.md", "version: 2\n"),
                           schema("3", "plan/todo.md", "")}));
  std::string cyclic = schema("cyclic", "plan/todo.md", "");
  cyclic.replace(cyclic.find("requires: []"), 12, "requires: [tasks]");
  write("cyclic", cyclic);
  if (dice.one_in(2)) {
    write("spec-driven", schema("spec-driven", "plan/todo.md", dice.of({"", "apply: 1\n"})));
  }
  write("x.init-backup-1-2", schema("x", "plan/todo.md", ""));
}

// One after the other over the seeds, so that a dozen of them sees all.
void write_config(const fs::path& root, uint64_t seed, Dice& dice) {
  const Choices contents = {"schema: one\n",
                            "schema: \"two\"\n",
                            "schema: one.yaml\n",
                            "schema: 1\n",
                            "schema: [\n",
                            "- a\n",
                            "",
                            "schema:\n",
                            "context: x\nschema: five\n",
                            "schema: nowhere\n",
                            "schema: null-tracks\n"};
  const size_t which = seed % (contents.size() + 1);
  if (which > 0) write_file(root / "openspec/config.yaml", contents[which - 1]);
  if (dice.one_in(3)) write_file(root / "openspec/config.yml", dice.of(contents));
}

std::string metadata(Dice& dice) {
  std::string text = "schema: " + dice.of(kSchemas) + "\n";
  if (dice.one_in(3))
    text +=
        "created: " + dice.of({"2026-01-02", "'2026-01-02'", "2026-13-99", "soon", "2026"}) + "\n";
  if (dice.one_in(5))
    text += dice.of({"skip_specs: true\n", "skip_specs: yes\n", "goal: ''\n", "goal: 1.5\n",
                     "goal: x\n", "affected_areas: [a, b]\n", "affected_areas: [1]\n",
                     "status: active\n", "initiative: {store: a, id: b-c}\n",
                     "initiative: {store: A, id: b}\n", "schema: two\n"});
  if (dice.one_in(8))
    return dice.of({"", "# nothing\n", "schema: '\n", "- x\n", "created: x\n", "schema: ''\n",
                    "schema: 12\n", "schema: ~\n", "\xff"});
  return text;
}

const Choices kFiles = {
    "tasks.md",          "tasks.md",         "tasks/a.md",     "tasks/b.txt",
    "tasks/sub/c.md",    "plan/todo.md",     "plan/deep/x.md", "plan/deep/er/y.md",
    "todo/z.md",         "todo/deep/w.md",   "sub/tasks.md",   "sub/a.md",
    "sub/b.md",          ".hidden/tasks.md", "plan/.dot.md",   ".dot.md",
    "Tasks.md",          "proposal.md",      "design.md",      "README.md",
    "specs/cap/spec.md", "specs/spec.md",    "two words.md",   "tasks\xc3\xa4.md"};

void write_change(const fs::path& dir, Dice& dice) {
  fs::create_directories(dir);
  if (dice.one_in(10)) return;
  for (size_t files = dice.below(7); files > 0; --files) {
    write_file(dir / dice.of(kFiles), task_file(dice));
  }
  if (dice.one_in(6)) fs::create_directories(dir / "empty/inner");
  if (dice.one_in(2)) write_file(dir / ".openspec.yaml", metadata(dice));
}

std::string change_name(Dice& dice, size_t i) {
  const std::string number = std::to_string(i);
  switch (dice.below(8)) {
    case 0:
      return "Has Space " + number;
    case 1:
      return "CAPS_" + number;
    case 2:
      return "2026-01-0" + std::to_string(1 + i % 9) + "-dated-" + number;
    case 3:
      return "\xc3\xa4nderung-" + number;
    default:
      return "change-" + number;
  }
}

const Choices kHeadings = {"## Purpose\n",
                           "# Purpose\n",
                           "## purpose \n",
                           "## Requirements\n",
                           "# Requirements\n",
                           "### requirements\n",
                           "### Requirement: A\n",
                           "### Requirement: B ###\n",
                           "### Other\n",
                           "#### Scenario: S\n",
                           "#### Edge\n",
                           "##### Deep\n",
                           "## \n",
                           "##\n",
                           "##No\n",
                           "## Next\n",
                           "#######\n",
                           "##\xc2\xa0Requirements\n"};
const Choices kBodies = {"text\n",
                         "\n",
                         "```\n",
                         "~~~\n",
                         "````\n",
                         "  ```js\n",
                         "- WHEN x\n",
                         "text\r",
                         "\r\n",
                         "\xc2\xa0\n",
                         "<!-- ## Purpose -->\n"};

std::string main_spec_text(Dice& dice) {
  std::string text = dice.one_in(4) ? "\xef\xbb\xbf" : "";
  if (dice.one_in(2)) text += "# c Specification\n\n## Purpose\nwhy\n\n## Requirements\n";
  for (size_t lines = dice.below(25); lines > 0; --lines) {
    text += dice.of(dice.one_in(2) ? kHeadings : kBodies);
  }
  return text;
}

void write_capabilities(const fs::path& specs, Dice& dice) {
  write_file(specs / "spec.md", main_spec_text(dice));  // at the root: no capability
  for (const std::string id :
       {"auth", "Area", "Area/Foo", "platform/billing", "platform/deep/er", "platform/target",
        "target", ".hidden", "auth/.hidden/inner", "with space", "notes"}) {
    if (dice.one_in(6)) continue;
    write_file(specs / id / (id == "notes" ? "note.md" : "spec.md"), main_spec_text(dice));
  }
  write_file(specs / "auth/extra.md", "x");
}

}  // namespace

void write_openspec_tree(const fs::path& root, uint64_t seed, size_t changes) {
  Dice dice(seed);
  write_schemas(root, dice);
  write_config(root, seed, dice);
  const fs::path dir = root / "openspec/changes";
  for (size_t i = 0; i < changes; ++i) write_change(dir / change_name(dice, i), dice);
  for (const std::string name : {"specs", "target", "4", ".hidden-change"}) {
    write_change(dir / name, dice);
  }
  for (const std::string name : {"archive/2026-01-02-old", "archive/undated", "archive/.x"}) {
    write_change(dir / name, dice);
  }
  write_change(root / "openspec/archive/older", dice);
  write_file(dir / "LOOSE.md", "- [ ] of nobody\n");
  write_capabilities(root / "openspec/specs", dice);
}

}  // namespace specd::test
