// SPDX-License-Identifier: Apache-2.0
// What the gateway does beyond failing over: hedging, racing connections, holding back, sending
// bodies again.
#include <gtest/gtest.h>

#include "support/world.h"

namespace gg {

namespace {

using First = SimBehaviour::First;
using Framing = SimBehaviour::Framing;
using How = SimOutcome::How;
using Stop = SimBehaviour::Stop;

/// A world whose first origin gets every request first.
class Saving : public testing::Test {
 protected:
  Saving() { world_.prefer(0); }

  void expect_answer(const SimOutcome& outcome) {
    EXPECT_EQ(outcome.how, How::whole);
    EXPECT_EQ(outcome.status, 200);
    EXPECT_NE(outcome.origin, 0U);
    EXPECT_EQ(world_.last_record().fault, Fault::none);
  }
  /// So many quick answers, by which the gateway learns what is usual.
  void learn(std::size_t requests) {
    for (std::size_t i = 0; i < requests; ++i) world_.ask({});
  }
  static Duration time_of(const SimOutcome& outcome) { return outcome.ended - outcome.began; }

  World world_{Seed{11}, {.origins = 3}};
};

// Hedging
// ---------------------------------------------------------------------------------------

TEST_F(Saving, AGetToAHangingEndpointIsAnsweredByAnotherOne) {
  world_.origin(0).always({.hangs = true});

  const SimOutcome& outcome = world_.ask({});

  expect_answer(outcome);
  EXPECT_LT(time_of(outcome), 600ms);
  EXPECT_TRUE(world_.last_record().attempts.front().lost);
}

TEST_F(Saving, AHedgeStartsSoonerOnceTheUsualTimesAreKnown) {
  learn(40);
  world_.origin(0).always({.hangs = true});

  const SimOutcome& outcome = world_.ask({});

  expect_answer(outcome);
  EXPECT_LT(time_of(outcome), 150ms);
}

TEST_F(Saving, APostIsNeverHedged) {
  learn(40);
  world_.origin(0).always({.delay = 2s});

  const SimOutcome& outcome = world_.ask({.method = "POST", .body = 100});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_GE(time_of(outcome), 2s);
  EXPECT_EQ(world_.times_seen(outcome.id), 1U);
}

TEST_F(Saving, APutWithItsBodyIsHedged) {
  learn(40);
  world_.origin(0).always({.hangs = true});

  const SimOutcome& outcome = world_.ask({.method = "PUT", .body = 30'000});

  expect_answer(outcome);
  EXPECT_LT(time_of(outcome), 1s);
}

TEST_F(Saving, TheSlowerAnswerIsGivenWhenTheHedgeFails) {
  learn(40);
  world_.origin(0).always({.delay = 500ms});
  world_.origin(1).crash();
  world_.origin(2).crash();

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.origin, 0U);
}

TEST_F(Saving, AHedgeThatIsSwitchedOffDoesNotHappen) {
  world_.route().hedge.after = "off";
  world_.origin(0).always({.delay = 2s});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.origin, 0U);
  EXPECT_GE(time_of(outcome), 2s);
  EXPECT_EQ(world_.times_seen(outcome.id), 1U);
}

TEST_F(Saving, ADribbledHeadIsHedged) {
  learn(40);
  world_.origin(0).always({.piece = 1, .pause = 100ms});

  const SimOutcome& outcome = world_.ask({});

  expect_answer(outcome);
  EXPECT_LT(time_of(outcome), 1s);
}

TEST_F(Saving, AGetWhoseTimeIsHalfOverIsHedgedHoweverSlowOthersWere) {
  world_.route().timeout = 2500ms;
  world_.route().hedge.at_most = {0};  // so that only the retry budget can pay
  world_.always({.delay = 1500ms});
  learn(40);
  world_.always({});
  world_.origin(0).always({.hangs = true});

  const SimOutcome& outcome = world_.ask({});

  expect_answer(outcome);
}

TEST_F(Saving, AGetThatOnlyTheBudgetLeftWaitingUntilItsTimeWasUpSaysSo) {
  world_.route().timeout = 2s;
  world_.upstream().retry_budget = {.share = {0}, .over = 10s, .floor = {0, 1s}};
  world_.origin(0).always({.hangs = true});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.status, 504);
  EXPECT_EQ(world_.last_record().fault, Fault::exchange_deadline);
  EXPECT_EQ(world_.last_record().verdict, Retry::no_budget_left);
}

TEST_F(Saving, WhenEveryAttemptFailsTheClientIsToldOnce) {
  learn(40);
  world_.origin(0).always({.first = First::reset, .delay = 200ms});
  world_.origin(1).always({.first = First::reset, .delay = 200ms});
  world_.origin(2).always({.first = First::reset, .delay = 200ms});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.status, 502);
  EXPECT_EQ(world_.last_record().fault, Fault::closed_before_head);
}

