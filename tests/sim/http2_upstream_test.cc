// SPDX-License-Identifier: Apache-2.0
// The promises hold towards endpoints of HTTP/2 as they do towards those of HTTP/1.1.
#include <gtest/gtest.h>

#include "support/world.h"

namespace gg {

namespace {

/// So many origins, all of HTTP/2.
struct Http2World {
  explicit Http2World(std::uint64_t seed, std::size_t origins = 2, std::size_t clients = 1)
      : world(Seed{seed}, {.origins = origins, .clients = clients}) {
    for (std::size_t i = 0; i < origins; ++i) relays.push_back(&world.hide_behind_http2(i));
  }

  World world;
  std::vector<SimHttp2Relay*> relays;
};

TEST(Http2Upstream, ManyRequestsShareAConnection) {
  Http2World h(1, 1, 4);

  for (std::size_t client = 0; client < 4; ++client) {
    SimSession session;
    for (int i = 0; i < 10; ++i) session.requests.push_back({});
    h.world.begin(session, client);
  }
  ASSERT_TRUE(h.world.run());

  EXPECT_EQ(h.relays[0]->connections_seen(), 1U);
  EXPECT_EQ(h.world.records().size(), 40U);
}

TEST(Http2Upstream, BodiesOfAnySizePassBothWays) {
  Http2World h(2, 1);
  h.world.always({.body = 700'000, .framing = SimBehaviour::Framing::chunked});

  const SimOutcome& outcome = h.world.ask({.method = "POST", .body = 600'000});

  EXPECT_EQ(outcome.status, 200);
}

TEST(Http2Upstream, ATruncatedAnswerIsNeverPassedOnAsWhole) {
  Http2World h(3, 1);
  h.world.always({.body = 300'000, .stop_after = 200'000});

  h.world.ask({});

  EXPECT_EQ(h.world.last_record().fault, Fault::body_reset);
}

TEST(Http2Upstream, AnEndpointThatBreaksOffCostsNoError) {
  Http2World h(4);
  h.world.prefer(0);
  h.world.origin(0).always({.first = SimBehaviour::First::reset});

  EXPECT_EQ(h.world.ask({}).status, 200);

  EXPECT_EQ(h.world.last_record().attempts[0].fault, Fault::stream_reset);
}

TEST(Http2Upstream, AGoodbyeCostsNoRequestWhateverItsMethod) {
  Http2World h(5, 1, 3);
  h.world.always({.delay = 30ms});

  for (std::size_t client = 0; client < 3; ++client) {
    SimSession session;
    for (int i = 0; i < 20; ++i) session.requests.push_back({.method = "POST", .body = 500});
    h.world.begin(session, client);
  }
  for (int i = 0; i < 20; ++i) {
    h.world.run_for(50ms);
    h.relays[0]->say_goodbye();
  }
  ASSERT_TRUE(h.world.run());

  for (const KeptRecord& record : h.world.records()) EXPECT_EQ(record.status, 200);
  EXPECT_GT(h.relays[0]->connections_seen(), 5U);
}

TEST(Http2Upstream, AConnectionThatBreaksUnderManyStreamsCostsNoGet) {
  Http2World h(6, 2, 8);
  h.world.always({.delay = 100ms});

  for (std::size_t client = 0; client < 8; ++client) h.world.begin({.requests = {{}, {}}}, client);
  h.world.run_for(50ms);
  h.relays[0]->break_all();
  h.relays[1]->break_all();
  ASSERT_TRUE(h.world.run());

  for (const KeptRecord& record : h.world.records()) EXPECT_EQ(record.status, 200);
}

TEST(Http2Upstream, AStreamOfTenMinutesOutlivesItsConnectionsGoodbye) {
  Http2World h(7, 1);
  h.world.upstream().timeouts.idle = 30s;
  h.world.always(
      {.body = 60'000, .framing = SimBehaviour::Framing::chunked, .piece = 1000, .pause = 10s});

  SimSession session;
  session.requests.emplace_back();
  session.patience = 20min;
  h.world.begin(session);
  h.world.run_for(60s);
  h.relays[0]->say_goodbye();
  ASSERT_TRUE(h.world.run());

  EXPECT_EQ(h.world.last_record().status, 200);
  EXPECT_EQ(h.world.last_record().fault, Fault::none);
}

}  // namespace

}  // namespace gg
