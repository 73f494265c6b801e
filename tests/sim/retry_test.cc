// SPDX-License-Identifier: Apache-2.0
// Failing over: which requests survive an endpoint that does not, and which must not be tried
// again.
#include <gtest/gtest.h>

#include "support/world.h"

namespace gg {

namespace {

using First = SimBehaviour::First;
using How = SimOutcome::How;
using Stop = SimBehaviour::Stop;

/// A world whose first origin gets every request first.
class Failover : public testing::Test {
 protected:
  Failover() { world_.prefer(0); }

  void expect_rescue(const SimOutcome& outcome, Fault from) {
    EXPECT_EQ(outcome.how, How::whole);
    EXPECT_EQ(outcome.status, 200);
    EXPECT_NE(outcome.origin, 0U);
    EXPECT_EQ(world_.last_record().attempts.front().fault, from);
    EXPECT_EQ(world_.last_record().attempts.front().verdict, Retry::yes);
    EXPECT_EQ(world_.last_record().fault, Fault::none);
  }

  World world_{Seed{7}, {.origins = 3}};
};

TEST_F(Failover, AGetSurvivesARefusingEndpoint) {
  world_.origin(0).crash();

  const SimOutcome& outcome = world_.ask({});

  expect_rescue(outcome, Fault::connect_refused);
}

TEST_F(Failover, APostSurvivesARefusingEndpoint) {
  world_.origin(0).crash();

  const SimOutcome& outcome = world_.ask({.method = "POST", .body = 5000});

  expect_rescue(outcome, Fault::connect_refused);
}

TEST_F(Failover, AGetSurvivesAReset) {
  world_.origin(0).always({.first = First::reset});

  const SimOutcome& outcome = world_.ask({});

  expect_rescue(outcome, Fault::closed_before_head);
}

TEST_F(Failover, AGetSurvivesAnEndWithoutAnAnswer) {
  world_.origin(0).always({.first = First::close});

  const SimOutcome& outcome = world_.ask({});

  expect_rescue(outcome, Fault::closed_before_head);
}

TEST_F(Failover, AGetSurvivesAHangingEndpointByItsTimeoutIfItMayNotBeHedged) {
  world_.route().hedge.after = "off";
  world_.upstream().timeouts.first_byte = 3s;
  world_.origin(0).always({.hangs = true});

  const SimOutcome& outcome = world_.ask({});

  expect_rescue(outcome, Fault::head_timeout);
  EXPECT_GE(outcome.ended - outcome.began, 3s);
}

TEST_F(Failover, AGetSurvivesAnUnreachableHost) {
  world_.network().set_answer(world_.origin(0).address(), ConnectAnswer::host_unreachable);

  const SimOutcome& outcome = world_.ask({});

  expect_rescue(outcome, Fault::host_unreachable);
}

TEST_F(Failover, AGetSurvivesGarbage) {
  world_.origin(0).always({.raw = "SSH-2.0-OpenSSH_9.2p1\r\n"});

  const SimOutcome& outcome = world_.ask({});

  expect_rescue(outcome, Fault::not_http);
}

TEST_F(Failover, AGetSurvivesAHeadThatBreaksOff) {
  world_.origin(0).always({.stop_after = 20});

  const SimOutcome& outcome = world_.ask({});

  expect_rescue(outcome, Fault::head_incomplete);
}

TEST_F(Failover, AGetSurvivesTwoBadEndpointsOfThree) {
  world_.origin(0).always({.first = First::reset});
  world_.origin(1).crash();

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.origin, 2U);
}

TEST_F(Failover, A503IsTriedElsewhere) {
  world_.origin(0).always({.status = 503});

  const SimOutcome& outcome = world_.ask({});

  expect_rescue(outcome, Fault::upstream_error_status);
}

TEST_F(Failover, AnyStatusThatTheRouteListsIsTriedElsewhere) {
  world_.route().retry.on = {{.kind = RetryOn::Kind::status, .status = 500},
                             {.kind = RetryOn::Kind::status, .status = 404}};
  world_.origin(0).always({.status = 500});
  EXPECT_EQ(world_.ask({}).status, 200);
  EXPECT_EQ(world_.ask({.method = "POST"}).status, 500);

  world_.origin(0).always({.status = 404});
  EXPECT_EQ(world_.ask({}).status, 200);
}

TEST_F(Failover, AStatusThatTheRouteDoesNotListIsTheAnswer) {
  world_.origin(0).always({.status = 500});

  EXPECT_EQ(world_.ask({}).status, 500);
}

TEST_F(Failover, TheOriginal503IsGivenWhenNobodyDoesBetter) {
  world_.origin(0).always({.status = 503, .body = 777});
  world_.origin(1).crash();
  world_.origin(2).always({.raw = "nonsense\r\n\r\n"});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_EQ(outcome.status, 503);
  EXPECT_EQ(outcome.origin, 0U);
  EXPECT_EQ(outcome.body.size(), 777U);
  EXPECT_EQ(world_.last_record().fault, Fault::upstream_error_status);
}

TEST_F(Failover, AKept503IsNotGivenOnceAnotherAnswerHasBegun) {
  world_.origin(0).always({.status = 503, .body = 777});
  world_.origin(1).always({.body = 300'000, .stop_after = 200'000});
  world_.origin(2).always({.body = 300'000, .stop_after = 200'000});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.how, How::cut);
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(world_.last_record().status, 200);
  EXPECT_EQ(world_.last_record().fault, Fault::body_truncated);
}

