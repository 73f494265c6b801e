// SPDX-License-Identifier: Apache-2.0
#include "config/values_in_force.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/load.h"

namespace gg {
namespace {

class ValuesInForceTest : public testing::Test {
 protected:
  void load(std::string_view text) {
    LoadResult loaded = load_config(text, "test.yaml");
    ASSERT_TRUE(loaded.has_value());
    values_ = values_in_force(*loaded->config);
  }
  std::string place(std::string_view key) const {
    return std::ranges::find(values_, key, &ValueInForce::key)->place;
  }
  /// "text", "text (default)", or "" if there is none of that key.
  std::string value(std::string_view key) const {
    auto found = std::ranges::find(values_, key, &ValueInForce::key);
    if (found == values_.end()) return "";
    return found->text + (found->is_default ? " (default)" : "");
  }

 private:
  std::vector<ValueInForce> values_;
};

TEST_F(ValuesInForceTest, EachHasItsKeyAndItsOrigin) {
  load(
      "listeners: [\":8080\"]\n"
      "limits: { fields: 99 }\n"
      "trusted_proxies: [10.0.0.0/8]\n"
      "upstreams: { app: { endpoints: [\"http://10.0.0.1:3000\"], balance: random } }\n");

  EXPECT_EQ(value("limits.fields"), "99");
  EXPECT_EQ(value("limits.head"), "64KiB (default)");
  EXPECT_EQ(value("listeners[0].address"), ":8080");
  EXPECT_EQ(value("trusted_proxies"), "[10.0.0.0/8]");
  EXPECT_EQ(value("upstreams.app.endpoints[0].url"), "http://10.0.0.1:3000");
  EXPECT_EQ(value("upstreams.app.endpoints[0].weight"), "1 (default)");
  EXPECT_EQ(value("admin.address"), "127.0.0.1:9502 (default)");
  EXPECT_EQ(value("admin.token_file"), "");
}

TEST_F(ValuesInForceTest, WhatTheFileGivesHasItsPlaceThere) {
  load(
      "listeners: [\":8080\"]\n"
      "limits: { fields: 99 }\n"
      "upstreams: { app: \"http://10.0.0.1:3000\" }\n");

  EXPECT_EQ(place("limits.fields"), "test.yaml:2");
  EXPECT_EQ(place("limits.head"), "");
  EXPECT_EQ(place("upstreams.app.endpoints[0].url"), "test.yaml:3");
}

TEST_F(ValuesInForceTest, SecretsAreNotTold) {
  load(
      "listeners: [\":8080\"]\n"
      "upstreams:\n"
      "  app:\n"
      "    endpoints: [\"http://10.0.0.1:3000\"]\n"
      "    balance: { algorithm: random, sticky: { cookie: c, secret: hush-hush-hush-hush } }\n");

  EXPECT_EQ(value("upstreams.app.balance.sticky.cookie"), "c");
  EXPECT_EQ(value("upstreams.app.balance.sticky.secret"), "…");
}

}  // namespace
}  // namespace gg
