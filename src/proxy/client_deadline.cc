// SPDX-License-Identifier: Apache-2.0
#include "proxy/client_deadline.h"

#include <algorithm>

#include "base/text.h"

namespace gg {

namespace {

constexpr std::uint64_t longest = 86'400;  // seconds

std::optional<Duration> grpc_unit(char unit) {
  switch (unit) {
    case 'H':
      return 1h;
    case 'M':
      return 1min;
    case 'S':
      return 1s;
    case 'm':
      return 1ms;
    case 'u':
      return 1us;
    case 'n':
      return 1ns;
  }
  return std::nullopt;
}

/// Takes the unit off the end of `value`; without one it is seconds.
Duration take_unit(std::string_view& value) {
  struct Unit {
    std::string_view name;
    Duration length;
  };
  constexpr Unit units[] = {{"ms", 1ms}, {"s", 1s}, {"m", 1min}};
  for (const Unit& unit : units) {
    if (!value.ends_with(unit.name)) continue;
    value.remove_suffix(unit.name.size());
    return unit.length;
  }
  return 1s;
}

Duration earlier(std::optional<Duration> a, Duration b) {
  return std::max(std::min(a.value_or(b), b), Duration(1));
}

}  // namespace

std::optional<Duration> parse_grpc_timeout(std::string_view value) {
  if (value.size() < 2 || value.size() > 9) return std::nullopt;
  std::optional<Duration> unit = grpc_unit(value.back());
  std::optional<std::uint64_t> count = parse_number(value.substr(0, value.size() - 1));
  if (!unit || !count) return std::nullopt;
  std::uint64_t most = longest * 1'000'000'000 / static_cast<std::uint64_t>(unit->count());
  return static_cast<Duration::rep>(std::min(*count, most)) * *unit;
}

std::optional<Duration> parse_request_timeout(std::string_view value) {
  Duration unit = take_unit(value);
  std::size_t point = std::min(value.find('.'), value.size());
  std::optional<std::uint64_t> whole = parse_number(value.substr(0, point));
  if (!whole || *whole > longest * 1000) return std::nullopt;
  Duration time = static_cast<Duration::rep>(*whole) * unit;
  if (point < value.size()) {
    std::string_view digits = value.substr(point + 1, 9);
    std::optional<std::uint64_t> part = parse_number(digits);
    if (!part || point + 1 + digits.size() < value.size()) return std::nullopt;
    double share = static_cast<double>(*part);
    for (std::size_t i = 0; i < digits.size(); ++i) share /= 10;
    time += Duration(static_cast<Duration::rep>(share * static_cast<double>(unit.count())));
  }
  return time <= std::chrono::seconds(longest) ? std::optional(time) : std::nullopt;
}

std::optional<Duration> client_timeout_of(const RequestHead& head, std::string_view header) {
  std::optional<Duration> least;
  if (head.method == Method::post) {
    const Field* type = head.fields.find(FieldName::content_type);
    bool is_grpc = type != nullptr && type->value.starts_with("application/grpc");
    const Field* told = is_grpc ? head.fields.find("grpc-timeout") : nullptr;
    if (told != nullptr) {
      if (std::optional<Duration> time = parse_grpc_timeout(told->value)) {
        least = earlier(least, *time);
      }
    }
  }
  const Field* told = header.empty() ? nullptr : head.fields.find(header);
  if (told != nullptr) {
    if (std::optional<Duration> time = parse_request_timeout(told->value)) {
      least = earlier(least, *time);
    }
  }
  return least;
}

}  // namespace gg
