#include "spec/model.h"

#include <array>
#include <cstddef>

#include "base/assert.h"

namespace specd::spec {
namespace {

// In the order of the enumerations.
constexpr std::array<std::string_view, 2> kLayouts = {"openspec", "leanspec"};
constexpr std::array<std::string_view, 4> kKinds = {"change", "archived", "capability", "leanspec"};
constexpr std::array<std::string_view, 8> kRoles = {"proposal", "tasks",  "design", "delta",
                                                    "spec",     "readme", "meta",   "other"};
constexpr std::array<std::string_view, 3> kProgresses = {"no-tasks", "in-progress", "complete"};

template <class Enum, size_t N>
std::string_view name_of(const std::array<std::string_view, N>& names, Enum value) {
  const auto i = static_cast<size_t>(value);
  SPECD_ASSERT(i < N);
  return names[i];
}

template <class Enum, size_t N>
std::optional<Enum> value_of(const std::array<std::string_view, N>& names, std::string_view text) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Layout layout) {
  return name_of(kLayouts, layout);
}
std::string_view to_string(Kind kind) {
  return name_of(kKinds, kind);
}
std::string_view to_string(Role role) {
  return name_of(kRoles, role);
}
std::string_view to_string(Progress progress) {
  return name_of(kProgresses, progress);
}

std::optional<Layout> parse_layout(std::string_view text) {
  return value_of<Layout>(kLayouts, text);
}
std::optional<Kind> parse_kind(std::string_view text) {
  return value_of<Kind>(kKinds, text);
}
std::optional<Role> parse_role(std::string_view text) {
  return value_of<Role>(kRoles, text);
}
std::optional<Progress> parse_progress(std::string_view text) {
  return value_of<Progress>(kProgresses, text);
}

Progress progress_of(uint32_t tasks_done, uint32_t tasks_total) {
  if (tasks_total == 0) return Progress::no_tasks;
  return tasks_done == tasks_total ? Progress::complete : Progress::in_progress;
}

}  // namespace specd::spec
