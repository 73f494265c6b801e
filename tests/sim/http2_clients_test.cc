// SPDX-License-Identifier: Apache-2.0
// Clients that speak HTTP/2 are kept the same promises.
#include <gtest/gtest.h>

#include "support/world.h"

namespace gg {

namespace {

using How = SimOutcome::How;
using Stop = SimBehaviour::Stop;

TEST(Http2Clients, RequestsSideBySideAreAnswered) {
  World world(Seed{21});
  SimSession session{.pipeline = 4, .http2 = true};
  for (int i = 0; i < 12; ++i) session.requests.push_back({});

  for (const SimOutcome* outcome : world.ask_all(session)) {
    EXPECT_EQ(outcome->how, How::whole);
    EXPECT_EQ(outcome->status, 200);
    EXPECT_EQ(world.record(outcome->id).version, HttpVersion::http2);
  }
}

TEST(Http2Clients, ALargeUploadArrivesWhole) {
  World world(Seed{22});
  SimSession session{.requests = {{.method = "POST", .body = 900'000}}, .http2 = true};

  const SimOutcome& outcome = *world.ask_all(session).front();

  EXPECT_EQ(outcome.how, How::whole);
  EXPECT_EQ(outcome.status, 200);
}

TEST(Http2Clients, ABrokenAnswerEndsByAResetOfItsStreamAlone) {
  World world(Seed{23}, {.origins = 1});
  world.origin(0).next({.body = 300'000, .stop_after = 200'000, .stop = Stop::reset});
  SimSession session{.requests = {{}, {}}, .http2 = true};

  std::vector<const SimOutcome*> outcomes = world.ask_all(session);

  EXPECT_EQ(outcomes[0]->how, How::cut);
  EXPECT_EQ(outcomes[1]->how, How::whole);
  EXPECT_TRUE(outcomes[1]->reused);
}

TEST(Http2Clients, WhoLeavesTakesNobodyAlong) {
  World world(Seed{24}, {.origins = 1});
  world.always({.delay = 2s});
  SimSession session{.requests = {{.leaves_after = 500ms}, {}}, .pipeline = 2, .http2 = true};

  std::vector<const SimOutcome*> outcomes = world.ask_all(session);

  EXPECT_EQ(outcomes[0]->how, How::left);
  EXPECT_EQ(outcomes[1]->how, How::whole);
}

}  // namespace

}  // namespace gg
