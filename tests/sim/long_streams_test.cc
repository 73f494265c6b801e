// SPDX-License-Identifier: Apache-2.0
// Streams of ten minutes outlive a reload, which retires the worker that they are on, and the drain
// of every endpoint: nobody ends what he has begun.
#include <gtest/gtest.h>

#include "support/world.h"
#include "upstream/health/health_machine.h"

namespace gg {

namespace {

using How = SimOutcome::How;

constexpr Duration as_long_as_streams = 10min;

class LongStreams : public ::testing::Test {
 protected:
  /// Twenty pieces, half a minute between them.
  static SimBehaviour ticking() {
    return {.body = 2000,
            .framing = SimBehaviour::Framing::chunked,
            .fields = {{"content-type", "text/event-stream"}},
            .piece = 100,
            .pause = 30s};
  }
  void begin(SimRequest request, bool http2) {
    SimSession session{.http2 = http2, .patience = 1h};
    session.requests.push_back(std::move(request));
    ids_.push_back(world_.begin(std::move(session)).front());
  }
  /// All that an operator and a new configuration do in the first minutes.
  void unrest() {
    world_.run_for(1min);
    for (std::size_t i = 0; i < world_.origins(); ++i) {
      world_.health().change(i, world_.sim().now(), {}, [](const HealthState& state) {
        return after_drain_order(state, true);
      });
      world_.worker().upstreams().at(0).endpoints()[i]->close_idle();
    }
    world_.run_for(1min);
    world_.network().stop_listening(World::address());
    world_.worker().drain(5s);
    ASSERT_TRUE(world_.run());
  }
  void expect_all_whole() {
    for (std::uint64_t id : ids_) {
      const SimOutcome& outcome = world_.outcome(id);
      EXPECT_EQ(outcome.how, How::whole) << outcome.complaint;
      EXPECT_TRUE(outcome.body_is_right && outcome.body_is_complete);
      EXPECT_GE(outcome.ended - outcome.began, as_long_as_streams);
      EXPECT_EQ(world_.record(id).fault, Fault::none);
    }
  }

  World world_{Seed{1}};

 private:
  std::vector<std::uint64_t> ids_;
};

TEST_F(LongStreams, OfEventsGoOnByBothProtocols) {
  world_.always(ticking());
  begin({}, false);
  begin({}, true);

  unrest();

  expect_all_whole();
}

TEST_F(LongStreams, OfGrpcGoOnBothWays) {
  SimBehaviour call = ticking();
  call.first = SimBehaviour::First::answer_early;
  call.fields = {{"content-type", "application/grpc"}};
  call.trailers = {{"grpc-status", "0"}};
  world_.always(call);
  for (std::size_t i = 0; i < world_.origins(); ++i) world_.hide_behind_http2(i);
  begin({.method = "POST",
         .fields = {{"content-type", "application/grpc"}, {"te", "trailers"}},
         .body = 2000,
         .chunked = true,
         .piece = 100,
         .pause = 30s},
        true);

  unrest();

  expect_all_whole();
}

TEST_F(LongStreams, OfAWebSocketGoOnToTheClose) {
  world_.always({.raw = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n"
                        "upgrade: websocket\r\n\r\n",
                 .echoes = true});
  const std::string frame = "\x81\x84\x01\x02\x03\x04tick";
  std::vector<Saying> sayings = {
      {"GET /chat HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"}};
  for (int i = 0; i < 20; ++i) sayings.push_back({.bytes = frame, .before = 30s});
  sayings.back().then = Saying::Then::ends_sending;
  const SimTalker& talker = world_.begin_talk(std::move(sayings));

  unrest();

  const Talk& talk = talker.talk();
  std::string echoes;
  for (int i = 0; i < 20; ++i) echoes += frame;
  EXPECT_TRUE(talk.heard.ends_with("\r\n\r\n" + echoes));
  EXPECT_FALSE(talk.error);
  EXPECT_GE(talk.lasted, as_long_as_streams);
  EXPECT_EQ(world_.last_record().fault, Fault::none);
}

TEST_F(LongStreams, AWebSocketHearsOfTheEndOfTheDrain) {
  world_.always({.raw = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n"
                        "upgrade: websocket\r\n\r\n\x81\x05hello",
                 .echoes = true});
  const std::string frame = "\x81\x84\x01\x02\x03\x04tick";
  // The last one just before the end: from outside, a worker's clock stands since its last turn.
  const SimTalker& talker = world_.begin_talk(
      {{"GET /chat HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"},
       {.bytes = frame, .before = 89'900ms}});
  world_.run_for(1min);

  world_.drain();
  world_.run_for(30s);
  EXPECT_TRUE(talker.talk().heard.ends_with("\x81\x05hello" + frame));
  world_.worker().cut();
  world_.run();

  EXPECT_TRUE(talker.talk().heard.ends_with("\x81\x05hello" + frame + "\x88\x02\x03\xe9"))
      << testing::PrintToString(talker.talk().heard);
}

}  // namespace

}  // namespace gg