TEST_F(Failover, ALong503ThatComesBeforeTheBodyIsReadIsTriedElsewhere) {
  world_.origin(0).always({.first = First::answer_early, .status = 503, .body = 300'000});

  const SimOutcome& outcome =
      world_.ask({.method = "PUT", .body = 250'000, .chunked = true, .piece = 1'000, .pause = 1ms});

  expect_rescue(outcome, Fault::upstream_error_status);
}

TEST_F(Failover, ALong503IsGivenWhenMoreOfTheBodyCameMeanwhileThanIsKept) {
  world_.route().retry.keep_body = {100'000};
  world_.origin(0).always(
      {.first = First::answer_early, .status = 503, .body = 300'000, .piece = 1'000, .pause = 5ms});

  const SimOutcome& outcome = world_.ask(
      {.method = "PUT", .body = 250'000, .chunked = true, .piece = 10'000, .pause = 1ms});

  EXPECT_EQ(outcome.status, 503);
  EXPECT_EQ(outcome.origin, 0U);
  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_EQ(world_.last_record().verdict, Retry::no_body_is_gone);
}

TEST_F(Failover, A500IsAnAnswerLikeAnyOther) {
  world_.origin(0).always({.status = 500});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.status, 500);
  EXPECT_EQ(world_.times_seen(outcome.id), 1U);
}

TEST_F(Failover, AllEndpointsBadIsA502ThatSaysWhy) {
  world_.always({.first = First::reset});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.status, 502);
  EXPECT_EQ(only_value(outcome.fields, "proxy-status")->find("sim; error=connection_terminated"),
            0);
  EXPECT_EQ(world_.last_record().fault, Fault::closed_before_head);
  EXPECT_EQ(world_.last_record().verdict, Retry::no_attempts_left);
  EXPECT_EQ(world_.times_seen(outcome.id), 3U);
}

TEST_F(Failover, AttemptsAreLimited) {
  world_.route().retry.attempts = 2;
  world_.origin(0).always({.first = First::reset});
  world_.origin(1).always({.first = First::reset});
  world_.origin(2).always({.first = First::reset});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.status, 502);
  EXPECT_EQ(world_.last_record().attempts_made, 2U);
}

TEST_F(Failover, TheExchangesTimeEndsTheTrying) {
  world_.route().timeout = 5s;
  world_.upstream().timeouts.first_byte = 4s;
  world_.always({.hangs = true});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.status, 504);
  EXPECT_EQ(world_.last_record().fault, Fault::exchange_deadline);
  EXPECT_LT(outcome.ended - outcome.began, 5100ms);
}

