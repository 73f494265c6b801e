// SPDX-License-Identifier: Apache-2.0
// What `goodgate top` shows, as lines of text: pure, from what the admin interface gave.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/status_table.h"

namespace gg {

enum class TopOrder : std::uint8_t { trouble, rate, in_flight, faults, name, last = name };

struct TopView {
  std::size_t columns = 80;
  std::size_t rows = 24;
  TopOrder order = TopOrder::trouble;
  std::size_t skipped = 0;  // endpoints above the first one shown
  bool is_held = false;
  Coloring coloring = Coloring::plain;
};

struct TopFacts {
  const nlohmann::json& status;
  const nlohmann::json& before;     // the status a moment earlier, of which rates are made; or null
  const nlohmann::json& incidents;  // or null
  std::string trouble;              // why there is nothing newer; empty: there is
};

/// At most view.rows - 1 lines, none wider than view.columns.
std::vector<std::string> top_screen(const TopFacts& facts, const TopView& view);

/// "trouble", "requests per second", …
std::string_view name_of(TopOrder order);

}  // namespace gg
