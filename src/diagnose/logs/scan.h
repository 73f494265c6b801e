// SPDX-License-Identifier: Apache-2.0
// Taking a line apart from left to right. Used by the readers of logs; never allocates.
#pragma once

#include <cstring>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace gg {

class Scan {
 public:
  explicit Scan(std::string_view text) : rest_(text) {}

  std::string_view rest() const { return rest_; }
  bool is_at_end() const { return rest_.empty(); }

  /// Takes `text` if it comes next.
  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  /// All up to `end`, which is taken too; nothing (and nothing taken) if it does not come.
  std::optional<std::string_view> until(char end) {
    std::size_t at = rest_.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    std::string_view before = rest_.substr(0, at);
    rest_.remove_prefix(at + 1);
    return before;
  }

  /// The next word; spaces around it are taken. Empty at the end.
  std::string_view word() {
    skip_spaces();
    std::size_t at = rest_.find(' ');
    std::string_view before = rest_.substr(0, at);
    rest_.remove_prefix(before.size());
    skip_spaces();
    return before;
  }

  /// A text in double quotes, in which a backslash hides the next character; its inside.
  std::optional<std::string_view> quoted() {
    skip_spaces();
    if (!rest_.starts_with('"')) return std::nullopt;
    for (std::size_t at = 1; at < rest_.size(); ++at) {
      if (rest_[at] == '\\') {
        ++at;
      } else if (rest_[at] == '"') {
        std::string_view inside = rest_.substr(1, at - 1);
        rest_.remove_prefix(at + 1);
        return inside;
      }
    }
    return std::nullopt;
  }

  void skip_spaces() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }

 private:
  std::string_view rest_;
};

/// "10.0.0.1:80" of "http://10.0.0.1:80/path", "tcp://10.0.0.1:80" or of what is one already.
constexpr std::string_view address_in(std::string_view url) {
  if (std::size_t at = url.find("://"); at != std::string_view::npos) url = url.substr(at + 3);
  if (url.starts_with("unix:")) return url.substr(0, url.find(':', 5));
  return url.substr(0, url.find('/'));
}

/// Seconds with a fraction, such as "0.123", in milliseconds; -1 if it is no such number.
inline std::int64_t seconds_to_ms(std::string_view text) {
  std::size_t dot = text.find('.');
  std::optional<std::uint64_t> whole = parse_number(text.substr(0, dot));
  if (!whole || *whole > 1'000'000'000) return -1;
  std::int64_t ms = static_cast<std::int64_t>(*whole) * 1000;
  if (dot == std::string_view::npos) return ms;
  std::int64_t weight = 100;
  for (char c : text.substr(dot + 1)) {
    if (!is_digit(c)) break;
    ms += (c - '0') * weight;
    weight /= 10;
  }
  return ms;
}

/// Three digits as a status; 0 if they are none.
inline std::uint16_t status_in(std::string_view text) {
  if (text.size() != 3) return 0;
  std::optional<std::uint64_t> number = parse_number(text);
  return number && *number >= 100 ? static_cast<std::uint16_t>(*number) : std::uint16_t{0};
}

}  // namespace gg
