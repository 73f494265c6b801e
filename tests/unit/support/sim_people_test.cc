// SPDX-License-Identifier: Apache-2.0
// Simulated clients and origins against each other, without a gateway between them: what they do,
// what they write down, and that they see through a lie.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "support/sim_client.h"
#include "support/sim_origin.h"

namespace gg {

namespace {

using How = SimOutcome::How;
using Framing = SimBehaviour::Framing;
using Stop = SimBehaviour::Stop;

const Address origin_address = Address::v4({10, 0, 0, 1}, 3000);

class SimPeople : public testing::Test {
 protected:
  explicit SimPeople(std::uint64_t seed = 1) : world_(seed) {}
  ~SimPeople() override {
    origin_.stop();
    world_.run(1h);
    EXPECT_TRUE(origin_.is_over());
    EXPECT_TRUE(client_.is_idle());
    EXPECT_EQ(origin_.engine().open_sockets() + client_.engine().open_sockets(), 0U);
    EXPECT_EQ(client_.engine().buffers().bytes_lent(), 0U);
    EXPECT_EQ(origin_.engine().buffers().bytes_lent(), 0U);
  }

  void talk(SimSession session) {
    session.gateway = origin_address;
    client_.start(std::move(session));
    ASSERT_EQ(world_.run_until([this] { return client_.is_idle(); }, 24h), SimWorld::Ended::done);
  }
  const SimOutcome& ask(const SimRequest& request) {
    talk({.requests = {request}});
    return client_.outcomes().back();
  }
  const SimSeenRequest& seen() { return origin_.requests().back(); }

