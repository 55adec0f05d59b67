#include "cli/text_in.h"

#include <fstream>
#include <iostream>
#include <iterator>

namespace specd::cli {

Result<std::string> text_in(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad() || !in.is_open()) return fail(Code::not_found, path + ": cannot be read");
  return text;
}

}  // namespace specd::cli
