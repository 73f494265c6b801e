// SPDX-License-Identifier: Apache-2.0
// Connections that endpoints close while they idle: a request that can be sent again is, silently;
// one that cannot never meets such a close.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/world.h"

namespace gg {

namespace {

using First = SimBehaviour::First;
using Outcomes = std::vector<const SimOutcome*>;

constexpr Duration idle_close = 5s;

std::size_t count_of_races(const World& world) {
  std::size_t races = 0;
  for (const KeptRecord& record : world.records()) {
    for (const KeptAttempt& attempt : record.attempts) {
      if (attempt.fault == Fault::keep_alive_race) ++races;
    }
  }
  return races;
}

std::size_t count_of_reuses(const World& world) {
  std::size_t reuses = 0;
  for (const KeptRecord& record : world.records()) {
    for (const KeptAttempt& attempt : record.attempts) {
      if (attempt.reused) ++reuses;
    }
  }
  return reuses;
}

std::size_t count_of_good(const Outcomes& outcomes) {
  return static_cast<std::size_t>(std::ranges::count(outcomes, 200, &SimOutcome::status));
}

SimSession session_of(const std::string& method, std::size_t requests, Duration pause = {}) {
  std::optional<std::size_t> body =
      method == "POST" ? std::optional<std::size_t>(300) : std::nullopt;
  return {.requests = std::vector<SimRequest>(requests, {.method = method, .body = body}),
          .pause = pause};
}

/// Answers the first request of a connection and closes as the next one comes.
class OneAnswerEach final : public SimScript {
 public:
  explicit OneAnswerEach(First then) : then_(then) {}
  SimBehaviour behaviour_for(const SimSeenRequest& request) override {
    return request.place == 1 ? SimBehaviour{} : SimBehaviour{.first = then_};
  }

