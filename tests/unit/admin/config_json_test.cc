// SPDX-License-Identifier: Apache-2.0
#include "admin/config_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace gg {
namespace {

TEST(ConfigJson, TellsEachValueAndWhereItComesFrom) {
  Config config;
  config.limits.fields = 99;

  nlohmann::json json = nlohmann::json::parse(config_json(config, "/etc/g.yaml"));

  EXPECT_EQ(json["file"], "/etc/g.yaml");
  std::map<std::string, nlohmann::json> values;
  for (const nlohmann::json& value : json["values"]) values[value["key"]] = value;
  EXPECT_EQ(values["limits.fields"]["value"], "99");
  EXPECT_EQ(values["limits.fields"]["origin"], "given");
  EXPECT_EQ(values["limits.head"]["origin"], "default");
  EXPECT_EQ(values["limits.head"]["place"], "");
}

}  // namespace
}  // namespace gg
