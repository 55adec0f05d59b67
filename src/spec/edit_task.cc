#include "spec/edit_task.h"

#include <algorithm>
#include <vector>

#include "base/columns.h"
#include "base/path.h"
#include "spec/tasks.h"
#include "spec/text.h"

namespace specd::spec {
namespace {

constexpr size_t kMostColumns = 80;

std::string in_quotes(std::string_view text) {
  return '"' + cut_to_columns(printable_utf8(trim(text)), kMostColumns) + '"';
}

// What a line is, that is not the task that was looked for.
std::string told(std::string_view content, uint32_t line, const Task* there) {
  const std::string name = "line " + std::to_string(line);
  if (there != nullptr) return name + " is the task " + in_quotes(there->text);
  size_t at = 0;
  for (uint32_t number = 1; number < line && at < content.size(); ++number) {
    at = line_end(content, at);
  }
  if (line == 0 || at >= content.size()) return "there is no " + name;
  return name + " is no task but " + in_quotes(content.substr(at, line_end(content, at) - at));
}

// What stands in the line now, and where the task is that was meant.
Failure has_moved(std::string_view content, const std::vector<Task>& tasks, uint32_t line,
                  const Task* there, std::string_view text) {
  std::string why = told(content, line, there) + "; " + in_quotes(text);
  const auto is_meant = [&](const Task& task) { return task.text == text; };
  const auto count = std::count_if(tasks.begin(), tasks.end(), is_meant);
  if (count == 1) {
    const auto found = std::find_if(tasks.begin(), tasks.end(), is_meant);
    why += " is in line " + std::to_string(found->line) + " now";
  } else if (count == 0) {
    why += " is no task of this file any more: read its tasks again";
  } else {
    why += " stands there " + std::to_string(count) + " times: read the tasks again";
  }
  return fail(Code::conflict, std::move(why));
}

// The same tasks in the same lines, and of these only the one in `line` is marked otherwise.
bool is_only_mark(const std::vector<Task>& before, const std::vector<Task>& after, uint32_t line,
                  TaskMark mark) {
  return std::equal(before.begin(), before.end(), after.begin(), after.end(),
                    [&](const Task& was, const Task& is) {
                      const bool done = was.line == line ? mark == TaskMark::done : was.done;
                      return was.line == is.line && was.text == is.text && is.done == done;
                    });
}

}  // namespace

Result<std::string> mark_task(std::string_view content, uint32_t line, std::string_view text,
                              TaskMark mark) {
  if (!is_utf8(content)) return fail(Code::refused, "not UTF-8: change it in an editor");
  const std::vector<Task> before = tasks(content);
  const auto found = std::find_if(before.begin(), before.end(),
                                  [&](const Task& task) { return task.line == line; });
  const Task* task = found == before.end() ? nullptr : &*found;
  if (task == nullptr || task->text != text) {
    return has_moved(content, before, line, task, text);
  }
  std::string edited(content);
  if (task->done == (mark == TaskMark::done)) return edited;
  edited.replace(task->mark, task->mark_bytes, 1, mark == TaskMark::done ? 'x' : ' ');
  if (!is_only_mark(before, tasks(edited), line, mark)) {
    return fail(Code::refused, "line " + std::to_string(line) +
                                   ": marked, the box would be a link; put a space behind it");
  }
  return edited;
}

}  // namespace specd::spec
