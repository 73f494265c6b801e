// SPDX-License-Identifier: Apache-2.0
#include "gate/tls_news.h"

#include <gtest/gtest.h>

namespace gg {

namespace {

using Lines = std::vector<std::string>;
constexpr WallTime now{1'767'225'600'000'000};
constexpr Instant at(Duration time) { return Instant{} + time; }

TEST(TlsNews, SaysFailuresOnceAndNotMoreThanEveryTenSeconds) {
  TlsNews news({});
  TlsFailureCounts failures{};
  failures[static_cast<std::size_t>(TlsFailure::alert)] = 2;
  failures[tls_failure_count] = 1;

  EXPECT_EQ(news.look(at(1s), now, failures),
            (Lines{"TLS handshakes with clients failed: 2 alert, 1 crowded_out"}));
  EXPECT_EQ(news.look(at(2s), now, failures), Lines{});
  failures[static_cast<std::size_t>(TlsFailure::alert)] = 5;
  EXPECT_EQ(news.look(at(3s), now, failures), Lines{});
  EXPECT_EQ(news.look(at(11s), now, failures),
            (Lines{"TLS handshakes with clients failed: 3 alert"}));
}

TEST(TlsNews, SaysOnceADayWhichCertificatesWillExpire) {
  constexpr std::int64_t day = 86'400'000'000;
  TlsNews news({{.file = "late.pem", .time = {now.microseconds + 20 * day}},
                {.file = "soon.pem", .time = {now.microseconds + 2 * day + 1}}});

  EXPECT_EQ(news.look(at(1s), now, {}),
            (Lines{"soon.pem expires in 2 days, on 2026-01-03 00:00:00 UTC"}));
  EXPECT_EQ(news.look(at(1h), now, {}), Lines{});
  EXPECT_EQ(news.look(at(25h), now, {}).size(), 1U);
}

}  // namespace

}  // namespace gg
