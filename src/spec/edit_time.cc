#include "spec/edit_time.h"

#include <algorithm>

#include "base/time.h"

namespace specd::spec {
namespace {

constexpr size_t kDay = 10;        // 2027-01-15
constexpr size_t kSeconds = 19;    // 2027-01-15T08:00:00
constexpr size_t kMostDigits = 6;  // of a second, that we have

size_t digits_of_second(std::string_view moment) {
  if (moment.size() <= kSeconds || moment[kSeconds] != '.') return 0;
  const size_t end = moment.find_first_not_of("0123456789", kSeconds + 1);
  return std::min(end, moment.size()) - kSeconds - 1;
}

bool is_day(std::string_view text) {
  return text.size() == kDay && parse_rfc3339(std::string(text) + "T00:00:00Z").has_value();
}

}  // namespace

std::string time_like(std::string_view present, WallTime now, TimeForm form) {
  const std::string told = rfc3339(now);
  size_t digits = 3;
  if (parse_rfc3339(present)) {
    digits = std::min(digits_of_second(present), kMostDigits);
  } else if (is_day(present) || form == TimeForm::day) {
    return told.substr(0, kDay);
  }
  return told.substr(0, digits == 0 ? kSeconds : kSeconds + 1 + digits) + 'Z';
}

}  // namespace specd::spec
