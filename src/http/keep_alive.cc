// SPDX-License-Identifier: Apache-2.0
#include "http/keep_alive.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "base/text.h"

namespace gg {
namespace {

constexpr std::uint64_t longest_timeout = 24 * 60 * 60;  // in seconds; more is a day too
constexpr std::uint64_t largest_max = std::numeric_limits<std::uint32_t>::max();

template <class Value>
void keep_smaller(std::optional<Value>& kept, Value value) {
  kept = kept ? std::min(*kept, value) : value;
}

void note_parameter(std::string_view parameter, KeepAliveTerms& terms) {
  std::size_t equals = parameter.find('=');
  if (equals == std::string_view::npos) return;
  std::string_view name = trim(parameter.substr(0, equals));
  std::optional<std::uint64_t> number = parse_number(trim(parameter.substr(equals + 1)));
  if (!number) return;
  if (equal_ignoring_case(name, "timeout")) {
    std::uint64_t seconds = std::min(*number, longest_timeout);
    keep_smaller(terms.timeout, Duration(std::chrono::seconds(seconds)));
  } else if (equal_ignoring_case(name, "max")) {
    keep_smaller(terms.max, static_cast<std::uint32_t>(std::min(*number, largest_max)));
  }
}

}  // namespace

KeepAliveTerms keep_alive_terms_of(const Fields& fields) {
  KeepAliveTerms terms;
  for (const Field& field : fields.all()) {
    if (field.id != FieldName::keep_alive) continue;
    std::string_view list = field.value;
    std::string_view parameter;
    while (!(parameter = next_list_element(list)).empty()) note_parameter(parameter, terms);
  }
  return terms;
}

}  // namespace gg
