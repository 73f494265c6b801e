// SPDX-License-Identifier: Apache-2.0
// Clients that dawdle, leave or talk nonsense, and the gateway's own limits.
#include <gtest/gtest.h>

#include "support/world.h"

namespace gg {

namespace {

using First = SimBehaviour::First;
using How = SimOutcome::How;

class Clients : public testing::Test {
 protected:
  void leaves() { world_.declare({.kind = Trouble::Kind::client_leaves}); }

  World world_{Seed{31}, {.origins = 1, .clients = 2}};
};

TEST_F(Clients, ASlowHeadIsA408) {
  world_.config().timeouts.head = 5s;

  const Talk& talk = world_.say({{"GET / HTTP/1.1\r\nho"}, {.bytes = "st", .before = 4s}});

  EXPECT_EQ(talk.status(), "408");
  EXPECT_LT(talk.lasted, 8s);
  EXPECT_EQ(world_.last_record().fault, Fault::client_head_timeout);
}

TEST_F(Clients, AnIdleConnectionEndsWithoutAWord) {
  world_.config().timeouts.idle = 20s;

  const Talk& talk = world_.say({});

  EXPECT_EQ(talk.heard, "");
  EXPECT_FALSE(talk.error);
  EXPECT_LT(talk.lasted, 21s);
  EXPECT_EQ(world_.records().size(), 0U);
}

TEST_F(Clients, ASlowBodyIsA408) {
  world_.config().timeouts.body = 5s;

  const Talk& talk = world_.say({{"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n"},
                                 {.bytes = "x", .before = 2s}});

  EXPECT_EQ(talk.status(), "408");
  EXPECT_EQ(world_.last_record().fault, Fault::client_body_timeout);
  EXPECT_FALSE(world_.origin().requests().front().is_whole);
}

TEST_F(Clients, AChunkSizeThatStopsHalfWayIsASlowBodyToo) {
  world_.config().timeouts.body = 5s;

  const Talk& talk =
      world_.say({{"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1"}});

  EXPECT_EQ(talk.status(), "408");
  EXPECT_EQ(world_.last_record().fault, Fault::client_body_timeout);
}

TEST_F(Clients, WhoLeavesWhileUploadingLeavesNoWholeRequestBehind) {
  leaves();
  const SimOutcome& outcome = world_.ask(
      {.method = "POST", .body = 100'000, .piece = 1'000, .pause = 10ms, .leaves_after = 300ms});

  EXPECT_EQ(outcome.how, How::left);
  world_.run_for(1s);
  EXPECT_EQ(world_.last_record().fault, Fault::client_gone_in_upload);
  EXPECT_FALSE(world_.origin().requests().front().is_whole);
}

TEST_F(Clients, WhoEndsInsideAChunkedBodyLeavesNoWholeRequestBehind) {
  const Talk& talk =
      world_.say({{.bytes = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n"
                            "\r\n5\r\nhello\r\n",
                   .then = Saying::Then::ends_sending}});

  EXPECT_NE(talk.status(), "200");
  EXPECT_EQ(world_.last_record().fault, Fault::client_gone_in_upload);
  EXPECT_FALSE(world_.origin().requests().front().is_whole);
}

TEST_F(Clients, WhoLeavesWhileDownloadingIsOnRecord) {
  leaves();
  world_.always({.body = 3'000'000, .piece = 10'000, .pause = 10ms});

  const SimOutcome& outcome = world_.ask({.leaves_after = 500ms});

  EXPECT_EQ(outcome.how, How::left);
  world_.run_for(10s);
  EXPECT_EQ(world_.last_record().fault, Fault::client_gone_in_download);
}

TEST_F(Clients, ForWhoLeavesWhileWaitingNothingMoreIsDone) {
  leaves();
  world_.always({.delay = 40s});

  const SimOutcome& outcome = world_.ask({.leaves_after = 3s});
  world_.run_for(500ms);

  EXPECT_EQ(outcome.how, How::left);
  const KeptRecord& record = world_.last_record();
  EXPECT_EQ(record.fault, Fault::client_gone_while_waiting);
  EXPECT_LT(record.ended_at - record.started_at, 4s);
  EXPECT_EQ(record.verdict, Retry::no_client_is_gone);
}

TEST_F(Clients, WhoEndsItsSideWhileWaitingHasLeft) {
  leaves();
  world_.always({.delay = 40s});

  const Talk& talk = world_.say(
      {{.bytes = "GET / HTTP/1.1\r\nhost: a\r\n\r\n", .then = Saying::Then::ends_sending}});

  EXPECT_EQ(talk.heard, "");
  EXPECT_LT(talk.lasted, 5s);
  EXPECT_EQ(world_.last_record().fault, Fault::client_gone_while_waiting);
}

TEST_F(Clients, WhoEndsItsSideIsAnsweredIfThatIsSoon) {
  world_.always({.delay = 500ms});

  const Talk& talk = world_.say(
      {{.bytes = "GET / HTTP/1.1\r\nhost: a\r\n\r\n", .then = Saying::Then::ends_sending}});

  EXPECT_EQ(talk.status(), "200");
}

TEST_F(Clients, WhoEndsItsSideIsAnsweredEvenIfTheAnswerIsSlowEnoughToHedge) {
  World world{Seed{32}, {.origins = 2}};
  for (int i = 0; i < 300; ++i) world.ask({});
  world.always({.delay = 400ms});

  const Talk& talk = world.say(
      {{.bytes = "GET / HTTP/1.1\r\nhost: a\r\n\r\n", .then = Saying::Then::ends_sending}});

  EXPECT_EQ(talk.status(), "200");
  EXPECT_GT(world.last_record().attempts_made, 1U);
}

TEST_F(Clients, WhoHasSentMoreRequestsAndEndsItsSideIsAnswered) {
  world_.always({.delay = 3s});

  const Talk& talk = world_.say({{.bytes = "GET / HTTP/1.1\r\nhost: a\r\n\r\n"
                                           "GET / HTTP/1.1\r\nhost: a\r\n\r\n"},
                                 {.bytes = "", .before = 2s, .then = Saying::Then::ends_sending}});

  EXPECT_EQ(talk.status(), "200");
}

TEST_F(Clients, WhoDoesNotReadIsGivenUp) {
  world_.config().timeouts.send = 10s;
  world_.always({.body = 2'000'000});
  SimTalker& talker = world_.begin_talk({{"GET / HTTP/1.1\r\nhost: a\r\n\r\n"}});
  world_.run_for(1ms);

  world_.network().stall_connections(World::address(), End::acceptor, 1min);
  world_.run();

  EXPECT_LT(talker.talk().heard.size(), 2'000'000U);
  EXPECT_EQ(world_.last_record().fault, Fault::client_not_reading);
}

TEST_F(Clients, ASlowReaderHoldsTheOriginBackInBoundedMemory) {
  LinkSettings slow = LinkSettings::calm();
  slow.bytes_per_second = 500'000;
  world_.network().set_link(World::address(), slow);
  world_.always({.body = 5'000'000});

  const SimOutcome& outcome = world_.ask({});
  world_.end();

  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_LT(world_.history().buffer_bytes_peak, 1'000'000U);
}

TEST_F(Clients, NonsenseIsA400AndReachesNobody) {
  const Talk& talk =
      world_.say({{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 nonsense\r\n\r\n"}});

  EXPECT_EQ(talk.status(), "400");
  EXPECT_EQ(world_.last_record().fault, Fault::request_malformed);
  EXPECT_EQ(world_.origin().requests().size(), 0U);
}

TEST_F(Clients, LengthAndCodingTogetherReachNobody) {
  const Talk& talk =
      world_.say({{"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n"
                   "transfer-encoding: chunked\r\n\r\n0\r\n\r\n"}});

  EXPECT_EQ(talk.status(), "400");
  EXPECT_EQ(world_.origin().requests().size(), 0U);
}

TEST_F(Clients, NonsenseInsideAChunkedBodyIsA400) {
  const Talk& talk =
      world_.say({{"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"},
                  {.bytes = "5\r\nhello\r\nxyz\r\n", .before = 100ms}});

  EXPECT_EQ(talk.status(), "400");
  EXPECT_EQ(world_.last_record().fault, Fault::request_malformed);
  EXPECT_FALSE(world_.origin().requests().front().is_whole);
}

TEST_F(Clients, ARefusedHeadRequestGetsNoBody) {
  world_.config().timeouts.head = 5s;

  const Talk& unfinished = world_.say({{"HEAD / HTTP/1.1\r\nho"}});
  const Talk& malformed = world_.say({{"HEAD / HTTP/1.1\r\nhost: a\r\nbad name: x\r\n\r\n"}});
  const Talk& ambiguous =
      world_.say({{"HEAD / HTTP/1.1\r\nhost: a\r\ncontent-length: 1, 2\r\n\r\n"}});

  EXPECT_EQ(unfinished.status() + malformed.status() + ambiguous.status(), "408400400");
  EXPECT_TRUE(unfinished.heard.ends_with("\r\n\r\n"));
  EXPECT_TRUE(malformed.heard.ends_with("\r\n\r\n"));
  EXPECT_TRUE(ambiguous.heard.ends_with("\r\n\r\n"));
}

TEST_F(Clients, AHeadBeyondTheLimitIsA431) {
  world_.config().limits.head = Bytes{4096};

  const SimOutcome& outcome = world_.ask({.fields = {{"x-large", std::string(5000, 'x')}}});

  EXPECT_EQ(outcome.status, 431);
  EXPECT_EQ(world_.last_record().fault, Fault::request_head_too_large);
}

TEST_F(Clients, ABodyBeyondTheLimitIsA413) {
  world_.config().limits.body = Bytes{10'000};

  const SimOutcome& told = world_.ask({.method = "POST", .body = 10'001});
  const SimOutcome& untold = world_.ask({.method = "POST", .body = 60'000, .chunked = true});

  EXPECT_EQ(told.status, 413);
  EXPECT_EQ(world_.times_seen(told.id), 0U);
  EXPECT_EQ(untold.status, 413);
  EXPECT_EQ(world_.last_record().fault, Fault::request_body_too_large);
}

TEST_F(Clients, MoreConnectionsThanTheLimitAreEnded) {
  world_.config().limits.connections = 2;
  world_.declare({.kind = Trouble::Kind::few_descriptors});
  world_.always({.delay = 1s});

  world_.begin({.requests = {{}}}, 0);
  world_.begin({.requests = {{}}}, 0);
  std::uint64_t third = world_.begin({.requests = {{}}}, 0).front();
  world_.run();

  EXPECT_EQ(world_.records().size(), 2U);
  EXPECT_EQ(world_.outcome(world_.ask({}).id).status, 200);
  EXPECT_LE(world_.times_seen(third), 1U);
}

TEST_F(Clients, ADescriptorShortageShedsAndRecovers) {
  world_.declare({.kind = Trouble::Kind::few_descriptors});
  world_.gateway_engine().set_descriptors_max(4);
  world_.always({.delay = 1s});
  for (int i = 0; i < 8; ++i) world_.begin({.requests = {{}, {}}}, 1);
  world_.run();

  world_.gateway_engine().set_descriptors_max(1000);
  const SimOutcome& outcome = world_.ask({});

  EXPECT_EQ(outcome.status, 200);
}

TEST_F(Clients, MeetAnUpstreamAtItsConnectionLimit) {
  world_.upstream().limits.connections = 1;
  world_.always({.delay = 1s});

  std::uint64_t first = world_.begin({.requests = {{}}}, 0).front();
  std::uint64_t second = world_.begin({.requests = {{}}}, 1).front();
  world_.run();

  EXPECT_EQ(world_.outcome(first).status + world_.outcome(second).status, 200 + 503);
}

class Draining : public Clients {};

TEST_F(Draining, LetsARequestEndAndSaysThatItIsTheLast) {
  world_.declare({.kind = Trouble::Kind::drains});
  world_.always({.delay = 2s});
  std::uint64_t id = world_.begin({.requests = {{}, {}}}).front();
  world_.run_for(1s);

  world_.network().stop_listening(World::address());
  world_.drain();
  world_.run();

  EXPECT_EQ(world_.outcome(id).status, 200);
  EXPECT_TRUE(lists_token(world_.outcome(id).fields, "connection", "close"));
  EXPECT_EQ(world_.outcome(id + 1).how, How::refused);
}

TEST_F(Draining, EndsIdleConnectionsAtOnce) {
  world_.declare({.kind = Trouble::Kind::drains});
  SimTalker& talker = world_.begin_talk({{"GET / HTTP/1.1\r\nhost: a\r\n\r\n"}});
  world_.run_for(1s);

  world_.drain();
  world_.run_for(100ms);

  EXPECT_TRUE(talker.is_over());
  EXPECT_EQ(talker.talk().status(), "200");
}

TEST_F(Draining, LetsAnUploadEnd) {
  world_.declare({.kind = Trouble::Kind::drains});
  std::uint64_t id =
      world_
          .begin(
              {.requests = {{.method = "POST", .body = 200'000, .piece = 10'000, .pause = 50ms}}})
          .front();
  world_.run_for(300ms);

  world_.drain();
  world_.run();

  EXPECT_EQ(world_.outcome(id).status, 200);
  EXPECT_TRUE(world_.origin().requests().front().is_whole);
}

TEST_F(Draining, TheLastAnswerArrivesEvenIfItsClientSendsMore) {
  LinkSettings slow = LinkSettings::calm();
  slow.bytes_per_second = 100'000;
  slow.send_buffer = 1'000'000;
  slow.reset_loses_unread = 1;
  world_.network().set_link(World::address(), slow);
  world_.always({.delay = 200ms, .body = 150'000});
  SimTalker& talker = world_.begin_talk(
      {{"GET /1 HTTP/1.1\r\nhost: a\r\n\r\n"}, {"GET /2 HTTP/1.1\r\nhost: a\r\n\r\n", 1s}});
  world_.run_for(100ms);

  world_.drain();
  world_.run();

  EXPECT_FALSE(talker.talk().error);
  EXPECT_GT(talker.talk().heard.size(), 150'000U);
}

TEST_F(Draining, WithPatienceServesWhatIdleClientsAskInTheMeantime) {
  world_.declare({.kind = Trouble::Kind::drains});
  std::vector<std::uint64_t> ids = world_.begin({.requests = {{}, {}}, .pause = 2s});
  world_.run_for(1s);

  world_.worker().drain(5s);
  world_.run();

  EXPECT_EQ(world_.outcome(ids.back()).status, 200);
  EXPECT_TRUE(lists_token(world_.outcome(ids.back()).fields, "connection", "close"));
}

TEST_F(Draining, CutEndsAtOnceWhatWaitsForAnOrigin) {
  world_.declare({.kind = Trouble::Kind::drains});
  world_.always({.hangs = true});
  std::uint64_t id = world_.begin({.requests = {{}}}).front();
  world_.run_for(1s);

  world_.worker().cut();
  world_.run_for(10ms);

  EXPECT_TRUE(world_.worker().is_stopped());
  EXPECT_EQ(world_.record(id).fault, Fault::gateway_draining);
  EXPECT_EQ(world_.outcome(id).status, 503);
}

TEST_F(Draining, CutLeavesNothingToAClientThatDoesNotHear) {
  world_.declare({.kind = Trouble::Kind::drains});
  world_.declare({.kind = Trouble::Kind::client_network});
  world_.always({.hangs = true});
  world_.begin({.requests = {{}}, .patience = 1min});
  world_.run_for(1s);
  world_.network().stall_connections(World::address(), End::acceptor, Duration::max());

  world_.worker().cut();
  world_.run_for(1100ms);

  EXPECT_TRUE(world_.worker().is_stopped());
}

TEST_F(Draining, CutEndsAnUploadThatStandsStill) {
  world_.declare({.kind = Trouble::Kind::drains});
  world_.origin().engine().freeze();
  std::uint64_t id = world_.begin({.requests = {{.method = "POST", .body = 2'000'000}}}).front();
  world_.run_for(1s);

  world_.worker().cut();
  world_.run_for(1100ms);

  EXPECT_TRUE(world_.worker().is_stopped());
  EXPECT_EQ(world_.outcome(id).status, 503);
}

TEST_F(Draining, CutEndsAtOnceADownloadThatStandsStill) {
  world_.declare({.kind = Trouble::Kind::drains});
  world_.always({.body = 9'000, .stop_after = 5'000, .stop = SimBehaviour::Stop::hang});
  world_.begin({.requests = {{}}});
  world_.run_for(1s);

  world_.worker().cut();
  world_.run_for(1ms);

  EXPECT_TRUE(world_.worker().is_stopped());
}

TEST(Workers, ShareTheListenerAndBothServe) {
  World world(Seed{1}, {.origins = 2, .clients = 1, .workers = 2});
  for (int i = 0; i < 40; ++i) world.begin({.requests = {{}, {}}});

  world.run();

  EXPECT_EQ(world.records().size(), 80U);
  auto by_first = std::ranges::count(world.records(), 0U, &KeptRecord::worker);
  EXPECT_GT(by_first, 0);
  EXPECT_LT(by_first, 80);
}

}  // namespace

}  // namespace gg
