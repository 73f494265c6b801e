// SPDX-License-Identifier: Apache-2.0
// Reading what the admin interface gave, of whatever version: what is missing is nothing.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace gg {

/// 0 where there is none.
inline std::uint64_t number(const nlohmann::json& object, const char* key) {
  return object.is_object() ? object.value(key, std::uint64_t{0}) : 0;
}

/// Empty where there is none.
inline std::string text(const nlohmann::json& object, const char* key) {
  return object.is_object() ? object.value(key, std::string()) : "";
}

/// Null where there is none.
inline nlohmann::json part(const nlohmann::json& object, const char* key) {
  return object.is_object() && object.contains(key) ? object[key] : nlohmann::json();
}

}  // namespace gg
