// SPDX-License-Identifier: Apache-2.0
#include "diagnose/logs/log_time.h"

#include <fmt/format.h>

#include "base/text.h"

namespace gg {
namespace {

/// Days since 1970-01-01 of a date of the Gregorian calendar.
/// After Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
std::int64_t days_from_civil(int year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  int era = year / 400;
  int year_of_era = year - era * 400;
  int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return std::int64_t{era} * 146097 + day_of_era - 719468;
}

/// Two or four digits at `at`; -1 if they are none.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (!is_digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

int month_of(std::string_view text) {
  constexpr std::string_view names = "janfebmaraprmayjunjulaugsepoctnovdec";
  if (text.size() < 3) return -1;
  char name[3] = {ascii_lower(text[0]), ascii_lower(text[1]), ascii_lower(text[2])};
  std::size_t at = names.find(std::string_view(name, 3));
  return at == std::string_view::npos || at % 3 != 0 ? -1 : static_cast<int>(at / 3) + 1;
}

/// "21:10:03" at `at` as seconds of the day; -1 if it is none.
int clock(std::string_view text, std::size_t at) {
  int hour = digits(text, at, 2);
  int minute = digits(text, at + 3, 2);
  int second = digits(text, at + 6, 2);
  bool has_colons = at + 8 <= text.size() && text[at + 2] == ':' && text[at + 5] == ':';
  if (!has_colons || hour < 0 || minute < 0 || second < 0) return -1;
  if (hour > 23 || minute > 59 || second > 60) return -1;
  return hour * 3600 + minute * 60 + second;
}

/// ".123456" at `at` in milliseconds; `end` is set to what follows.
int fraction(std::string_view text, std::size_t at, std::size_t& end) {
  end = at;
  if (at >= text.size() || (text[at] != '.' && text[at] != ',')) return 0;
  int value = 0;
  int weight = 100;
  for (end = at + 1; end < text.size() && is_digit(text[end]); ++end) {
    value += (text[end] - '0') * weight;
    weight /= 10;
  }
  return value;
}

/// "+0200" or "-05:30" at `at` in seconds; 0 if there is none.
int zone(std::string_view text, std::size_t at) {
  if (at >= text.size() || (text[at] != '+' && text[at] != '-')) return 0;
  int hours = digits(text, at + 1, 2);
  bool has_colon = at + 3 < text.size() && text[at + 3] == ':';
  int minutes = digits(text, at + (has_colon ? 4 : 3), 2);
  if (hours < 0 || minutes < 0) return 0;
  int seconds = hours * 3600 + minutes * 60;
  return text[at] == '-' ? -seconds : seconds;
}

std::optional<LogTime> join(int year, int month, int day, int seconds, int ms, int offset) {
  bool is_date = year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
  if (!is_date || seconds < 0) return std::nullopt;
  return (days_from_civil(year, month, day) * 86400 + seconds - offset) * 1000 + ms;
}

std::optional<LogTime> parse_slashed(std::string_view text, bool has_zone) {
  if (text.size() < 20 || text[2] != '/' || text[6] != '/' || text[11] != ':') return std::nullopt;
  std::size_t end = 20;
  int ms = fraction(text, 20, end);
  int offset = has_zone ? zone(text, end + 1) : 0;
  return join(digits(text, 7, 4), month_of(text.substr(3)), digits(text, 0, 2), clock(text, 12), ms,
              offset);
}

}  // namespace

std::optional<LogTime> parse_common_time(std::string_view text) {
  return parse_slashed(text, true);
}

std::optional<LogTime> parse_haproxy_time(std::string_view text) {
  return parse_slashed(text, false);
}

std::optional<LogTime> parse_nginx_time(std::string_view text) {
  if (text.size() < 19 || text[4] != '/' || text[7] != '/' || text[10] != ' ') return std::nullopt;
  std::size_t end = 19;
  int ms = fraction(text, 19, end);
  return join(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2), clock(text, 11), ms, 0);
}

std::optional<LogTime> parse_rfc3339(std::string_view text) {
  if (text.size() < 19 || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (text[10] != 'T' && text[10] != ' ') return std::nullopt;
  std::size_t end = 19;
  int ms = fraction(text, 19, end);
  return join(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2), clock(text, 11), ms,
              zone(text, end));
}

std::optional<LogTime> parse_apache_time(std::string_view text) {
  if (text.size() < 24 || text[3] != ' ' || text[7] != ' ' || text[10] != ' ') return std::nullopt;
  std::size_t end = 19;
  int ms = fraction(text, 19, end);
  return join(digits(text, end + 1, 4), month_of(text.substr(4)), digits(text, 8, 2),
              clock(text, 11), ms, 0);
}

std::optional<LogTime> parse_unix_seconds(std::string_view text) {
  std::size_t end = text.find_first_not_of("0123456789");
  std::optional<std::uint64_t> seconds = parse_number(text.substr(0, end));
  if (!seconds || *seconds > 99'999'999'999) return std::nullopt;
  std::size_t at = end == std::string_view::npos ? text.size() : end;
  std::size_t after = at;
  return static_cast<LogTime>(*seconds) * 1000 + fraction(text, at, after);
}

std::string format_log_time(LogTime at) {
  if (at == 0) return "-";
  std::int64_t seconds = at / 1000;
  std::int64_t day = seconds / 86400;
  std::int64_t rest = seconds % 86400;
  // The inverse of days_from_civil, by the same author.
  std::int64_t z = day + 719468;
  std::int64_t era = z / 146097;
  std::int64_t day_of_era = z - era * 146097;
  std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  std::int64_t shifted = (5 * day_of_year + 2) / 153;
  std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", year, month,
                     day_of_year - (153 * shifted + 2) / 5 + 1, rest / 3600, rest / 60 % 60,
                     rest % 60);
}

}  // namespace gg
