// SPDX-License-Identifier: Apache-2.0
#include "config/password_hash.h"

#include <algorithm>
#include <string>

namespace gg {
namespace {

constexpr std::string_view make_one = "make one with htpasswd -B, or mkpasswd";

struct Scheme {
  std::string_view prefix;
  std::size_t least = 0;   // characters in all
  std::size_t digest = 0;  // after the last '$'; 0: any number
};
constexpr Scheme schemes[] = {{"$2y$", 60, 53}, {"$2b$", 60, 53}, {"$2a$", 60, 53},
                              {"$5$", 47, 43},  {"$6$", 90, 86},  {"$y$", 40, 43}};

/// Made so fast that whoever has the file tries all likely passwords in minutes.
constexpr std::string_view too_fast[] = {"$apr1$", "$1$", "{SHA}", "{SSHA}"};

bool is_of_crypt(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '.' && c <= '9') || c == '$' ||
         c == '=' || c == ',';
}

}  // namespace

std::optional<Misreading> misread_password_hash(std::string_view text) {
  for (std::string_view prefix : too_fast) {
    if (text.starts_with(prefix)) {
      return Misreading{"this hash is too weak to be used: " + std::string(prefix),
                        std::string(make_one)};
    }
  }
  for (const Scheme& scheme : schemes) {
    if (!text.starts_with(scheme.prefix)) continue;
    std::size_t after = text.size() - text.rfind('$') - 1;
    bool is_whole = text.size() >= scheme.least && after == scheme.digest &&
                    std::ranges::all_of(text, is_of_crypt);
    if (is_whole) return std::nullopt;
    return Misreading{"a part of this hash is missing, or too much stands here",
                      std::string(make_one)};
  }
  return Misreading{"this is not the hash of a password", std::string(make_one)};
}

}  // namespace gg
