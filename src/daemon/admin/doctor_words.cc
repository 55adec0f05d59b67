#include "daemon/admin/doctor_words.h"

#include <array>
#include <cstdio>

namespace specd::admin {

std::string number(int64_t value) {
  return std::to_string(value);
}

std::string size(int64_t bytes) {
  constexpr int64_t kMib = int64_t{1} << 20;
  if (bytes < kMib) return number((bytes + 1023) / 1024) + " KiB";
  return number((bytes + kMib - 1) / kMib) + " MiB";
}

std::string quoted(const std::string& text) {
  std::string word = "'";
  for (char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + "'";
}

std::string named(const std::vector<ProgramFacts>& programs) {
  std::string all;
  for (const ProgramFacts& program : programs)
    all += (all.empty() ? "" : ", ") + program.name + " (" + number(program.pid) + ")";
  return all;
}

std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

std::string octal(unsigned mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
}

}  // namespace specd::admin
