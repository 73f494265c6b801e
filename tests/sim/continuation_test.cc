// SPDX-License-Identifier: Apache-2.0
// A response that breaks off after a part of it went to the client: asked for elsewhere from there
// on, where the route allows it and the bytes are known to be the same.
#include <gtest/gtest.h>

#include "support/world.h"

namespace gg {

namespace {

using How = SimOutcome::How;
using Stop = SimBehaviour::Stop;

constexpr std::size_t size = 300'000;

/// A world whose first origin gets every request first, and sends a file.
class Continuation : public testing::Test {
 protected:
  Continuation() {
    world_.prefer(0);
    world_.route().retry.continues = true;
    world_.always(file());
  }

  static SimBehaviour file() { return {.body = size, .resource = 5}; }
  static SimBehaviour broken_off(Stop how = Stop::reset) {
    SimBehaviour broken = file();
    broken.stop_after = 200'000;
    broken.stop = how;
    return broken;
  }
  const SimOutcome& expect_whole() {
    const SimOutcome& outcome = world_.ask({});
    EXPECT_EQ(outcome.how, How::whole);
    EXPECT_EQ(outcome.status, 200);
    EXPECT_EQ(outcome.body.size(), size);
    EXPECT_TRUE(world_.last_record().continued);
    EXPECT_EQ(world_.last_record().fault, Fault::none);
    return outcome;
  }
  void expect_cut() {
    const SimOutcome& outcome = world_.ask({});
    EXPECT_EQ(outcome.how, How::cut);
    EXPECT_EQ(world_.last_record().fault, Fault::body_reset);
    EXPECT_FALSE(world_.last_record().continued);
  }

  World world_{Seed{12}, {.origins = 3}};
};

TEST_F(Continuation, TheRestComesFromAnotherEndpoint) {
  world_.origin(0).always(broken_off());

  expect_whole();

  const KeptRecord& record = world_.last_record();
  ASSERT_EQ(record.attempts.size(), 2U);
  EXPECT_EQ(record.attempts[0].fault, Fault::body_reset);
  EXPECT_EQ(record.attempts[1].status, 206);
  EXPECT_NE(record.attempts[1].origin, 0U);
}

TEST_F(Continuation, OnlyWhatIsMissingIsAskedFor) {
  world_.origin(0).always(broken_off());

  expect_whole();

  EXPECT_LT(world_.last_record().attempts[1].bytes_read, size - 150'000);
}

TEST_F(Continuation, AnEndInGoodOrderIsContinuedToo) {
  world_.origin(0).always(broken_off(Stop::end));

  expect_whole();
}

TEST_F(Continuation, AnEndpointThatFallsSilentIsReplaced) {
  world_.upstream().timeouts.idle = 2s;
  world_.origin(0).always(broken_off(Stop::hang));

  expect_whole();
}

TEST_F(Continuation, ARestThatBreaksOffIsContinuedInTurn) {
  SimBehaviour half = file();
  half.stop_after = 40'000;
  half.stop = Stop::reset;
  world_.route().retry.attempts = 4;
  world_.origin(0).next(broken_off());
  world_.origin(1).next(half);
  world_.origin(2).next(half);

  expect_whole();

  EXPECT_EQ(world_.last_record().attempts_made, 4U);
}

TEST_F(Continuation, TheOnlyEndpointMayBeAskedAgain) {
  World alone{Seed{13}, {.origins = 1}};
  alone.route().retry.continues = true;
  alone.always(file());
  alone.origin(0).next(broken_off());

  const SimOutcome& outcome = alone.ask({});

  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_EQ(outcome.body.size(), size);
}

TEST_F(Continuation, AnotherVersionIsNoContinuation) {
  SimBehaviour newer = file();
  newer.resource = 6;
  world_.always(newer);
  world_.origin(0).always(broken_off());

  expect_cut();

  EXPECT_EQ(world_.last_record().attempts_made, 3U);
}

TEST_F(Continuation, APartOfAnotherVersionIsNoContinuation) {
  SimBehaviour newer = file();
  newer.resource = 7;  // without If-Range
  world_.always(newer);
  world_.origin(0).always(broken_off());

  expect_cut();

  EXPECT_EQ(world_.last_record().attempts[1].status, 206);
}

TEST_F(Continuation, TheOneThatStillHasThatVersionIsFound) {
  SimBehaviour newer = file();
  newer.resource = 6;
  world_.origin(0).always(broken_off());
  world_.origin(1).always(newer);

  expect_whole();
}

TEST_F(Continuation, AServerThatKnowsNoRangesIsNoHelp) {
  world_.always({.body = size, .fields = {{"etag", "\"a\""}}});
  SimBehaviour broken{.body = size, .fields = {{"etag", "\"a\""}}, .stop_after = 200'000};
  broken.stop = Stop::reset;
  world_.origin(0).always(broken);

  expect_cut();
}

TEST_F(Continuation, AnApologyElsewhereIsNotTheRest) {
  world_.always({.status = 503});
  world_.origin(0).always(broken_off());

  expect_cut();
}

TEST_F(Continuation, NothingIsAskedForUnlessTheRouteAllowsIt) {
  world_.route().retry.continues = false;
  world_.origin(0).always(broken_off());

  expect_cut();

  EXPECT_EQ(world_.last_record().attempts_made, 1U);
}

TEST_F(Continuation, NothingIsAskedForWithoutAStrongEntityTag) {
  world_.always({.body = size, .fields = {{"etag", "W/\"a\""}}});
  SimBehaviour broken{.body = size, .fields = {{"etag", "W/\"a\""}}, .stop_after = 200'000};
  broken.stop = Stop::reset;
  world_.origin(0).always(broken);

  expect_cut();

  EXPECT_EQ(world_.last_record().attempts_made, 1U);
}

TEST_F(Continuation, AttemptsStayWithinTheirNumber) {
  world_.route().retry.attempts = 2;
  SimBehaviour half = file();
  half.stop_after = 40'000;
  half.stop = Stop::reset;
  world_.always(half);
  world_.origin(0).always(broken_off());

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.how, How::cut);
  EXPECT_EQ(world_.last_record().attempts_made, 2U);
  EXPECT_EQ(world_.last_record().fault, Fault::body_reset);
}

}  // namespace

}  // namespace gg
