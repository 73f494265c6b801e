// SPDX-License-Identifier: Apache-2.0
// The weights by which clients say what they like better (RFC 9110 12.4.2). Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "base/text.h"

namespace gg {

/// The weight among the parameters of a list's element ("; charset=utf-8; q=0.7", with or without
/// its first semicolon), in thousandths. 1000 where there is none, or none that can be read.
constexpr int quality_of(std::string_view parameters) {
  constexpr int whole = 1000;
  constexpr std::string_view least_text = "q=0";
  while (!parameters.empty()) {
    std::size_t end = std::min(parameters.find(';'), parameters.size());
    std::string_view parameter = trim(parameters.substr(0, end));
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
    bool is_weight = parameter.size() >= least_text.size() && ascii_lower(parameter[0]) == 'q' &&
                     parameter[1] == '=';
    if (!is_weight) continue;
    if (parameter[2] != '0') return whole;
    std::string_view digits = parameter.substr(std::min<std::size_t>(4, parameter.size()), 3);
    int weight = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      weight = weight * 10 + (i < digits.size() && is_digit(digits[i]) ? digits[i] - '0' : 0);
    }
    return weight;
  }
  return whole;
}

}  // namespace gg
