// SPDX-License-Identifier: Apache-2.0
#include "http/authority.h"

#include <cstddef>

#include "base/text.h"
#include "http/characters.h"

namespace gg {
namespace {

bool is_ipv4(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    std::size_t dot = part < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return false;
    std::string_view number = text.substr(0, dot);
    bool has_leading_zero = number.size() > 1 && number.front() == '0';
    if (number.size() > 3 || has_leading_zero || parse_number(number).value_or(256) > 255) {
      return false;
    }
    text.remove_prefix(part < 3 ? dot + 1 : dot);
  }
  return true;
}

bool is_group(std::string_view text) {
  return !text.empty() && text.size() <= 4 && is_all_in(CharacterClass::hex, text);
}

/// Colon-separated 16-bit groups, the last perhaps an IPv4 address. Returns how many groups they
/// stand for, or -1.
int count_groups(std::string_view text, bool may_end_in_ipv4) {
  int groups = 0;
  while (!text.empty()) {
    std::size_t colon = text.find(':');
    std::string_view group = text.substr(0, colon);
    bool is_last = colon == std::string_view::npos;
    if (is_group(group)) {
      ++groups;
    } else if (is_last && may_end_in_ipv4 && is_ipv4(group)) {
      groups += 2;
    } else {
      return -1;
    }
    if (is_last) return groups;
    text.remove_prefix(colon + 1);
    if (text.empty()) return -1;  // ends in a single ':'
  }
  return groups;
}

bool is_ipv6(std::string_view text) {
  std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) return count_groups(text, true) == 8;
  int before = count_groups(text.substr(0, gap), false);
  int after = count_groups(text.substr(gap + 2), true);
  return before >= 0 && after >= 0 && before + after <= 7;
}

/// "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )
bool is_ip_future(std::string_view text) {
  if (text.empty() || ascii_lower(text.front()) != 'v') return false;
  std::size_t dot = text.find('.');
  if (dot == std::string_view::npos || dot == 1 || dot + 1 == text.size()) return false;
  if (!is_all_in(CharacterClass::hex, text.substr(1, dot - 1))) return false;
  for (char c : text.substr(dot + 1)) {
    if (c != ':' && !is_in(CharacterClass::host, c)) return false;
  }
  return true;
}

bool is_reg_name(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_in(CharacterClass::host, text[i])) continue;
    bool is_escape = text[i] == '%' && text.size() - i > 2 &&
                     is_in(CharacterClass::hex, text[i + 1]) &&
                     is_in(CharacterClass::hex, text[i + 2]);
    if (!is_escape) return false;
    i += 2;
  }
  return true;
}

bool is_port(std::string_view text) {
  if (text.empty()) return true;  // port = *DIGIT
  if (!is_digit(text.front())) return false;
  std::optional<std::uint64_t> number = parse_number(text);
  return number && *number <= 65535;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
  Authority authority;
  std::size_t host_end = text.find(':');
  if (text.starts_with('[')) {
    std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    std::string_view literal = text.substr(1, bracket - 1);
    if (!is_ipv6(literal) && !is_ip_future(literal)) return std::nullopt;
    host_end = bracket + 1;
    if (host_end < text.size() && text[host_end] != ':') return std::nullopt;
  } else if (!is_reg_name(text.substr(0, host_end))) {
    return std::nullopt;
  }

  authority.host = text.substr(0, host_end);
  authority.has_port = host_end < text.size();
  if (authority.has_port) authority.port = text.substr(host_end + 1);
  if (!is_port(authority.port)) return std::nullopt;
  return authority;
}

}  // namespace gg
