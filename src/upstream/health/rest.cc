// SPDX-License-Identifier: Apache-2.0
#include "upstream/health/rest.h"

#include <algorithm>
#include <ctime>

#include "base/text.h"

namespace gg {

namespace {

constexpr std::int64_t seconds_most = 24 * 60 * 60;

std::optional<int> number_in(std::string_view digits) {
  std::optional<std::uint64_t> number = parse_number(digits);
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

/// Seconds since 1970 of an IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7).
std::optional<std::int64_t> seconds_of_date(std::string_view text) {
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  bool has_its_form = text.size() == 29 && text[3] == ',' && text[4] == ' ' && text[7] == ' ' &&
                      text[11] == ' ' && text[16] == ' ' && text[19] == ':' && text[22] == ':' &&
                      text.ends_with(" GMT");
  if (!has_its_form) return std::nullopt;
  std::size_t month = months.find(text.substr(8, 3));
  std::optional<int> day = number_in(text.substr(5, 2));
  std::optional<int> year = number_in(text.substr(12, 4));
  std::optional<int> hour = number_in(text.substr(17, 2));
  std::optional<int> minute = number_in(text.substr(20, 2));
  std::optional<int> second = number_in(text.substr(23, 2));
  bool is_whole =
      month != std::string_view::npos && month % 3 == 0 && day && year && hour && minute && second;
  if (!is_whole || *year < 1970 || *day > 31 || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  std::tm parts{};
  parts.tm_year = *year - 1900;
  parts.tm_mon = static_cast<int>(month / 3);
  parts.tm_mday = *day;
  parts.tm_hour = *hour;
  parts.tm_min = *minute;
  parts.tm_sec = *second;
  return timegm(&parts);
}

}  // namespace

std::optional<Duration> retry_after_of(std::string_view value, WallTime now) {
  value = trim(value);
  std::int64_t seconds = 0;
  bool is_number =
      !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
  if (is_number) {
    // More digits than any sane number of seconds has are just very many.
    std::optional<std::uint64_t> number = value.size() < 10 ? parse_number(value) : seconds_most;
    seconds = static_cast<std::int64_t>(*number);
  } else {
    std::optional<std::int64_t> date = seconds_of_date(value);
    if (!date) return std::nullopt;
    seconds = *date - now.microseconds / 1'000'000;
  }
  if (seconds <= 0) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, seconds_most));
}

}  // namespace gg
