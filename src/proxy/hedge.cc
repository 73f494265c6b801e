// SPDX-License-Identifier: Apache-2.0
#include "proxy/hedge.h"

#include "base/text.h"
#include "config/units.h"

namespace gg {

HedgeRule HedgeRule::of(const HedgeConfig& config) {
  HedgeRule rule{.enabled = config.after != "off", .at_least = config.at_least};
  if (config.after.starts_with('p')) {
    std::string_view digits = std::string_view(config.after).substr(1);
    rule.percent = static_cast<std::uint32_t>(parse_number(digits).value_or(rule.percent));
  } else if (rule.enabled) {
    rule.percent = 0;
    rule.fixed = parse_duration(config.after).value_or(rule.at_least);
  }
  return rule;
}

}  // namespace gg
