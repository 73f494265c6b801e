// SPDX-License-Identifier: Apache-2.0
#include "diagnose/drill/scenario.h"

#include <algorithm>

#include "diagnose/drill/scenario_rows.h"

namespace gg {

std::string_view title_of(DrillStage stage) {
  switch (stage) {
    case DrillStage::connect:
      return "Connecting";
    case DrillStage::tls:
      return "TLS";
    case DrillStage::head:
      return "The response's head";
    case DrillStage::body:
      return "The response's body";
    case DrillStage::answer:
      return "The answer";
    case DrillStage::keep_alive:
      return "Kept-alive connections";
  }
  return "";
}

std::span<const DrillScenario> drill_scenarios() { return rows::drills; }

const DrillScenario* find_drill(std::string_view name) {
  const auto* found = std::ranges::find(rows::drills, name, &DrillScenario::name);
  return found == std::end(rows::drills) ? nullptr : found;
}

std::string words_of(const DrillScenario& scenario) {
  std::string words(scenario.bytes);
  words.reserve(words.size() + scenario.repeated.size() * scenario.times + scenario.last.size());
  for (std::uint32_t i = 0; i < scenario.times; ++i) words += scenario.repeated;
  words += scenario.last;
  return words;
}

}  // namespace gg
