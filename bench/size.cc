// The program, stripped.
#include <cstdlib>
#include <filesystem>

#include "bench/support/bench.h"

int main(int argc, char** argv) {
  using namespace specd::bench;
  (void)arguments(argc, argv);
  const Workspace work;
  const std::string stripped = work.at("specd");
  const std::string program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "specd";
  if (std::system(("strip -o '" + stripped + "' '" + program + "'").c_str()) != 0)
    die("cannot strip " + program);
  report_alone("size", static_cast<double>(std::filesystem::file_size(stripped)) / (1 << 20),
               "MiB");
}
