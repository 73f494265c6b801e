// SPDX-License-Identifier: Apache-2.0
// Messages on their way through: framing, interim answers, early answers, pipelines, tunnels.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/world.h"

namespace gg {

namespace {

using First = SimBehaviour::First;
using Framing = SimBehaviour::Framing;
using How = SimOutcome::How;
using Stop = SimBehaviour::Stop;

class Relay : public testing::Test {
 protected:
  World world_{Seed{21}, {.origins = 1}};
};

TEST_F(Relay, ASizedAnswerComesWhole) {
  world_.always({.body = 300'000});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_EQ(only_number(outcome.fields, "content-length"), 300'000U);
}

TEST_F(Relay, AChunkedAnswerComesWholeWithItsTrailers) {
  world_.always({.body = 100'000, .framing = Framing::chunked, .trailers = {{"x-check", "4711"}}});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_EQ(outcome.body.size(), 100'000U);
  EXPECT_TRUE(lists_token(outcome.fields, "transfer-encoding", "chunked"));
}

TEST_F(Relay, ACloseDelimitedAnswerComesWhole) {
  world_.always({.body = 50'000, .framing = Framing::until_end});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_EQ(outcome.body.size(), 50'000U);
}

TEST_F(Relay, AResetIsNotTheEndOfACloseDelimitedAnswer) {
  world_.always(
      {.body = 300'000, .framing = Framing::until_end, .stop_after = 200'000, .stop = Stop::reset});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.how, How::cut);
  EXPECT_EQ(world_.last_record().fault, Fault::body_reset);
}

TEST_F(Relay, AResetIsNotTheEndForAnOldClientEither) {
  world_.always(
      {.body = 300'000, .framing = Framing::until_end, .stop_after = 200'000, .stop = Stop::reset});

  const Talk& talk = world_.say({{"GET / HTTP/1.0\r\nhost: a\r\n\r\n"}});

  EXPECT_EQ(talk.status(), "200");
  ASSERT_TRUE(talk.error);
  EXPECT_EQ(talk.error->kind, IoError::Kind::reset);
}

TEST_F(Relay, ATruncatedAnswerIsNeverAWholeOne) {
  world_.always({.body = 300'000, .stop_after = 200'000});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.how, How::cut);
  EXPECT_EQ(world_.last_record().fault, Fault::body_truncated);
}

TEST_F(Relay, ATruncatedChunkedAnswerIsNeverAWholeOne) {
  world_.always({.body = 300'000, .framing = Framing::chunked, .stop_after = 200'000});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.how, How::cut);
}

TEST_F(Relay, ABodyThatStandsStillIsGivenUp) {
  world_.upstream().timeouts.idle = 5s;
  world_.always({.body = 300'000, .stop_after = 200'000, .stop = Stop::hang});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.how, How::cut);
  EXPECT_EQ(world_.last_record().fault, Fault::body_timeout);
}

TEST_F(Relay, AChunkSizeThatStopsHalfWayNeitherHoldsTheHeadBackNorWaitsForEver) {
  world_.upstream().timeouts.idle = 5s;
  world_.always({.raw = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1", .echoes = true});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.how, How::cut);
  EXPECT_LT(outcome.head_at - outcome.began, 100ms);
  EXPECT_LT(outcome.ended - outcome.began, 6s);
  EXPECT_EQ(world_.last_record().fault, Fault::body_timeout);
}

TEST_F(Relay, AHeadRequestHasItsLengthAndNoBody) {
  world_.always({.body = 12'345});

  std::vector<const SimOutcome*> outcomes =
      world_.ask_all({.requests = {{.method = "HEAD"}, {.method = "GET"}}});

  EXPECT_EQ(outcomes[0]->how, How::whole);
  EXPECT_EQ(only_number(outcomes[0]->fields, "content-length"), 12'345U);
  EXPECT_TRUE(outcomes[1]->reused);
  EXPECT_EQ(outcomes[1]->body.size(), 12'345U);
}

TEST_F(Relay, NoContentAndNotModifiedHaveNoBody) {
  world_.origin().next({.status = 204, .body = 0});
  world_.origin().next({.status = 304, .body = 0});

  std::vector<const SimOutcome*> outcomes = world_.ask_all({.requests = {{}, {}, {}}});

  EXPECT_EQ(outcomes[0]->status, 204);
  EXPECT_EQ(outcomes[1]->status, 304);
  EXPECT_EQ(outcomes[2]->status, 200);
  EXPECT_TRUE(outcomes[2]->reused);
}

TEST_F(Relay, AnUploadArrivesWhole) {
  const SimOutcome& outcome = world_.ask({.method = "POST", .body = 400'000});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(world_.origin().requests().back().body_bytes, 400'000U);
  EXPECT_TRUE(world_.origin().requests().back().is_whole);
}

TEST_F(Relay, ABodyThatTakesLongToSendDoesNotShortenTheTimeForItsAnswer) {
  LinkSettings narrow = world_.network().defaults();
  narrow.latency = 20ms;
  narrow.send_buffer = 64;
  world_.network().set_link(world_.origin().address(), narrow);
  world_.upstream().timeouts.first_byte = 1s;
  world_.always({.delay = 500ms});

  // All of the second one is there when its turn comes.
  std::vector<const SimOutcome*> outcomes =
      world_.ask_all({.requests = {{}, {.method = "POST", .body = 3'000}}, .pipeline = 2});

  EXPECT_EQ(outcomes.back()->status, 200);
  EXPECT_GT(world_.last_record().attempts.front().total, 1500ms);
}

TEST_F(Relay, AnUploadThatIsTakenSlowlyButSteadilyIsNotBrokenOff) {
  LinkSettings narrow = world_.network().defaults();
  narrow.latency = 20ms;
  narrow.send_buffer = 1'024;
  world_.network().set_link(world_.origin().address(), narrow);
  world_.upstream().timeouts.idle = 1s;

  const SimOutcome& outcome = world_.ask({.method = "POST", .body = 200'000});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(world_.origin().requests().back().body_bytes, 200'000U);
  EXPECT_GT(world_.last_record().attempts.front().total, 3s);
}

TEST_F(Relay, ADownloadThatIsTakenSlowlyButSteadilyIsNotBrokenOff) {
  LinkSettings narrow = world_.network().defaults();
  narrow.latency = 20ms;
  narrow.send_buffer = 1'024;
  world_.network().set_link(World::address(), narrow);
  world_.config().timeouts.send = 1s;
  world_.always({.body = 200'000});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_GT(world_.last_record().ended_at - world_.last_record().started_at, 3s);
}

TEST_F(Relay, AChunkedUploadArrivesWhole) {
  const SimOutcome& outcome =
      world_.ask({.method = "POST", .body = 90'000, .chunked = true, .piece = 777, .pause = 1ms});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(world_.origin().requests().back().body_bytes, 90'000U);
}

TEST_F(Relay, EveryReadSplitAtEveryByteChangesNothing) {
  world_.network().defaults().every_byte = true;
  world_.always({.body = 3'000, .framing = Framing::chunked, .trailers = {{"x-t", "1"}}});

  std::vector<const SimOutcome*> outcomes = world_.ask_all(
      {.requests = {{.method = "POST", .body = 2'000, .chunked = true}, {.method = "GET"}}});

  EXPECT_EQ(outcomes[0]->how, How::whole);
  EXPECT_EQ(outcomes[1]->how, How::whole);
  EXPECT_EQ(outcomes[1]->body.size(), 3'000U);
}

TEST_F(Relay, InterimAnswersAreRelayedInOrder) {
  world_.always({.interim = {102, 103, 103}});

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.interim, (std::vector<int>{102, 103, 103}));
  EXPECT_EQ(outcome.status, 200);
}

TEST_F(Relay, AnOldClientGetsNoInterimAnswers) {
  world_.always({.interim = {103}, .body = 5});

  const Talk& talk = world_.say({{"GET / HTTP/1.0\r\nhost: a\r\n\r\n"}});

  EXPECT_EQ(talk.status(), "200");
  EXPECT_EQ(talk.heard.find("103"), std::string::npos);
}

TEST_F(Relay, AnOldClientIsServedAndItsConnectionEnds) {
  world_.always({.body = 2'000, .framing = Framing::chunked});

  const Talk& talk = world_.say({{"GET / HTTP/1.0\r\nhost: a\r\n\r\n"}});

  EXPECT_EQ(talk.status(), "200");
  EXPECT_FALSE(talk.error);
  EXPECT_EQ(talk.heard.size() - talk.heard.find("\r\n\r\n") - 4, 2'000U);
  EXPECT_EQ(talk.heard.find("hunked"), std::string::npos);
}

TEST_F(Relay, AnOldClientMayKeepItsConnection) {
  world_.always({.body = 20});

  const Talk& talk = world_.say({{"GET /1 HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\n\r\n"},
                                 {.bytes = "GET /2 HTTP/1.0\r\nhost: a\r\n\r\n", .before = 1s}});

  EXPECT_FALSE(talk.error);
  EXPECT_EQ(world_.origin().requests().size(), 2U);
}

TEST_F(Relay, ContinueIsPassedOnFromTheOrigin) {
  const SimOutcome& outcome =
      world_.ask({.method = "POST", .body = 5'000, .expects_continue = true});

  EXPECT_EQ(outcome.interim, std::vector<int>{100});
  EXPECT_EQ(outcome.status, 200);
  EXPECT_TRUE(has_field(world_.origin().requests().back().fields, "expect"));
}

TEST_F(Relay, AnOriginThatDoesNotSayContinueGetsTheBodyAnyway) {
  world_.always({.sends_continue = false});

  const SimOutcome& outcome =
      world_.ask({.method = "POST", .body = 5'000, .expects_continue = true});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_TRUE(world_.origin().requests().back().is_whole);
}

TEST_F(Relay, ARefusalInsteadOfContinueIsPassedOn) {
  world_.always({.first = First::answer_early, .status = 413, .closes = true});

  const SimOutcome& outcome =
      world_.ask({.method = "POST", .body = 500'000, .expects_continue = true});

  EXPECT_EQ(outcome.status, 413);
  EXPECT_EQ(outcome.how, How::whole);
}

TEST_F(Relay, AnEarlyAnswerWhileUploadingIsPassedOn) {
  world_.always({.first = First::answer_early, .status = 401, .body = 3'000});

  const SimOutcome& outcome =
      world_.ask({.method = "POST", .body = 1'000'000, .piece = 10'000, .pause = 5ms});

  EXPECT_EQ(outcome.status, 401);
  EXPECT_EQ(outcome.how, How::whole);
}

TEST_F(Relay, AnUploadThatEndsWithinTheAnswerDoesNotShortenItsTime) {
  world_.always(
      {.first = First::answer_early, .delay = 20ms, .body = 100, .piece = 50, .pause = 30ms});

  for (int i = 0; i < 25; ++i) {
    world_.ask({.method = "POST", .body = 1'000, .piece = 500, .pause = 35ms});
  }

  ResponseTimes& times = world_.worker(0).upstreams().at(0).response_times();
  EXPECT_GE(times.percentile(50, world_.sim().now()), 20ms);
}

TEST_F(Relay, AnUploadThatEndsWhileTheEarlyAnswerIsComingDoesNotBreakIt) {
  world_.always({.first = First::answer_early, .body = 60'000, .piece = 2'000, .pause = 20ms});

  const SimOutcome& outcome =
      world_.ask({.method = "POST", .body = 50'000, .piece = 5'000, .pause = 10ms});

  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_EQ(outcome.body.size(), 60'000U);
}

TEST_F(Relay, AnOriginThatAnswersEarlyAndHangsUpIsRead) {
  world_.always({.first = First::answer_early, .status = 413, .body = 200, .closes = true});

  const SimOutcome& outcome = world_.ask({.method = "PUT", .body = 2'000'000});

  EXPECT_EQ(outcome.status, 413);
}

TEST_F(Relay, AnOriginThatHangsUpWhileTheRequestIsComingIsNamedSo) {
  world_.network().defaults().send_buffer = 4'096;
  world_.network().defaults().receive_buffer = 4'096;
  world_.always({.first = First::reset});

  const SimOutcome& outcome = world_.ask({.method = "POST", .body = 500'000});

  EXPECT_EQ(outcome.status, 502);
  EXPECT_EQ(world_.last_record().fault, Fault::reset_while_sending);
}

TEST_F(Relay, PipelinedRequestsAreAnsweredInOrder) {
  world_.origin().next({.delay = 300ms});
  world_.origin().next({.delay = 10ms});

  std::vector<const SimOutcome*> outcomes =
      world_.ask_all({.requests = std::vector<SimRequest>(12), .pipeline = 12});

  EXPECT_TRUE(std::ranges::is_sorted(outcomes, {}, &SimOutcome::ended));
  EXPECT_TRUE(std::ranges::all_of(
      outcomes, [](const SimOutcome* outcome) { return outcome->status == 200; }));
}

TEST_F(Relay, AnAnswerThatBreaksOffDoesNotTakeAlongThoseBefore) {
  LinkSettings slow = LinkSettings::calm();
  slow.bytes_per_second = 100'000;
  slow.send_buffer = 1'000'000;
  slow.reset_loses_unread = 1;
  world_.network().set_link(World::address(), slow);
  world_.origin().next({.body = 100'000});
  world_.origin().next({.body = 100'000, .stop_after = 70'000});

  std::vector<const SimOutcome*> outcomes = world_.ask_all(
      {.requests = std::vector<SimRequest>(4, {.method = "POST", .body = 100}), .pipeline = 4});

  EXPECT_EQ(outcomes[0]->how, How::whole);
  EXPECT_EQ(outcomes[1]->how, How::cut);
}

TEST_F(Relay, APipelineAfterAnUploadIsServed) {
  std::vector<const SimOutcome*> outcomes = world_.ask_all(
      {.requests = {{.method = "POST", .body = 30'000}, {}, {.method = "PUT", .body = 10}, {}},
       .pipeline = 4});

  EXPECT_EQ(outcomes.back()->how, How::whole);
  EXPECT_TRUE(outcomes.back()->reused);
}

class Upgrade : public Relay {
 protected:
  static constexpr const char* request =
      "GET /chat HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
  static SimBehaviour accepting() {
    return {.raw =
                "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n"
                "upgrade: websocket\r\n\r\nhello",
            .echoes = true};
  }
};

TEST_F(Upgrade, IsTunnelledBothWaysToItsEnd) {
  world_.always(accepting());

  const Talk& talk =
      world_.say({{request},
                  {.bytes = "ping-1,", .before = 1s},
                  {.bytes = "ping-2.", .before = 1s, .then = Saying::Then::ends_sending}});

  EXPECT_EQ(talk.status(), "101");
  EXPECT_TRUE(talk.heard.ends_with("\r\n\r\nhelloping-1,ping-2."));
  EXPECT_FALSE(talk.error);
  EXPECT_TRUE(world_.last_record().upgraded);
  EXPECT_EQ(world_.last_record().fault, Fault::none);
}

TEST_F(Upgrade, BytesSentAlongWithTheRequestAreNotLost) {
  world_.always(accepting());

  const Talk& talk =
      world_.say({{std::string(request) + "early,"},
                  {.bytes = "late.", .before = 1s, .then = Saying::Then::ends_sending}});

  EXPECT_TRUE(talk.heard.ends_with("helloearly,late."));
}

TEST_F(Upgrade, AnIdleTunnelIsCut) {
  world_.upstream().timeouts.tunnel = 30s;
  world_.always(accepting());

  const Talk& talk = world_.say({{request}, {.bytes = "x", .before = 20s}});

  EXPECT_TRUE(talk.heard.ends_with("hellox"));
  EXPECT_LT(talk.lasted, 51s);
  EXPECT_EQ(world_.last_record().fault, Fault::tunnel_cut);
}

TEST_F(Upgrade, ATunnelThatIsResetAtTheOriginIsNoCleanEnd) {
  world_.always(accepting());
  SimTalker& talker = world_.begin_talk({{request}});
  world_.run_for(1s);

  world_.origin().crash();
  world_.run();

  EXPECT_TRUE(talker.talk().error);
  EXPECT_EQ(world_.last_record().fault, Fault::tunnel_cut);
}

TEST_F(Upgrade, ARefusedUpgradeIsAnOrdinaryAnswer) {
  world_.always({.status = 403, .body = 3});

  const Talk& talk = world_.say(
      {{request},
       {.bytes = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", .before = 1s}});

  EXPECT_EQ(talk.status(), "403");
  EXPECT_EQ(world_.origin().requests().size(), 2U);
}

TEST_F(Upgrade, NobodyAskedForIsA502) {
  world_.always(accepting());

  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.status, 502);
  EXPECT_EQ(world_.last_record().fault, Fault::upgrade_not_requested);
}

}  // namespace

}  // namespace gg