TEST_F(Failover, APostThatMayHaveRunIsNotSentAgain) {
  world_.origin(0).always({.stop_after = 0, .stop = Stop::reset});

  const SimOutcome& outcome = world_.ask({.method = "POST", .body = 100});

  EXPECT_EQ(outcome.status, 502);
  EXPECT_EQ(world_.times_seen(outcome.id), 1U);
  EXPECT_EQ(world_.last_record().fault, Fault::closed_before_head);
  EXPECT_EQ(world_.last_record().verdict, Retry::no_request_may_have_run);
}

TEST_F(Failover, APostThatWasAnswered503IsNotSentAgain) {
  world_.origin(0).always({.status = 503});

  const SimOutcome& outcome = world_.ask({.method = "POST", .body = 100});

  EXPECT_EQ(outcome.status, 503);
  EXPECT_EQ(world_.times_seen(outcome.id), 1U);
}

TEST_F(Failover, APostIsSentAgainWhereTheOperatorSaysSo) {
  world_.route().retry.unsafe_methods = true;
  world_.origin(0).always({.first = First::reset});

  const SimOutcome& outcome = world_.ask({.method = "POST"});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(world_.times_seen(outcome.id), 2U);
}

TEST_F(Failover, APostWithAKeyIsSentAgainWhereTheRouteHonoursIt) {
  world_.route().retry.idempotency_key = true;
  world_.origin(0).always({.first = First::reset});

  const SimOutcome& plain = world_.ask({.method = "POST", .body = 500});
  const SimOutcome& keyed =
      world_.ask({.method = "POST", .fields = {{"idempotency-key", "\"8e03978e\""}}, .body = 500});

  EXPECT_EQ(plain.status, 502);
  EXPECT_EQ(world_.times_seen(plain.id), 1U);
  EXPECT_EQ(keyed.status, 200);
  EXPECT_EQ(world_.times_seen(keyed.id), 2U);
}

TEST_F(Failover, AKeyAloneDoesNotMakeAPostRepeatable) {
  world_.origin(0).always({.first = First::reset});

  const SimOutcome& outcome =
      world_.ask({.method = "POST", .fields = {{"idempotency-key", "\"8e03978e\""}}});

  EXPECT_EQ(outcome.status, 502);
  EXPECT_EQ(world_.times_seen(outcome.id), 1U);
}

TEST_F(Failover, AKeptAliveConnectionThatCloseMeetsIsNoErrorForAGet) {
  world_.origin(0).settings().idle_close = 5s;
  world_.ask({});
  world_.run_for(5s - 5ms);

  std::vector<const SimOutcome*> outcomes =
      world_.ask_all({.requests = {{}, {}, {}}, .pause = 3ms});

  EXPECT_EQ(outcomes[0]->status, 200);
  EXPECT_EQ(outcomes[1]->status, 200);
  EXPECT_EQ(outcomes[2]->status, 200);
}

TEST(Failover2, AKeepAliveRaceOnTheOnlyEndpointIsWonByANewConnection) {
  World world(Seed{11}, {.origins = 1});
  world.ask({});
  world.origin().next({.first = First::reset});

  const SimOutcome& outcome = world.ask({});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(world.last_record().attempts.front().fault, Fault::keep_alive_race);
  EXPECT_TRUE(world.last_record().attempts.front().reused);
  EXPECT_FALSE(world.last_record().attempts.back().reused);
}

TEST(Failover2, ARaceIsNotRunAgainOnTheNextIdleConnection) {
  World world(Seed{11}, {.origins = 1, .clients = 2});
  world.begin({.requests = {{}}}, 0);
  world.begin({.requests = {{}}}, 1);
  world.run();
  world.origin().next({.first = First::reset});

  const SimOutcome& outcome = world.ask({});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(world.last_record().attempts.size(), 2U);
  EXPECT_FALSE(world.last_record().attempts.back().reused);
}

TEST(Budget, BoundsWhatABrokenUpstreamGets) {
  World world(Seed{3}, {.origins = 3, .clients = 1});
  world.upstream().retry_budget = {.share = {20}, .over = 10s, .floor = {1, 1s}};
  world.always({.first = First::reset});

  std::vector<const SimOutcome*> outcomes =
      world.ask_all({.requests = std::vector<SimRequest>(100)});

  EXPECT_EQ(outcomes.back()->status, 502);
  EXPECT_EQ(world.last_record().verdict, Retry::no_budget_left);
  world.end();
  EXPECT_LE(world.history().seen.size(), 100U + 20U + 1U);
  EXPECT_GE(world.history().seen.size(), 115U);
}