  SimWorld world_;
  SimOrigin origin_{world_, 7, origin_address};
  SimClient client_{world_};
};

std::vector<SimRequest> gets(std::size_t count, std::uint64_t first_id = 1) {
  std::vector<SimRequest> requests;
  for (std::uint64_t i = 0; i < count; ++i) requests.push_back({.id = first_id + i});
  return requests;
}

TEST_F(SimPeople, AnAnswerIsWholeAndRight) {
  origin_.always({.body = 100'000});

  const SimOutcome& outcome = ask({.id = 42, .target = "/a/b?c"});

  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.origin, 7U);
  EXPECT_EQ(outcome.body.size(), 100'000U);
  EXPECT_TRUE(outcome.body_is_right && outcome.body_is_complete && outcome.sent_whole);
  EXPECT_EQ(seen().id, 42U);
  EXPECT_EQ(seen().method, "GET");
  EXPECT_EQ(seen().target, "/a/b?c");
  EXPECT_TRUE(seen().is_whole);
  EXPECT_EQ(origin_.answers().back().id, 42U);
  EXPECT_TRUE(origin_.answers().back().is_whole);
  EXPECT_EQ(origin_.complaints(), std::vector<std::string>{});
}

TEST_F(SimPeople, KeepAliveCarriesManyOnOneConnection) {
  talk({.requests = gets(50)});

  EXPECT_EQ(std::ranges::count(client_.outcomes(), How::whole, &SimOutcome::how), 50);
  EXPECT_EQ(origin_.requests().size(), 50U);
  EXPECT_EQ(origin_.requests().back().place, 50U);
  EXPECT_EQ(world_.network().connections_made(), 1U);
}

TEST_F(SimPeople, PipelinedRequestsAreAnsweredInOrder) {
  origin_.always({.delay = 10ms});

  talk({.requests = gets(20), .pipeline = 8});

  EXPECT_EQ(std::ranges::count(client_.outcomes(), How::whole, &SimOutcome::how), 20);
  // More than one was under way at a time.
  EXPECT_LT(client_.outcomes()[5].began, client_.outcomes()[0].ended);
  EXPECT_EQ(client_.stray_bytes(), 0U);
}

TEST_F(SimPeople, BodiesGoUpSizedAndChunked) {
  const SimOutcome& sized = ask({.id = 1, .method = "POST", .body = 300'000});
  EXPECT_EQ(sized.how, How::whole);
  EXPECT_EQ(seen().body_bytes, 300'000U);
  EXPECT_TRUE(seen().is_whole && seen().body_is_right);

  const SimOutcome& chunked = ask({.id = 2, .method = "PUT", .body = 77'777, .chunked = true});
  EXPECT_EQ(chunked.how, How::whole);
  EXPECT_EQ(seen().body_bytes, 77'777U);
  EXPECT_TRUE(seen().is_whole && seen().body_is_right);

  EXPECT_EQ(origin_.times_seen(1), 1U);
  EXPECT_EQ(origin_.times_whole(2), 1U);
  EXPECT_EQ(origin_.times_seen(3), 0U);
}

TEST_F(SimPeople, AnswersComeInEveryFraming) {
  origin_.next({.body = 5'000, .framing = Framing::sized});
  origin_.next({.body = 5'001, .framing = Framing::chunked, .trailers = {{"x-sum", "1"}}});
  origin_.next({.body = 5'002, .framing = Framing::until_end});
  origin_.next({.body = 0});

  talk({.requests = gets(4)});

  EXPECT_EQ(std::ranges::count(client_.outcomes(), How::whole, &SimOutcome::how), 4);
  EXPECT_EQ(std::ranges::count(client_.outcomes(), true, &SimOutcome::body_is_complete), 4);
  EXPECT_EQ(client_.outcomes()[2].body.size(), 5'002U);
  EXPECT_EQ(world_.network().connections_made(), 2U);
}

TEST_F(SimPeople, SomeAnswersHaveNoBody) {
  origin_.next({.status = 204});
  origin_.next({.status = 304});
  origin_.next({.body = 1000});

  talk({.requests = {{.id = 1}, {.id = 2}, {.id = 3, .method = "HEAD"}, {.id = 4}}});

  EXPECT_EQ(std::ranges::count(client_.outcomes(), How::whole, &SimOutcome::how), 4);
  EXPECT_EQ(client_.outcomes()[2].body, "");
  EXPECT_EQ(world_.network().connections_made(), 1U);
}

TEST_F(SimPeople, InterimAnswersComeFirst) {
  origin_.always({.interim = {103, 102}});

  const SimOutcome& outcome =
      ask({.id = 1, .method = "POST", .body = 10, .expects_continue = true});

  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_EQ(outcome.interim, (std::vector{100, 103, 102}));
  EXPECT_TRUE(seen().is_whole);
}

TEST_F(SimPeople, AClientThatGetsNoContinueSendsAfterASecond) {
  origin_.always({.sends_continue = false});

  const SimOutcome& outcome =
      ask({.id = 1, .method = "POST", .body = 10, .expects_continue = true});

  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_EQ(outcome.interim, std::vector<int>{});
  EXPECT_GE(outcome.ended - outcome.began, 1s);
}

TEST_F(SimPeople, AnEarlyAnswerEndsTheUpload) {
  world_.network().defaults().receive_buffer = 1000;
  world_.network().defaults().send_buffer = 1000;
  origin_.always({.first = SimBehaviour::First::answer_early, .status = 413, .closes = true});

  const SimOutcome& outcome = ask({.id = 1, .method = "POST", .body = 1'000'000});

  EXPECT_FALSE(outcome.sent_whole);
  EXPECT_FALSE(seen().is_whole);
  EXPECT_EQ(origin_.answers().back().status, 413);
}

TEST_F(SimPeople, ARequestIsSeenAsPartialWhenItsClientLeaves) {
  SimRequest slow{.id = 1, .method = "POST", .body = 1000, .piece = 100, .pause = 1s};
  slow.leaves_after = 4500ms;

  const SimOutcome& outcome = ask(slow);
  world_.run(1s);

  EXPECT_EQ(outcome.how, How::left);
  EXPECT_GE(outcome.ended - outcome.began, 4500ms);
  EXPECT_LT(outcome.ended - outcome.began, 4600ms);
  EXPECT_FALSE(seen().is_whole);
  EXPECT_GT(seen().body_bytes, 0U);
  EXPECT_LT(seen().body_bytes, 1000U);
  EXPECT_TRUE(seen().body_is_right);
}

TEST_F(SimPeople, NoAnswerIsTellable) {
  origin_.next({.first = SimBehaviour::First::reset});
  origin_.next({.first = SimBehaviour::First::close});
  origin_.next({.hangs = true});
  origin_.next({.raw = "SSH-2.0-OpenSSH_9.2\r\n\r\n"});
  origin_.next({.raw = "HTTP/1.1 200 OK\ncontent-length: 0\n\n"});
  origin_.next(
      {.raw = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n"});

  talk({.requests = gets(6), .patience = 20s});

  EXPECT_EQ(client_.outcomes()[0].how, How::nothing);
  EXPECT_EQ(client_.outcomes()[0].error->kind, IoError::Kind::reset);
  EXPECT_EQ(client_.outcomes()[1].how, How::nothing);
  EXPECT_EQ(client_.outcomes()[1].error, std::nullopt);
  EXPECT_EQ(client_.outcomes()[2].how, How::late);
  EXPECT_EQ(client_.outcomes()[3].how, How::malformed);
  EXPECT_EQ(client_.outcomes()[4].how, How::malformed);
  EXPECT_EQ(client_.outcomes()[5].how, How::malformed);
}

struct CutCase {
  Framing framing;
  Stop stop;
};

class CutAnswers : public SimPeople, public testing::WithParamInterface<CutCase> {};

TEST_P(CutAnswers, AreNeverTakenForWholeOnes) {
  std::vector<SimRequest> requests;
  std::size_t head = 160;  // a little longer than any head here
  for (std::size_t stop = 0; stop < head + 40; ++stop) {
    origin_.next(
        {.body = 200, .framing = GetParam().framing, .stop_after = stop, .stop = GetParam().stop});
    requests.push_back({.id = stop + 1});
  }

  talk({.requests = std::move(requests), .patience = 5s});

  for (const SimOutcome& outcome : client_.outcomes()) {
    EXPECT_FALSE(outcome.how == How::whole && outcome.body_is_complete) << outcome.id;
    EXPECT_TRUE(outcome.body_is_right) << outcome.id;
  }
  EXPECT_EQ(std::ranges::count(origin_.answers(), true, &SimGivenAnswer::is_whole), 0);
  EXPECT_GT(std::ranges::count(client_.outcomes(), 200, &SimOutcome::status), 20);
}

INSTANTIATE_TEST_SUITE_P(Every, CutAnswers,
                         testing::Values(CutCase{Framing::sized, Stop::end},
                                         CutCase{Framing::sized, Stop::reset},
                                         CutCase{Framing::sized, Stop::hang},
                                         CutCase{Framing::chunked, Stop::end},
                                         CutCase{Framing::chunked, Stop::reset},
                                         CutCase{Framing::until_end, Stop::reset},
                                         CutCase{Framing::until_end, Stop::end}));

TEST_F(SimPeople, ATruncatedAnswerThatEndsCleanlyIsSeenByItsSize) {
  origin_.always({.body = 1000, .framing = Framing::until_end, .stop_after = 500});

  const SimOutcome& outcome = ask({.id = 1});

  EXPECT_EQ(outcome.how, How::whole);  // so the bytes say
  EXPECT_TRUE(outcome.body_is_right);
  EXPECT_FALSE(outcome.body_is_complete);
}

TEST_F(SimPeople, AnAnswerToSomebodyElseIsSeen) {
  origin_.always({.raw = "HTTP/1.1 200 OK\r\nx-sim-id: 2\r\nx-sim-origin: 7\r\nx-sim-answer: 0\r\n"
                         "x-sim-size: 0\r\ncontent-length: 0\r\n\r\n"});

  const SimOutcome& outcome = ask({.id = 1});

  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_FALSE(outcome.body_is_right);
}

TEST_F(SimPeople, BytesAfterAnAnswerAreCounted) {
  origin_.always({.raw = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokand more"});
  world_.network().defaults() = LinkSettings::calm();

  EXPECT_EQ(ask({.id = 1}).body, "ok");
  EXPECT_EQ(client_.stray_bytes(), 8U);
}

TEST_F(SimPeople, AnOriginClosesAfterSoManyRequests) {
  origin_.settings().requests_per_connection = 3;

  talk({.requests = gets(10)});

  EXPECT_EQ(std::ranges::count(client_.outcomes(), How::whole, &SimOutcome::how), 10);
  EXPECT_EQ(world_.network().connections_made(), 4U);
}

TEST_F(SimPeople, AnOriginThatClosesUnannouncedStillAnswersWholly) {
  origin_.settings() = {.requests_per_connection = 1, .announces_last = false};

  talk({.requests = gets(10), .pause = 10ms});

  EXPECT_EQ(std::ranges::count(client_.outcomes(), How::whole, &SimOutcome::how), 10);
}

TEST_F(SimPeople, ACrashedOriginIsRefusedUntilItIsBack) {
  world_.after(5500ms, [this] { origin_.crash(); });
  world_.after(7500ms, [this] { origin_.restart(); });

  talk({.requests = gets(12), .pause = 1s});

  EXPECT_GE(std::ranges::count(client_.outcomes(), How::refused, &SimOutcome::how), 1);
  EXPECT_GE(std::ranges::count(client_.outcomes(), How::whole, &SimOutcome::how), 9);
  EXPECT_EQ(client_.outcomes().back().how, How::whole);
  EXPECT_TRUE(origin_.is_up());
}

/// How the requests of one seed ended whose connection was about to be closed for idleness.
How race_with_idle_close(std::uint64_t seed) {
  SimWorld world(seed);
  SimOrigin origin(world, 1, origin_address, {.idle_close = 1s});
  SimClient client(world);
  // The close leaves the origin while the request is under way to it.
  client.start({.gateway = origin_address, .requests = gets(2), .pause = 999'500us});
  world.run_until([&] { return client.is_idle(); }, 1h);
  How how = client.outcomes().back().how;
  origin.stop();
  world.run(1h);
  return how;
}

TEST(SimRaces, AnIdleCloseRacesARequestAndEitherMayWin) {
  std::size_t lost = 0;
  std::size_t won = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    How how = race_with_idle_close(seed);
    lost += how == How::nothing ? 1 : 0;
    won += how == How::whole ? 1 : 0;
  }

  EXPECT_GT(lost, 10U);
  EXPECT_GT(won, 10U);
  EXPECT_EQ(lost + won, 200U);
}

/// Origins that do anything.
class AnythingGoes final : public SimScript {
 public:
  explicit AnythingGoes(Rng& rng) : rng_(rng) {}
  SimBehaviour behaviour_for(const SimSeenRequest&) override {
    SimBehaviour behaviour;
    behaviour.body = rng_.below(std::uint64_t{1} << rng_.below(17));
    behaviour.framing = static_cast<Framing>(rng_.below(3));
    behaviour.first = static_cast<SimBehaviour::First>(rng_.below(20) < 17 ? 0 : rng_.below(4));
    if (rng_.chance(0.2)) behaviour.stop_after = rng_.below(behaviour.body + 200);
    behaviour.stop = static_cast<Stop>(rng_.below(3));
    if (rng_.chance(0.1))
      behaviour.delay = Duration(static_cast<std::int64_t>(rng_.below(2'000'000'000)));
    behaviour.hangs = rng_.chance(0.02);
    behaviour.closes = rng_.chance(0.1);
    behaviour.says_that_it_closes = rng_.chance(0.5);
    if (rng_.chance(0.1)) behaviour.interim = {103};
    if (rng_.chance(0.2)) behaviour.piece = 1 + rng_.below(1000);
    return behaviour;
  }

 private:
  Rng& rng_;
};

struct Swarm {
  std::uint64_t hash = 0;
  std::size_t outcomes = 0;
  std::size_t whole = 0;
  std::size_t pending = 0;
  std::size_t lies = 0;
  std::size_t doubled = 0;
};

Swarm run_swarm(std::uint64_t seed) {
  SimWorld world(seed);
  world.network().defaults().reset_chance = 0.1;
  world.network().defaults().stall_chance = 0.05;
  world.network().defaults().stall_for = 2s;
  AnythingGoes script(world.rng());
  std::vector<std::unique_ptr<SimOrigin>> origins;
  for (std::uint64_t i = 0; i < 3; ++i) {
    Address address = Address::v4({10, 0, 0, static_cast<std::uint8_t>(i + 1)}, 80);
    origins.push_back(std::make_unique<SimOrigin>(world, i, address));
    origins.back()->set_script(&script);
  }
  SimClient client(world);
  for (std::uint64_t session = 0; session < 6; ++session) {
    SimSession plan{.gateway = origins[session % 3]->address(),
                    .requests = gets(8, session * 100 + 1),
                    .pipeline = 1 + world.rng().below(3),
                    .patience = 10s};
    for (SimRequest& request : plan.requests) {
      if (world.rng().chance(0.5)) continue;
      request.method = "POST";
      request.body = world.rng().below(20'000);
      request.chunked = world.rng().chance(0.5);
    }
    client.start(std::move(plan));
  }
  world.run_until([&] { return client.is_idle(); }, 24h);
  for (auto& origin : origins) origin->stop();
  world.run(1h);
  Swarm swarm{.hash = world.trace().hash(), .outcomes = client.outcomes().size()};
  for (const SimOutcome& outcome : client.outcomes()) {
    swarm.whole += outcome.how == How::whole ? 1 : 0;
    swarm.pending += outcome.how == How::pending ? 1 : 0;
    swarm.lies += outcome.body_is_right ? 0 : 1;
    swarm.doubled += origins[outcome.id / 100 % 3]->times_seen(outcome.id) > 1 ? 1 : 0;
  }
  return swarm;
}

TEST(SimSwarm, EveryRequestHasOneOutcomeAndNoBodyIsWrong) {
  std::size_t whole = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Swarm swarm = run_swarm(seed);
    ASSERT_EQ(swarm.outcomes, 48U) << seed;
    ASSERT_EQ(swarm.pending + swarm.lies + swarm.doubled, 0U) << seed;
    whole += swarm.whole;
  }

  EXPECT_GT(whole, 150U * 20U);
}

TEST(SimSwarm, OneSeedGivesOneTrace) {
  Swarm first = run_swarm(9);
  Swarm second = run_swarm(9);

  EXPECT_EQ(first.hash, second.hash);
  EXPECT_EQ(first.whole, second.whole);
  EXPECT_NE(first.hash, run_swarm(10).hash);
}

}  // namespace
}  // namespace gg
