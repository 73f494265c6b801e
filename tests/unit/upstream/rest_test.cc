// SPDX-License-Identifier: Apache-2.0
#include "upstream/health/rest.h"

#include <gtest/gtest.h>

#include <string>

namespace gg {
namespace {

/// Sun, 06 Nov 1994 08:49:37 GMT
constexpr WallTime now{.microseconds = 784'111'777'000'000};

struct Row {
  const char* value;
  std::optional<Duration> asked;
};

TEST(RetryAfter, IsReadAsSecondsOrAsADate) {
  const Row rows[] = {
      {"1", 1s},
      {"120", 120s},
      {" 5 ", 5s},
      {"Sun, 06 Nov 1994 08:49:38 GMT", 1s},
      {"Sun, 06 Nov 1994 09:49:37 GMT", 1h},
      {"Mon, 01 Jan 2035 00:00:00 GMT", 24h},
      {"86401", 24h},
      {"99999999999999999999999999", 24h},
  };
  for (const Row& row : rows) EXPECT_EQ(retry_after_of(row.value, now), row.asked) << row.value;
}

TEST(RetryAfter, ThatMakesNoSenseOrAsksForNothingIsNone) {
  const char* values[] = {"",
                          "0",
                          "000",
                          "-1",
                          "+5",
                          "1.5",
                          "5s",
                          "0x10",
                          "soon",
                          "5, 5",
                          "Sun, 06 Nov 1994 08:49:37 GMT",
                          "Sun, 06 Nov 1994 08:49:36 GMT",
                          "Thu, 01 Jan 1970 00:00:00 GMT",
                          "Sun, 06 Nov 1994 08:49:99 GMT",
                          "Sun, 40 Nov 1995 08:49:37 GMT",
                          "Sun, 06 ovD 1995 08:49:37 GMT",
                          "Sun, 06 Nov 1995 08:49:37 CET",
                          "Sun, 06 Nov -995 08:49:37 GMT",
                          "Sun Nov  6 08:49:37 1995",
                          "Sunday, 06-Nov-95 08:49:37 GMT"};
  for (const char* value : values) EXPECT_EQ(retry_after_of(value, now), std::nullopt) << value;
}

struct RestRow {
  RestQuestion question;
  Duration rest;
};

TEST(Rest, IsBoundedAndNeverForTheLast) {
  const RestRow rows[] = {
      // As asked, up to the bound.
      {{.asked = 1s, .endpoints = 2}, 1s},
      {{.asked = 10s, .endpoints = 2}, 10s},
      {{.asked = 24h, .endpoints = 2}, 10s},
      // Nobody is left alone who is alone.
      {{.asked = 5s, .endpoints = 1}, 0s},
      {{.asked = 5s, .endpoints = 2, .others_away = 1}, 0s},
      {{.asked = 5s, .endpoints = 3, .others_away = 2}, 0s},
      // One may rest however few there are; several only as many as may be away.
      {{.asked = 5s, .endpoints = 3, .at_most = 0.1}, 5s},
      {{.asked = 5s, .endpoints = 3, .others_away = 1}, 0s},
      {{.asked = 5s, .endpoints = 4, .others_away = 1}, 5s},
      {{.asked = 5s, .endpoints = 4, .others_away = 2}, 0s},
      {{.asked = 5s, .endpoints = 4, .others_away = 2, .at_most = 1}, 5s},
      {{.asked = 5s, .endpoints = 4, .others_away = 3, .at_most = 1}, 0s},
      {{.asked = 5s, .endpoints = 4, .at_most = 0}, 0s},
  };
  for (const RestRow& row : rows) {
    const RestQuestion& q = row.question;
    EXPECT_EQ(rest_for(q), row.rest) << q.endpoints << " endpoints, " << q.others_away << " away";
  }
}

}  // namespace
}  // namespace gg
