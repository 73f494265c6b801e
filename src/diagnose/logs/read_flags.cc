// SPDX-License-Identifier: Apache-2.0
#include "diagnose/logs/read_flags.h"

#include "base/text.h"

namespace gg {
namespace {

using enum Fault;

constexpr Sign unknown_flag = {.code = "another flag",
                               .name = "a response flag that is not in the tables"};
constexpr Sign late_termination = {.code = "UC after the response began",
                                   .causes = {body_truncated, body_reset}};

bool is_given(std::string_view text) { return !text.empty() && text != "-"; }

/// The flag that says most: one that only says that retries were used up says nothing.
const Sign* main_flag(std::string_view flags) {
  const Sign* found = nullptr;
  while (!flags.empty()) {
    std::string_view flag = next_list_element(flags);
    const Sign* sign = find_code(envoy_flags(), flag);
    if (sign == nullptr) sign = &unknown_flag;
    if (found == nullptr || sign->is_failure) found = sign;
  }
  return found;
}

}  // namespace

void judge_flags(const EnvoyFacts& facts, ReadLine& out) {
  out.kind = LineKind::fine;
  bool is_error = out.status >= 502 && out.status <= 504;
  if (!is_given(facts.flags)) {
    if (!is_error) return;
    out.kind = LineKind::failure;
    out.sign = &sign_of_relayed_error();
    return;
  }
  const Sign* flag = main_flag(facts.flags);
  if (flag == nullptr || !flag->is_failure) return;
  out.kind = LineKind::failure;
  out.sign = flag;
  // The transport's own words are more exact than the details, and those than the flag.
  const Sign* exact =
      is_given(facts.transport) ? find_sign(envoy_details(), facts.transport) : nullptr;
  if (exact == nullptr && is_given(facts.details) && facts.details != "via_upstream") {
    exact = find_sign(envoy_details(), facts.details);
  }
  if (exact != nullptr) out.sign = exact;
  // A status of success went out before the connection broke.
  if (exact == nullptr && flag->code == "UC" && out.status >= 200 && out.status < 500) {
    out.sign = &late_termination;
  }
}

}  // namespace gg
