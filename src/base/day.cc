#include "base/day.h"

#include <array>
#include <ctime>

namespace specd {

std::string local_day(WallTime time) {
  const time_t seconds = std::chrono::system_clock::to_time_t(time);
  tm local{};
  localtime_r(&seconds, &local);
  std::array<char, 32> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &local)};
}

}  // namespace specd
