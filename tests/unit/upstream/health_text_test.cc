// SPDX-License-Identifier: Apache-2.0
#include "upstream/health/health_text.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

using Reason = HealthReason;

TEST(HealthText, ATimeIsShort) {
  EXPECT_EQ(time_text(400us), "1 ms");
  EXPECT_EQ(time_text(250ms), "250 ms");
  EXPECT_EQ(time_text(2s), "2 s");
  EXPECT_EQ(time_text(1540ms), "1.5 s");
}

TEST(HealthText, AStandingIsAWord) {
  EXPECT_EQ(standing_text({}), "up");
  EXPECT_EQ(standing_text({.standing = Standing::grey}), "slow");
  EXPECT_EQ(standing_text({.standing = Standing::out}), "ejected");
  EXPECT_EQ(standing_text({.standing = Standing::out, .is_draining = true}), "draining");
}

TEST(HealthText, EveryReasonSaysItsFigures) {
  EXPECT_EQ(reason_text(Reason::none, Fault::none, {}), "");
  EXPECT_EQ(reason_text(Reason::unreachable, Fault::connect_refused, {1, 0}), "connect_refused");
  EXPECT_EQ(reason_text(Reason::faults_in_a_row, Fault::head_timeout, {5, 0}),
            "5 faults in a row, the last head_timeout");
  EXPECT_EQ(reason_text(Reason::failure_rate, Fault::none, {42, 1}),
            "42 % of its requests failed, 1 % of the others'");
  EXPECT_EQ(reason_text(Reason::slow, Fault::none, {500'000, 10'000}),
            "answers took 500 ms, the others' 10 ms");
  EXPECT_EQ(reason_text(Reason::hanging, Fault::none, {3, 1'200'000}),
            "3 requests have waited 1.2 s without a byte");
  EXPECT_EQ(reason_text(Reason::outrun, Fault::none, {5, 30'000}),
            "5 requests in a row were answered elsewhere sooner, the last after 30 ms");
  EXPECT_EQ(reason_text(Reason::going_away, Fault::none, {4, 0}),
            "it closed 4 connections in a row");
  EXPECT_EQ(reason_text(Reason::checks_failed, Fault::none, {3, 0}), "3 checks in a row failed");
  EXPECT_EQ(reason_text(Reason::checks_passed, Fault::none, {2, 0}), "2 checks in a row passed");
}

TEST(HealthText, AChangeIsALine) {
  HealthEvent event{
      .upstream = "app",
      .endpoint = "10.0.0.1:3000",
      .from = {},
      .to = {.standing = Standing::out, .reason = Reason::unreachable, .at = Instant{61s}},
      .fault = Fault::connect_refused,
      .figures = {1, 0},
      .now = Instant{60s}};
  EXPECT_EQ(event_text(event), "10.0.0.1:3000 of app is ejected for 1 s, was up: connect_refused");

  event.from = event.to;
  event.to = {.standing = Standing::recovering, .reason = Reason::answered};
  EXPECT_EQ(event_text(event), "10.0.0.1:3000 of app is recovering, was ejected: it answered");
}

TEST(HealthText, EveryOtherReasonIsASentence) {
  EXPECT_NE(reason_text(Reason::probe_sent, Fault::none, {}), "");
  EXPECT_NE(reason_text(Reason::probe_unheard, Fault::none, {}), "");
  EXPECT_NE(reason_text(Reason::answered, Fault::none, {}), "");
  EXPECT_NE(reason_text(Reason::can_be_reached, Fault::none, {}), "");
  EXPECT_NE(reason_text(Reason::ramp_ended, Fault::none, {}), "");
  EXPECT_NE(reason_text(Reason::added, Fault::none, {}), "");
}

}  // namespace
}  // namespace gg
