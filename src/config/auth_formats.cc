// SPDX-License-Identifier: Apache-2.0
// The notations of basic authentication: names, hashes of passwords, realms.
#include <fmt/format.h>

#include <algorithm>

#include "config/formats.h"
#include "config/password_hash.h"
#include "config/rules_model.h"

namespace gg {
namespace {

bool is_plain_line(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return static_cast<unsigned char>(c) >= 0x20U && c != 0x7F; });
}

std::optional<Misreading> parse_user_name(std::string_view text, void* value) {
  bool is_usable = !text.empty() && is_plain_line(text) && !text.contains(':');
  if (!is_usable) {
    return Misreading{in_quotes(text) + " is not a user's name", "write one line without a colon"};
  }
  *static_cast<std::string*>(value) = text;
  return std::nullopt;
}

std::optional<Misreading> parse_password_hash(std::string_view text, void* value) {
  std::optional<Misreading> misread = misread_password_hash(text);
  if (!misread) static_cast<BasicUser*>(value)->text = text;
  return misread;
}

/// In quotes in a header, where nothing needs an escape then.
std::optional<Misreading> parse_realm(std::string_view text, void* value) {
  bool is_usable =
      !text.empty() && is_plain_line(text) && text.find_first_of("\"\\") == std::string_view::npos;
  if (!is_usable) {
    return Misreading{in_quotes(text) + " is not a realm",
                      "write one line without quotes and backslashes"};
  }
  *static_cast<std::string*>(value) = text;
  return std::nullopt;
}

std::string print_string(const void* value) { return *static_cast<const std::string*>(value); }

}  // namespace

const Format user_name_format = {"name", "a user's name", "^[^:]+$", parse_user_name, print_string};

const Format password_hash_format = {
    "hash", "as htpasswd -B or mkpasswd make it", "^[$]", parse_password_hash,
    [](const void* value) { return static_cast<const BasicUser*>(value)->text; }};

const Format realm_format = {"text", "one line without quotes", "", parse_realm, print_string};

}  // namespace gg
