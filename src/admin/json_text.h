// SPDX-License-Identifier: Apache-2.0
// JSON as the interface writes it: bytes that are no UTF-8 (clients may send any, a Unix path may
// have them) are replaced, never fatal.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace gg {

/// A page: for people, too.
inline std::string json_page_text(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

/// In one line, without its end.
inline std::string json_line_text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace gg
