#pragma once

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>

namespace specd::test {

/// Keeps an answer that a test got, with what was asked ("GET /x"), in the folder that
/// SPECD_ANSWERS names, if it names one: check_answers.mjs compares all of them with openapi.yaml.
inline void keep_answer(const std::string& asked, const std::string& answer) {
  static std::mutex mutex;
  const char* folder = std::getenv("SPECD_ANSWERS");
  if (folder == nullptr) return;
  const std::lock_guard lock(mutex);
  std::ofstream file(std::string(folder) + "/" + std::to_string(getpid()),
                     std::ios::binary | std::ios::app);
  file << asked.size() << " " << answer.size() << "\n" << asked << answer << "\n";
}

}  // namespace specd::test
