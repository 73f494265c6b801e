// SPDX-License-Identifier: Apache-2.0
#include "config/reader.h"

#include <gtest/gtest.h>

#include "config/model.h"

namespace gg {
namespace {

struct Reading {
  Config config;
  Places places;
  std::vector<Complaint> complaints;
};

Reading read(std::string_view text) {
  Reading reading;
  ComplaintList complaints("f", text);
  std::optional<YamlNode> root = parse_yaml(text, complaints);
  if (root) {
    read_section(*root, root_section(), &reading.config, "", reading.places, complaints);
  }
  reading.complaints = complaints.take();
  return reading;
}

TEST(Reader, WhatIsNotGivenKeepsItsDefault) {
  Reading reading = read("threads: 3\n");

  Config expected;
  expected.threads = 3;
  EXPECT_EQ(reading.config, expected);
}

TEST(Reader, AListThatIsGivenReplacesItsDefault) {
  Reading reading = read("routes: { retry: { on: [reset] } }\n");

  ASSERT_EQ(reading.config.routes.size(), 1U);
  std::vector<RetryOn> expected = {{RetryOn::Kind::reset, 0}};
  EXPECT_EQ(reading.config.routes[0].retry.on, expected);
}

TEST(Reader, PlacesKnowWhatWasGivenAndWhere) {
  Reading reading = read("upstreams:\n  app:\n    timeouts: { connect: 1s }\n");

  EXPECT_TRUE(reading.places.has("upstreams.app.timeouts.connect"));
  EXPECT_FALSE(reading.places.has("upstreams.app.timeouts.idle"));
  EXPECT_EQ(reading.places.find("upstreams.app.timeouts.connect"), (Mark{3, 26}));
  EXPECT_EQ(reading.places.find("upstreams.app.timeouts.idle"), (Mark{3, 15}));
  EXPECT_EQ(reading.places.find("nothing"), Mark{});
}

TEST(Reader, AWordAndItsTextAreToldApart) {
  Reading reading = read("routes: [{ path: prefix }, { path: { exact: /prefix } }]\n");

  ASSERT_EQ(reading.config.routes.size(), 2U);
  EXPECT_EQ(reading.config.routes[1].path, (PathMatch{PathMatch::Kind::exact, "/prefix"}));
  EXPECT_EQ(reading.complaints.back().problem, "\"prefix\" is not a path");
}

TEST(Reader, OneWrongValueDoesNotHideAnother) {
  Reading reading = read("threads: many\nlimits: { fields: few }\ntimeouts: { idle: 3 }\n");

  ASSERT_EQ(reading.complaints.size(), 5U);  // listeners and upstreams are missing too
  EXPECT_EQ(reading.complaints[2].path, "threads");
  EXPECT_EQ(reading.complaints[3].path, "limits.fields");
  EXPECT_EQ(reading.complaints[4].path, "timeouts.idle");
}

}  // namespace
}  // namespace gg
