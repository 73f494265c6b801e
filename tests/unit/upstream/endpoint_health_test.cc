// SPDX-License-Identifier: Apache-2.0
#include "upstream/endpoint_health.h"

#include <gtest/gtest.h>

#include <optional>

namespace gg {
namespace {

/// One endpoint of two, as two workers see it.
class EndpointHealthTest : public testing::Test {
 protected:
  EndpointHealthTest() {
    for (const char* host : {"10.0.0.1", "10.0.0.2"}) {
      settings_.endpoints.push_back(
          {.url = {.scheme = Scheme::http, .host = host, .port = 80, .path = {}}});
    }
    pool_.emplace(settings_, nullptr, nullptr, now_);
    one_.emplace(*pool_, 0U);
    two_.emplace(*pool_, 0U);
  }
  void fail(EndpointHealth& health, Fault fault) {
    HealthTicket ticket(health, now_);
    ticket.failed(fault, {}, now_);
    ticket.ended(now_);
  }
  void answer(EndpointHealth& health) {
    HealthTicket ticket(health, now_);
    ticket.answered(200, 1ms, now_);
    ticket.ended(now_);
  }
  Standing standing() { return one_->state(now_).standing; }
  void pass(Duration time) { now_ = now_ + time; }

  Instant now_{1h};
  UpstreamConfig settings_{.name = "app"};
  std::optional<PoolHealth> pool_;
  std::optional<EndpointHealth> one_;
  std::optional<EndpointHealth> two_;
};

TEST_F(EndpointHealthTest, WhatOneWorkerMeetsActsForAllAtOnce) {
  fail(*one_, Fault::connect_refused);

  EXPECT_FALSE(two_->may_be_used(now_));
}

TEST_F(EndpointHealthTest, FaultsInARowAreCountedOverAllWorkers) {
  for (int i = 0; i < 2; ++i) fail(*one_, Fault::head_timeout);
  for (int i = 0; i < 2; ++i) fail(*two_, Fault::closed_before_head);
  EXPECT_EQ(standing(), Standing::up);

  fail(*two_, Fault::head_incomplete);

  EXPECT_EQ(standing(), Standing::out);
  EXPECT_EQ(one_->grounds().fault, Fault::head_incomplete);
  EXPECT_EQ(one_->grounds().figures.first, 5U);
}

TEST_F(EndpointHealthTest, AnAnswerThatAnotherWorkerSawForgivesFaults) {
  for (int i = 0; i < 4; ++i) fail(*one_, Fault::head_timeout);
  answer(*two_);
  for (int i = 0; i < 4; ++i) fail(*one_, Fault::head_timeout);

  EXPECT_EQ(standing(), Standing::up);
}

TEST_F(EndpointHealthTest, OnlyOneWorkerSendsTheProbe) {
  fail(*one_, Fault::connect_refused);
  pass(1s);
  ASSERT_TRUE(one_->is_due_for_probe(now_));
  ASSERT_TRUE(two_->is_due_for_probe(now_));

  EXPECT_TRUE(two_->claim_probe(now_));
  EXPECT_FALSE(one_->claim_probe(now_));
}

TEST_F(EndpointHealthTest, TheProbesOutcomeIsEverybodys) {
  fail(*one_, Fault::connect_refused);
  pass(1s);
  ASSERT_TRUE(two_->claim_probe(now_));

  answer(*two_);

  EXPECT_EQ(one_->state(now_).standing, Standing::recovering);
}

TEST_F(EndpointHealthTest, AProbeWhoseClientLeftIsFollowedByAnother) {
  fail(*one_, Fault::connect_refused);
  pass(1s);
  ASSERT_TRUE(one_->claim_probe(now_));
  HealthTicket ticket(*one_, now_);
  ticket.failed(Fault::client_gone_while_waiting, {}, now_);
  EXPECT_FALSE(two_->is_due_for_probe(now_));

  ticket.ended(now_);

  EXPECT_TRUE(two_->is_due_for_probe(now_));
}

TEST_F(EndpointHealthTest, ClientsThatLeaveSayNothing) {
  for (int i = 0; i < 50; ++i) fail(*one_, Fault::client_gone_while_waiting);

  EXPECT_EQ(pool_->word(0), 0U);
}

TEST_F(EndpointHealthTest, AnAnswerOfAHealthyEndpointChangesNothing) {
  answer(*one_);

  EXPECT_EQ(pool_->word(0), 0U);
}

TEST_F(EndpointHealthTest, ADrainingEndpointSaysSo) {
  EXPECT_FALSE(one_->is_draining());
  pool_->change(0, now_, {}, [](HealthState state) {
    state.is_draining = true;
    return state;
  });

  EXPECT_TRUE(two_->is_draining());
  EXPECT_FALSE(two_->may_be_used(now_));
}

TEST_F(EndpointHealthTest, OneThatWhatNamesItHasDrainedSaysSo) {
  pool_->withdraw(0, true, now_);

  EXPECT_TRUE(two_->is_draining());
  EXPECT_FALSE(two_->may_be_used(now_));
}

}  // namespace
}  // namespace gg