 private:
  First then_;
};

/// A request of `method` comes when an idle connection has been left alone for the origin's
/// patience and `phase` more. Enough reuses shortly before that have proved the connection. Returns
/// how many races there were.
std::size_t meet_idle_close(const std::string& method, Duration phase, std::size_t origins) {
  SCOPED_TRACE(method + " at " + std::to_string(phase.count() / 1000) + " us");
  World world(Seed{static_cast<std::uint64_t>(phase.count()) + 1'000'000'000},
              {.origins = origins});
  world.prefer(0);
  world.origin().settings().idle_close = idle_close;
  world.ask_all(session_of("GET", 6, idle_close - 10ms));
  world.run_for(idle_close + phase);

  Outcomes outcomes = world.ask_all(session_of(method, 1));

  EXPECT_EQ(outcomes.front()->status, 200);
  return count_of_races(world);
}

/// From before the close can be seen until after it has been. Returns the number of all races.
std::size_t meet_idle_close_at_every_phase(const std::string& method, std::size_t origins) {
  std::size_t races = 0;
  for (Duration phase = -4ms; phase < 4ms; phase += 50us) {
    races += meet_idle_close(method, phase, origins);
  }
  return races;
}

TEST(IdleClose, CostsAGetASilentRetryAtMost) {
  EXPECT_GE(meet_idle_close_at_every_phase("GET", 2), 1U);
}

TEST(IdleClose, CostsAPostNothingAtAnyMoment) {
  EXPECT_EQ(meet_idle_close_at_every_phase("POST", 2), 0U);
}

TEST(IdleClose, CostsAGetASilentRetryAtTheOnlyEndpoint) {
  EXPECT_GE(meet_idle_close_at_every_phase("GET", 1), 1U);
}

TEST(IdleClose, CostsAPostNothingAtTheOnlyEndpoint) {
  EXPECT_EQ(meet_idle_close_at_every_phase("POST", 1), 0U);
}

TEST(IdleClose, IsLearntFromTwoAndThenNotMetAgain) {
  World world(Seed{5}, {.origins = 1});
  world.origin().settings().idle_close = idle_close;
  world.ask_all(session_of("GET", 3, idle_close + 1s));
  world.run_for(idle_close + 1s);
  std::size_t before = count_of_races(world);

  Outcomes outcomes = world.ask_all(session_of("GET", 200, idle_close - 500us));

  EXPECT_EQ(count_of_good(outcomes), 200U);
  EXPECT_EQ(count_of_races(world), before);
}

TEST(IdleClose, IsNoReasonNotToReuseWhatIsYounger) {
  World world(Seed{5}, {.origins = 1});
  world.origin().settings().idle_close = idle_close;
  world.ask_all(session_of("GET", 3, idle_close + 1s));
  std::size_t before = count_of_reuses(world);

  world.ask_all(session_of("GET", 50, idle_close - 1500ms));

  EXPECT_GE(count_of_reuses(world) - before, 49U);
}

TEST(CloseOnNextRequest, CostsAGetOnlySilentRetries) {
  World world(Seed{8}, {.origins = 3});
  OneAnswerEach script(First::close);
  world.origin(0).set_script(&script);

  Outcomes outcomes = world.ask_all(session_of("GET", 600, 10ms));

  EXPECT_EQ(count_of_good(outcomes), 600U);
  EXPECT_GE(count_of_races(world), 1U);
  EXPECT_LE(count_of_races(world), 5U);
}

TEST(CloseOnNextRequest, CostsAPostNothing) {
  World world(Seed{8}, {.origins = 1});
  OneAnswerEach script(First::reset);
  world.origin(0).set_script(&script);

  Outcomes outcomes = world.ask_all(session_of("POST", 300, 10ms));

  EXPECT_EQ(count_of_good(outcomes), 300U);
  EXPECT_EQ(count_of_races(world), 0U);
}

TEST(CloseOnNextRequest, CostsAPostNothingAmongManyGets) {
  World world(Seed{9}, {.origins = 3, .clients = 3});
  OneAnswerEach script(First::close);
  world.origin(0).set_script(&script);
  world.origin(1).set_script(&script);
  world.begin(session_of("GET", 300, 7ms), 0);
  world.begin(session_of("GET", 300, 11ms), 1);

  Outcomes outcomes = world.ask_all(session_of("POST", 300, 10ms));
  world.run();

  EXPECT_EQ(count_of_good(outcomes), 300U);
}

TEST(CloseOnNextRequest, ThatNobodyCouldForeseeCostsOnePostOfAllWorkers) {
  World world(Seed{11}, {.origins = 1, .clients = 12, .workers = 4});
  for (std::size_t i = 0; i < 12; ++i) world.begin(session_of("GET", 60, 20ms), i);
  world.run();
  std::size_t before = count_of_reuses(world);

  OneAnswerEach script(First::close);
  world.origin(0).set_script(&script);
  std::size_t lost = 0;
  for (int i = 0; i < 40; ++i) {
    Outcomes outcomes = world.ask_all(session_of("POST", 1));
    lost += 1 - count_of_good(outcomes);
  }

  EXPECT_EQ(lost, 1U);
  EXPECT_EQ(count_of_reuses(world) - before, 1U);
}

TEST(CloseOnNextRequest, IsNotHeldAgainstTheEndpoint) {
  World world(Seed{8}, {.origins = 1});
  OneAnswerEach script(First::close);
  world.origin(0).set_script(&script);

  world.ask_all(session_of("GET", 100, 100ms));

  EXPECT_EQ(world.health().state(0, world.sim().now()).faults_in_a_row, 0U);
}

TEST(SilentRequestLimit, CostsAPostNothing) {
  World world(Seed{4}, {.origins = 1, .clients = 8});
  world.network().defaults().jitter = 2ms;  // the close may come well behind the last answer
  world.origin().settings().requests_per_connection = 5;
  world.origin().settings().announces_last = false;
  for (std::size_t i = 1; i < 8; ++i) world.begin(session_of("GET", 300), i);

  Outcomes outcomes = world.ask_all(session_of("POST", 300));
  world.run();

  EXPECT_EQ(count_of_good(outcomes), 300U);
  EXPECT_GE(count_of_races(world), 1U);
}

TEST(ProvenConnection, CarriesPostsAfterSomeGets) {
  World world(Seed{3}, {.origins = 1});
  world.ask_all(session_of("GET", 60, 50ms));
  std::size_t before = count_of_reuses(world);

  world.ask_all(session_of("POST", 50, 20ms));

  EXPECT_GE(count_of_reuses(world) - before, 48U);
}

TEST(ProvenConnection, IsNoneWhereOnlyPostsCome) {
  World world(Seed{3}, {.origins = 1});

  Outcomes outcomes = world.ask_all(session_of("POST", 50, 20ms));

  EXPECT_EQ(count_of_good(outcomes), 50U);
  EXPECT_EQ(count_of_reuses(world), 0U);
}

TEST(ProvenConnection, IsNotNeededWhereTheOperatorLetsRequestsRunTwice) {
  World world(Seed{3}, {.origins = 1});
  world.route().retry.unsafe_methods = true;

  world.ask_all({.requests = std::vector<SimRequest>(10, {.method = "POST"})});

  EXPECT_EQ(count_of_reuses(world), 9U);
}

TEST(ProvenConnection, MakesRoomInThePoolWhenItIsNotFound) {
  World world(Seed{3}, {.origins = 1, .clients = 2});
  world.upstream().limits.connections = 2;

  Outcomes outcomes = world.ask_all(session_of("POST", 50));

  EXPECT_EQ(count_of_good(outcomes), 50U);
  EXPECT_EQ(world.worker().upstreams().at(0).endpoints().front()->idle_connections(), 1U);
}

TEST(AnnouncedTimeout, IsRespected) {
  World world(Seed{6}, {.origins = 1});
  world.origin().settings().idle_close = idle_close;
  world.always({.fields = {{"Keep-Alive", "timeout=5"}}});

  world.ask_all(session_of("GET", 5, 4100ms));
  EXPECT_EQ(count_of_reuses(world), 0U);

  world.ask_all(session_of("GET", 5, 3900ms));
  EXPECT_GE(count_of_reuses(world), 4U);
  EXPECT_EQ(count_of_races(world), 0U);
}

TEST(AnnouncedTimeout, OfZeroMeansNoReuse) {
  World world(Seed{6}, {.origins = 1});
  world.always({.fields = {{"Keep-Alive", "timeout=0"}}});

  world.ask_all(session_of("GET", 5));

  EXPECT_EQ(count_of_reuses(world), 0U);
}

TEST(AnnouncedMax, IsRespected) {
  World world(Seed{6}, {.origins = 1});
  world.origin().settings().requests_per_connection = 3;
  world.origin().settings().announces_last = false;
  world.always({.fields = {{"Keep-Alive", "max=3"}}});

  world.ask_all(session_of("GET", 30));

  EXPECT_EQ(count_of_races(world), 0U);
  EXPECT_EQ(count_of_reuses(world), 20U);
}

}  // namespace

}  // namespace gg