// Connections
// -----------------------------------------------------------------------------------

TEST_F(Saving, ABlackHoleCostsAGetAFractionOfASecond) {
  world_.network().black_hole(world_.origin(0).address());

  const SimOutcome& outcome = world_.ask({});

  expect_answer(outcome);
  EXPECT_LT(time_of(outcome), 400ms);
}

TEST_F(Saving, ABlackHoleCostsAPostNoMore) {
  world_.network().black_hole(world_.origin(0).address());

  const SimOutcome& outcome = world_.ask({.method = "POST", .body = 5'000});

  expect_answer(outcome);
  EXPECT_LT(time_of(outcome), 400ms);
  EXPECT_EQ(world_.times_seen(outcome.id), 1U);
}

TEST(Race, APostThatWasSentOnOneOfThreeConnectionsIsSentOnNoOther) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    World world(Seed{seed}, {.origins = 3});
    world.prefer(0);
    world.route().retry.attempts = 6;
    world.network().black_hole(world.origin(0).address());
    world.origin(1).crash();
    world.origin(2).always({.first = First::reset});

    const SimOutcome& outcome = world.ask({.method = "POST"});

    EXPECT_GE(outcome.status, 502);
    EXPECT_LE(world.times_seen(outcome.id), 1U) << "seed " << seed;
  }
}

// Bodies of responses
// ---------------------------------------------------------------------------

TEST_F(Saving, AnEarlyTruncationIsRescued) {
  world_.origin(0).always({.body = 50'000, .stop_after = 20'000});

  const SimOutcome& outcome = world_.ask({});

  expect_answer(outcome);
  EXPECT_EQ(world_.last_record().attempts.front().fault, Fault::body_truncated);
}

TEST_F(Saving, ABadChunkIsRescued) {
  world_.origin(0).always(
      {.raw = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nnonsense\r\n"});

  const SimOutcome& outcome = world_.ask({});

  expect_answer(outcome);
  EXPECT_EQ(world_.last_record().attempts.front().fault, Fault::body_bad_chunk);
}

TEST_F(Saving, APostWhoseAnswerIsTruncatedGetsAnErrorAndNoSecondDelivery) {
  world_.origin(0).always({.body = 50'000, .stop_after = 20'000});

  const SimOutcome& outcome = world_.ask({.method = "POST", .body = 10});

  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_EQ(outcome.status, 502);
  EXPECT_EQ(world_.times_seen(outcome.id), 1U);
}

TEST_F(Saving, AnAnswerThatComesSlowlyIsHeldBackForAMomentOnly) {
  world_.origin(0).always({.body = 10'000, .piece = 1'000, .pause = 1s});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_LT(world_.last_record().committed, 200ms);
}

TEST_F(Saving, WithoutHoldingBackATruncationReachesTheClientAsABreak) {
  world_.route().retry.hold_back = {};
  world_.origin(0).always({.body = 50'000, .piece = 10'000, .pause = 10ms, .stop_after = 20'000});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.how, How::cut);
}

// Bodies of requests
// ----------------------------------------------------------------------------

TEST_F(Saving, APutThatDiesMidwayIsSentAgainWhole) {
  world_.origin(0).always({.first = First::reset});

  const SimOutcome& outcome = world_.ask({.method = "PUT", .body = 300'000});

  expect_answer(outcome);
}

TEST_F(Saving, APutLargerThanWhatIsKeptIsNotSentAgain) {
  world_.route().retry.keep_body = Bytes{1'000};
  world_.origin(0).always({.first = First::reset});

  const SimOutcome& outcome = world_.ask({.method = "PUT", .body = 3'000'000});

  EXPECT_EQ(outcome.status, 502);
  EXPECT_EQ(world_.last_record().verdict, Retry::no_body_is_gone);
}

TEST_F(Saving, AKept503LeavesItsConnectionToOthers) {
  world_.always({.status = 503, .body = 700});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.status, 503);
  EXPECT_EQ(outcome.how, How::whole);
}

}  // namespace

}  // namespace gg
