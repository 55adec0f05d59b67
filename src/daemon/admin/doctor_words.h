#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/admin/doctor_facts.h"

/// How findings put it.
namespace specd::admin {

[[nodiscard]] std::string number(int64_t value);
/// "3 KiB", "64 MiB": rounded up.
[[nodiscard]] std::string size(int64_t bytes);
/// As a word of a POSIX shell.
[[nodiscard]] std::string quoted(const std::string& text);
/// "name (pid), name (pid)".
[[nodiscard]] std::string named(const std::vector<ProgramFacts>& programs);
/// "one, two".
[[nodiscard]] std::string listed(const std::vector<std::string>& names);
/// "0700".
[[nodiscard]] std::string octal(unsigned mode);

}  // namespace specd::admin
