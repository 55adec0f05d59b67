#include "base/time.h"

#include <algorithm>
#include <array>

namespace specd {
namespace {

using namespace std::chrono;

/// Takes fields of fixed places off a text.
class Places {
 public:
  explicit Places(std::string_view text) : rest_(text) {}

  /// The next `count` digits; negative where they are none.
  int number(size_t count) {
    if (rest_.size() < count) return fail();
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return fail();
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  /// The next character if it is one of `any`; otherwise NUL.
  char one_of(std::string_view any) {
    if (rest_.empty() || any.find(rest_[0]) == std::string_view::npos) return '\0';
    const char c = rest_[0];
    rest_.remove_prefix(1);
    return c;
  }
  void need(std::string_view any) {
    if (one_of(any) == '\0') fail();
  }
  int fail() {
    is_good_ = false;
    return -1;
  }
  [[nodiscard]] bool is_digit_next() const {
    return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9';
  }
  [[nodiscard]] bool is_good() const { return is_good_; }
  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_good_ = true;
};

microseconds fraction(Places& places) {
  if (places.one_of(".") == '\0') return {};
  if (!places.is_digit_next()) places.fail();
  int64_t us = 0;
  for (int64_t unit = 100'000; places.is_digit_next(); unit /= 10) us += unit * places.number(1);
  return microseconds(us);
}

minutes offset(Places& places) {
  const char sign = places.one_of("Zz+-");
  if (sign == '\0') places.fail();
  if (sign != '+' && sign != '-') return {};
  const int hour = places.number(2);
  places.need(":");
  const int minute = places.number(2);
  if (hour > 23 || minute > 59) places.fail();
  return minutes((hour * 60 + minute) * (sign == '-' ? -1 : 1));
}

// Of what four digits can say of years.
constexpr WallTime kFirst{sys_days(year(1) / 1 / 1)};
constexpr WallTime kLast{sys_days(year(10'000) / 1 / 1) - microseconds(1)};

}  // namespace

void append_rfc3339(std::string& out, WallTime time) {
  time = std::clamp(time, kFirst, kLast);
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  std::array text = std::to_array("0000-00-00T00:00:00.000000Z");
  const auto put = [&](size_t last, auto number) {
    auto value = static_cast<uint32_t>(number);  // half the work of dividing 64 bits
    for (size_t at = last; value > 0; value /= 10) text[at--] = static_cast<char>('0' + value % 10);
  };
  put(3, static_cast<int>(date.year()));
  put(6, static_cast<unsigned>(date.month()));
  put(9, static_cast<unsigned>(date.day()));
  put(12, clock.hours().count());
  put(15, clock.minutes().count());
  put(18, clock.seconds().count());
  put(25, clock.subseconds().count());
  out.append(text.data(), text.size() - 1);
}

std::string rfc3339(WallTime time) {
  std::string text;
  append_rfc3339(text, time);
  return text;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  Places places(text);
  const int y = places.number(4);
  places.need("-");
  const int m = places.number(2);
  places.need("-");
  const int d = places.number(2);
  places.need("Tt ");
  const int hour = places.number(2);
  places.need(":");
  const int minute = places.number(2);
  places.need(":");
  const int second = places.number(2);
  const microseconds part = fraction(places);
  const minutes shift = offset(places);
  if (!places.is_good() || !places.is_at_end()) return std::nullopt;
  const year_month_day date(year(y), month(static_cast<unsigned>(m)),
                            day(static_cast<unsigned>(d)));
  // 60: a leap second, which is the next minute's first to us.
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return sys_days(date) + hours(hour) + minutes(minute) + seconds(second) + part - shift;
}

}  // namespace specd
