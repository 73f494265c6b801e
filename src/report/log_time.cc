// SPDX-License-Identifier: Apache-2.0
#include "report/log_time.h"

#include <chrono>
#include <cstring>

namespace gg {
namespace {

constexpr std::int64_t per_second = 1'000'000;

struct WholeAndRest {
  std::int64_t whole;
  std::int64_t rest;  // never negative
};

WholeAndRest divide(std::int64_t value, std::int64_t by) {
  std::int64_t rest = value % by;
  if (rest < 0) rest += by;
  return {(value - rest) / by, rest};
}

/// The last `count` digits of `value` at `to`.
void put_digits(char* to, std::int64_t value, int count) {
  for (int i = count - 1; i >= 0; --i) {
    to[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

void LogTime::remember(std::int64_t second) {
  second_ = second;
  WholeAndRest days = divide(second, 86400);
  std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days.whole))};
  unsigned month = static_cast<unsigned>(date.month());
  std::int64_t day = static_cast<unsigned>(date.day());
  std::int64_t year = static_cast<int>(date.year());

  char clock[] = "00:00:00";
  put_digits(clock, days.rest / 3600, 2);
  put_digits(clock + 3, days.rest / 60 % 60, 2);
  put_digits(clock + 6, days.rest % 60, 2);

  std::memcpy(rfc3339_.data(), "0000-00-00T00:00:00.000000Z", rfc3339_.size());
  put_digits(rfc3339_.data(), year, 4);
  put_digits(rfc3339_.data() + 5, month, 2);
  put_digits(rfc3339_.data() + 8, day, 2);
  std::memcpy(rfc3339_.data() + 11, clock, 8);

  constexpr char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  std::memcpy(common_.data(), "00/Jan/0000:00:00:00 +0000", common_.size());
  put_digits(common_.data(), day, 2);
  std::memcpy(common_.data() + 3, months + std::size_t{3} * (month - 1), 3);
  put_digits(common_.data() + 7, year, 4);
  std::memcpy(common_.data() + 12, clock, 8);
}

std::string_view LogTime::rfc3339(WallTime time) {
  WholeAndRest seconds = divide(time.microseconds, per_second);
  if (seconds.whole != second_) remember(seconds.whole);
  put_digits(rfc3339_.data() + 20, seconds.rest, 6);
  return {rfc3339_.data(), rfc3339_.size()};
}

std::string_view LogTime::common(WallTime time) {
  WholeAndRest seconds = divide(time.microseconds, per_second);
  if (seconds.whole != second_) remember(seconds.whole);
  return {common_.data(), common_.size()};
}

}  // namespace gg
