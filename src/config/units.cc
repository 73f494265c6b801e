// SPDX-License-Identifier: Apache-2.0
// One reader for every number with a unit.
#include "config/units.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <span>

#include "base/text.h"

namespace gg {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;            // in the smallest unit
  std::int64_t printed_from = 1;  // fewer of it are printed in a smaller unit: 60s, not 1m
};

struct UnitSystem {
  std::string_view remedy;
  std::span<const Unit> units;  // smallest first
};

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
constexpr Unit time_units[] = {
    {"ns", 1},
    {"us", 1000},
    {"ms", 1'000'000},
    {"s", nanoseconds_per_second},
    {"m", 60 * nanoseconds_per_second, 2},
    {"h", 3600 * nanoseconds_per_second},
    {"d", 86400 * nanoseconds_per_second, 2},
};
constexpr Unit size_units[] = {
    {"B", 1}, {"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30}, {"TiB", 1LL << 40},
};
// In thousandths of a percent, so that 0.005% is exact.
constexpr Unit share_units[] = {{"%", 1000}};

constexpr UnitSystem times = {"write a duration such as 500ms, 5s or 2m", time_units};
constexpr UnitSystem sizes = {"write a size such as 512B, 64KiB or 1MiB", size_units};
constexpr UnitSystem shares = {"write a share such as 20%", share_units};
constexpr std::string_view rate_remedy = "write a rate such as 100/s or 5/m";

bool is_number_part(char c) { return is_digit(c) || c == '.'; }

/// "1.5" of a unit of `factor`, or nothing when it is no number or too large.
std::optional<std::int64_t> scaled(std::string_view number, std::int64_t factor) {
  constexpr std::size_t decimals_most = 3;
  std::size_t point = number.find('.');
  std::optional<std::uint64_t> whole = parse_number(number.substr(0, point));
  std::int64_t value = 0;
  if (!whole || *whole > INT64_MAX) return std::nullopt;
  if (__builtin_mul_overflow(static_cast<std::int64_t>(*whole), factor, &value)) return {};
  if (point == std::string_view::npos) return value;

  std::string_view decimals = number.substr(point + 1);
  std::optional<std::uint64_t> part = parse_number(decimals);
  if (!part || decimals.size() > decimals_most) return std::nullopt;
  std::int64_t scale = 1;
  for (std::size_t i = 0; i < decimals.size(); ++i) scale *= 10;
  std::int64_t fraction = static_cast<std::int64_t>(*part) * factor / scale;
  if (__builtin_add_overflow(value, fraction, &value)) return std::nullopt;
  return value;
}

Result<std::int64_t, Misreading> parse_quantity(std::string_view text, const UnitSystem& system) {
  std::size_t digits = 0;
  while (digits < text.size() && is_number_part(text[digits])) ++digits;
  std::string_view number = text.substr(0, digits);
  std::string_view unit_name = text.substr(digits);
  std::string remedy(system.remedy);
  if (number.empty() || !is_digit(number.front())) {
    return Failure(Misreading{in_quotes(text) + " is not a number with a unit", remedy});
  }
  if (unit_name.empty()) return Failure(Misreading{in_quotes(text) + " has no unit", remedy});
  for (const Unit& unit : system.units) {
    if (unit.name != unit_name) continue;
    std::optional<std::int64_t> value = scaled(number, unit.factor);
    if (value) return *value;
    return Failure(Misreading{in_quotes(text) + " is not a usable number", remedy});
  }
  return Failure(Misreading{
      fmt::format("{} has the unknown unit {}", in_quotes(text), in_quotes(unit_name)), remedy});
}

std::string print_quantity(std::int64_t value, const UnitSystem& system) {
  const Unit* fitting = &system.units.front();
  for (const Unit& unit : system.units) {
    bool is_exact = value != 0 && value % unit.factor == 0;
    if (is_exact && value / unit.factor >= unit.printed_from) fitting = &unit;
  }
  return fmt::format("{}{}", value / fitting->factor, fitting->name);
}

}  // namespace

Result<Duration, Misreading> parse_duration(std::string_view text) {
  Result<std::int64_t, Misreading> count = parse_quantity(text, times);
  if (!count) return Failure(count.error());
  return Duration(*count);
}

std::string print_duration(Duration duration) {
  if (duration == Duration::zero()) return "0s";
  return print_quantity(duration.count(), times);
}

Result<Bytes, Misreading> parse_bytes(std::string_view text) {
  Result<std::int64_t, Misreading> count = parse_quantity(text, sizes);
  if (!count) return Failure(count.error());
  return Bytes{static_cast<std::uint64_t>(*count)};
}

std::string print_bytes(Bytes bytes) {
  return print_quantity(static_cast<std::int64_t>(bytes.count), sizes);
}

Result<Share, Misreading> parse_share(std::string_view text) {
  constexpr std::int64_t whole = 100'000;
  Result<std::int64_t, Misreading> thousandths = parse_quantity(text, shares);
  if (!thousandths) return Failure(thousandths.error());
  if (*thousandths > whole) {
    return Failure(Misreading{in_quotes(text) + " is more than the whole", "allowed: 0% to 100%"});
  }
  return Share{static_cast<double>(*thousandths) / 1000};
}

std::string print_share(Share share) { return fmt::format("{}%", share.percent); }

Result<Rate, Misreading> parse_rate(std::string_view text) {
  std::size_t slash = text.find('/');
  std::optional<std::uint64_t> count = parse_number(text.substr(0, slash));
  Misreading misread{in_quotes(text) + " is not a rate", std::string(rate_remedy)};
  if (slash == std::string_view::npos || !count) return Failure(misread);
  std::string per(text.substr(slash + 1));
  if (!per.empty() && !is_digit(per.front())) per.insert(0, 1, '1');
  Result<Duration, Misreading> span = parse_duration(per);
  if (!span || *span <= Duration::zero()) return Failure(misread);
  return Rate{*count, *span};
}

std::string print_rate(Rate rate) {
  std::string per = print_duration(rate.per);
  for (const Unit& unit : time_units) {
    if (rate.per == Duration(unit.factor)) per = unit.name;
  }
  return fmt::format("{}/{}", rate.count, per);
}

}  // namespace gg
