// SPDX-License-Identifier: Apache-2.0
#include "admin/config_json.h"

#include <nlohmann/json.hpp>

#include "admin/json_text.h"
#include "config/values_in_force.h"

namespace gg {

std::string config_json(const Config& config, const std::string& path) {
  using Json = nlohmann::ordered_json;
  Json values = Json::array();
  for (const ValueInForce& value : values_in_force(config)) {
    values.push_back({{"key", value.key},
                      {"value", value.text},
                      {"origin", value.is_default ? "default" : "given"},
                      {"place", value.place}});
  }
  Json json = {{"file", path}, {"values", std::move(values)}};
  return json_page_text(json);
}

}  // namespace gg
