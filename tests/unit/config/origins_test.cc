// SPDX-License-Identifier: Apache-2.0
#include "config/origins.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(Origins, AValueStandsWhereItsNearestKeyDoes) {
  Places places;
  places.note("upstreams.app", {.line = 3, .column = 2});
  places.note("routes[0]", {.line = 7, .column = 5, .file = 1});
  Origins origins(std::move(places), {"goodgate.yaml", "routes/a.yaml"});

  EXPECT_EQ(origins.of("upstreams.app.endpoints[0].url"), "goodgate.yaml:3");
  EXPECT_EQ(origins.of("routes[0].path"), "routes/a.yaml:7");
  EXPECT_EQ(origins.of("threads"), "");
}

TEST(Origins, TheFirstPlaceOfAKeyCounts) {
  Places places;
  places.note("name", {.line = 1, .column = 1});
  places.note("name", {.line = 9, .column = 1});

  EXPECT_EQ(places.find("name").line, 1);
}

}  // namespace
}  // namespace gg
