// SPDX-License-Identifier: Apache-2.0
#include "support/checks.h"

#include <iterator>

namespace gg {

namespace {

constexpr Check checks[] = {
    {"records", check_records},           {"delivery", check_delivery},
    {"answers", check_answers},           {"amplification", check_amplification},
    {"leftovers", check_leftovers},       {"time", check_time},
    {"explanations", check_explanations}, {"avoidable", check_avoidable},
};

}  // namespace

std::span<const Check> all_checks() { return checks; }

Complaints check_all(const History& history) {
  Complaints all;
  for (const Check& check : checks) {
    for (const std::string& complaint : check.run(history)) {
      all.push_back(std::string(check.name) + ": " + complaint);
    }
  }
  return all;
}

}  // namespace gg