TEST(Ejection, ADeadEndpointStopsCostingAttempts) {
  World world(Seed{5}, {.origins = 3});
  world.origin(1).crash();

  world.ask_all({.requests = std::vector<SimRequest>(60)});

  std::size_t met = 0;
  for (const KeptRecord& record : world.records()) {
    for (const KeptAttempt& attempt : record.attempts) met += attempt.origin == 1U ? 1 : 0;
  }
  EXPECT_LE(met, 2U);
}

TEST(Ejection, ARevivedEndpointGetsRequestsAgain) {
  World world(Seed{5}, {.origins = 2});
  world.prefer(1);
  world.origin(1).crash();
  world.ask_all({.requests = std::vector<SimRequest>(5)});
  world.origin(1).restart();
  world.run_for(2s);
  world.ask({});  // finds out that it is back
  world.run_for(11s);

  EXPECT_EQ(world.ask({}).origin, 1U);
}

// Names
// -----------------------------------------------------------------------------------------

/// One endpoint, by a name that stands for an address where nobody is.
class Moving : public testing::Test {
 protected:
  Moving() {
    world_.name_origin(0);
    world_.start();
    endpoint().set_addresses({nobody()});
  }

  static Address nobody() { return Address::v4({10, 2, 1, 1}, 3000); }
  Endpoint& endpoint() { return *world_.worker().upstreams().at(0).endpoints()[0]; }
  /// The origin is found at its name so long from now.
  void found_after(Duration time) {
    world_.sim().after(time, [this] { world_.resolve(0); });
  }
  static Duration time_of(const SimOutcome& outcome) { return outcome.ended - outcome.began; }

  World world_{Seed{7}, {.origins = 1}};
};

TEST_F(Moving, ARequestWaitsAMomentForTheNewAddress) {
  found_after(100ms);
  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_LT(time_of(outcome), 200ms);
}

TEST_F(Moving, APostWaitsToo) {
  found_after(100ms);
  const SimOutcome& outcome = world_.ask({.method = "POST", .body = 3000});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(world_.times_seen(outcome.id), 1U);
}

TEST_F(Moving, ItWaitsNoLongerThanHalfASecond) {
  found_after(2s);
  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.status, 502);
  EXPECT_EQ(world_.last_record().fault, Fault::connect_refused);
  EXPECT_GE(time_of(outcome), 500ms);
  EXPECT_LT(time_of(outcome), 600ms);
}

TEST_F(Moving, TheNewsThatNothingHasChangedEndsTheWait) {
  world_.sim().after(100ms, [this] { endpoint().set_addresses({nobody()}); });
  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.status, 502);
  EXPECT_LT(time_of(outcome), 200ms);
}

TEST_F(Moving, NobodyWaitsForAnEndpointThatIsLostForLong) {
  world_.ask({});
  world_.run_for(1s);

  world_.ask({});
  EXPECT_EQ(world_.last_record().fault, Fault::connect_refused);
  EXPECT_LT(world_.last_record().attempts.front().total, 100ms);
}

TEST_F(Moving, NobodyWaitsBeyondTheTimeOfTheExchange) {
  World world(Seed{7}, {.origins = 1});
  world.route().timeout = 100ms;
  world.name_origin(0);
  world.start();
  world.worker().upstreams().at(0).endpoints()[0]->set_addresses({nobody()});

  EXPECT_LT(time_of(world.ask({})), 150ms);
}

TEST_F(Moving, OfSeveralAddressesTheNextOneIsTried) {
  endpoint().set_addresses({nobody(), world_.origin(0).address()});

  EXPECT_EQ(world_.ask({.method = "POST"}).status, 200);
}

TEST_F(Moving, AnEndpointWithoutANameIsNotWaitedFor) {
  World world(Seed{7}, {.origins = 1});
  world.origin(0).crash();

  EXPECT_LT(time_of(world.ask({})), 100ms);
}

}  // namespace

}  // namespace gg
