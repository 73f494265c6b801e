// SPDX-License-Identifier: Apache-2.0
#include "diagnose/codes/sign.h"

#include "base/text.h"

namespace gg {
namespace {

bool bears(const Sign& sign, std::string_view message, bool anywhere) {
  bool floats = sign.code.starts_with('*');
  std::string_view code = floats ? sign.code.substr(1) : sign.code;
  bool has_code =
      floats || anywhere ? message.find(code) != std::string_view::npos : message.starts_with(code);
  return has_code && (sign.also.empty() || message.find(sign.also) != std::string_view::npos);
}

}  // namespace

std::span<const Fault> causes_of(const Sign& sign) {
  std::size_t count = 0;
  while (count < causes_max && sign.causes[count] != Fault::none) ++count;
  return {sign.causes.data(), count};
}

const Sign* find_sign(std::span<const Sign> table, std::string_view message, bool anywhere) {
  for (const Sign& sign : table) {
    if (bears(sign, message, anywhere)) return &sign;
  }
  return nullptr;
}

const Sign* find_code(std::span<const Sign> table, std::string_view code, bool exact) {
  for (const Sign& sign : table) {
    if (exact ? sign.code == code : equal_ignoring_case(sign.code, code)) return &sign;
  }
  return nullptr;
}

}  // namespace gg
