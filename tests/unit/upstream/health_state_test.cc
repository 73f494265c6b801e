// SPDX-License-Identifier: Apache-2.0
#include "upstream/health/health_state.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

constexpr Instant now{Duration(1000h)};

TEST(HealthState, AllOfItComesBackFromItsBits) {
  HealthState state{.standing = Standing::recovering,
                    .reason = HealthReason::added,
                    .is_draining = true,
                    .is_withdrawn = true,
                    .faults_in_a_row = 1023,
                    .step = 31,
                    .at = now + 3600s};

  EXPECT_EQ(unpack(pack(state), now), state);
}

TEST(HealthState, AMomentIsKeptToTheMillisecondAfterIt) {
  HealthState state{.standing = Standing::out, .at = now + 1500us};

  EXPECT_EQ(unpack(pack(state), now).at, now + 2ms);
}

TEST(HealthState, MomentsBeforeAndAfterNowAreToldApartForAYear) {
  HealthState before{.standing = Standing::out, .at = now - 24h * 300};
  HealthState after{.standing = Standing::out, .at = now + 24h * 300};

  EXPECT_EQ(unpack(pack(before), now).at, before.at);
  EXPECT_EQ(unpack(pack(after), now).at, after.at);
}

TEST(HealthState, AMachineThatRunsForYearsChangesNothing) {
  Instant late{24h * 365 * 9};
  HealthState state{.standing = Standing::out, .at = late + 60s};

  EXPECT_EQ(unpack(pack(state), late).at, state.at);
}

TEST(HealthState, OneBitIsNotTakenForAnother) {
  HealthState withdrawn{.standing = Standing::out, .is_withdrawn = true, .at = now - 24h * 300};

  EXPECT_EQ(unpack(pack(withdrawn), now), withdrawn);
}

TEST(HealthState, ZeroIsAnEndpointThatIsUp) {
  HealthState state = unpack(0, now);

  EXPECT_EQ(state.standing, Standing::up);
  EXPECT_EQ(state.faults_in_a_row, 0);
  EXPECT_FALSE(state.is_draining);
}

TEST(HealthState, OnlyOneThatIsUpWithoutAnyFaultIsPlain) {
  EXPECT_TRUE(is_plain(pack({})));
  EXPECT_TRUE(is_plain(pack({.reason = HealthReason::ramp_ended, .at = now})));
  EXPECT_FALSE(is_plain(pack({.standing = Standing::grey})));
  EXPECT_FALSE(is_plain(pack({.standing = Standing::recovering})));
  EXPECT_FALSE(is_plain(pack({.is_draining = true})));
  EXPECT_FALSE(is_plain(pack({.is_withdrawn = true})));
  EXPECT_FALSE(is_plain(pack({.faults_in_a_row = 1})));
}

}  // namespace
}  // namespace gg
