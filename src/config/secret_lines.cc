// SPDX-License-Identifier: Apache-2.0
#include "config/secret_lines.h"

#include <algorithm>

namespace gg {
namespace {

constexpr std::string_view secret_keys[] = {"secret", "password"};
// Names of users, with the hashes of passwords; an upstream may be called so too.
constexpr std::string_view users_key = "users";
constexpr std::string_view users_owner = "basic_auth";

bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// Where the value of that key begins in the line, from `from` on; npos if it is not there.
std::size_t value_of(std::string_view line, std::string_view key, std::size_t from = 0) {
  for (std::size_t at = line.find(key, from); at != std::string_view::npos;
       at = line.find(key, at + 1)) {
    bool begins = at == 0 || !is_of_name(line[at - 1]);
    std::size_t end = line.find_first_not_of("\"' ", at + key.size());
    bool ends = end != std::string_view::npos && line[end] == ':';
    if (begins && ends) return end + 1;
  }
  return std::string_view::npos;
}

/// Where the first secret of a line begins, as far as the line tells by itself.
std::size_t first_secret(std::string_view line, bool is_owned) {
  std::size_t owner = is_owned ? 0 : value_of(line, users_owner);
  std::size_t first = owner == std::string_view::npos ? owner : value_of(line, users_key, owner);
  for (std::string_view key : secret_keys) first = std::min(first, value_of(line, key));
  return first;
}

/// What the lines say that a line stands in, by their indentation.
struct Surroundings {
  bool is_owned = false;   // in basic_auth
  bool is_secret = false;  // in the value of a secret
};

Surroundings surroundings_of(std::span<const std::string_view> lines, std::size_t index) {
  Surroundings found;
  bool has_users = false;
  std::size_t indent = lines[index].find_first_not_of(' ');
  for (std::size_t i = index; i-- > 0 && indent > 0 && indent != std::string_view::npos;) {
    std::size_t here = lines[i].find_first_not_of(' ');
    bool is_around = here != std::string_view::npos && lines[i][here] != '#' && here < indent;
    if (!is_around) continue;
    indent = here;
    has_users = has_users || value_of(lines[i], users_key) != std::string_view::npos;
    found.is_owned = found.is_owned || value_of(lines[i], users_owner) != std::string_view::npos;
    for (std::string_view key : secret_keys)
      found.is_secret = found.is_secret || value_of(lines[i], key) != std::string_view::npos;
  }
  found.is_secret = found.is_secret || (has_users && found.is_owned);
  return found;
}

}  // namespace

bool is_secret_key(std::string_view name) {
  return name == users_key || std::ranges::find(secret_keys, name) != std::end(secret_keys);
}

std::string without_secrets(std::span<const std::string_view> lines, std::size_t index) {
  std::string_view line = lines[index];
  Surroundings around = surroundings_of(lines, index);
  std::size_t cut = first_secret(line, around.is_owned);
  if (around.is_secret) {
    std::size_t colon = line.find(':');
    std::size_t start = std::min(line.find_first_not_of(' '), line.size());
    cut = std::min(cut, colon == std::string_view::npos ? start : colon + 1);
  }
  bool is_empty_behind =
      cut == std::string_view::npos || line.find_first_not_of(" \r", cut) == std::string_view::npos;
  if (is_empty_behind) return std::string(line);
  bool needs_blank = cut > 0 && line[cut - 1] == ':';
  return std::string(line.substr(0, cut)) + (needs_blank ? " …" : "…");
}

}  // namespace gg
