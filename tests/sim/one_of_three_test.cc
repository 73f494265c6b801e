// SPDX-License-Identifier: Apache-2.0
// One endpoint of three is of no use, in a way of its own; the others are well. Clients must not
// see it, whatever is spoken with the endpoints, with the defaults.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/swarm_speech.h"

namespace gg {

namespace {

using How = SimOutcome::How;

/// Three quick origins and traffic of twenty clients, for so many requests each.
class OneOfThree : public testing::TestWithParam<SwarmSpeech> {
 protected:
  OneOfThree() {
    SwarmPlan plan{.origins = std::vector<SwarmOrigin>(3)};
    for (SwarmOrigin& origin : plan.origins) origin.speech = GetParam();
    plan.http2_is_known = speaks_http2(GetParam());
    set_speech(world_, plan, Seed{5});
    world_.always({.delay = 10ms});
  }

  /// Of that method; each client leaves if it has no answer after `patience`.
  std::vector<std::uint64_t> begin_traffic(const std::string& method, std::size_t count,
                                           Duration patience) {
    std::vector<std::uint64_t> ids;
    for (std::size_t i = 0; i < world_.clients(); ++i) {
      SimRequest request{.method = method, .leaves_after = patience};
      if (method == "PUT") request.body = 2000;
      SimSession session{.requests = std::vector<SimRequest>(count, request), .pause = 20ms};
      world_.declare({.kind = Trouble::Kind::client_leaves});
      for (std::uint64_t id : world_.begin(session, i)) ids.push_back(id);
    }
    return ids;
  }
  std::size_t count_of_bad(const std::vector<std::uint64_t>& ids) {
    return static_cast<std::size_t>(std::ranges::count_if(ids, [this](std::uint64_t id) {
      const SimOutcome& outcome = world_.outcome(id);
      return outcome.how != How::whole || outcome.status != 200;
    }));
  }

  World world_{Seed{5}, {.origins = 3, .clients = 20}};
};

TEST_P(OneOfThree, AnswersAlways503AndNoGetSeesIt) {
  world_.origin(1).always({.delay = 1ms, .status = 503});

  std::vector<std::uint64_t> ids = begin_traffic("GET", 50, 1s);
  ASSERT_TRUE(world_.run());

  EXPECT_EQ(count_of_bad(ids), 0U);
  EXPECT_GE(world_.origin(1).requests().size(), 1U);
  EXPECT_LE(world_.origin(1).requests().size(), 60U);
}

TEST_P(OneOfThree, BeginsToAnswer503AndNoGetSeesIt) {
  world_.sim().after(500ms, [this] { world_.origin(1).always({.status = 503}); });

  std::vector<std::uint64_t> ids = begin_traffic("GET", 100, 1s);
  ASSERT_TRUE(world_.run());

  EXPECT_EQ(count_of_bad(ids), 0U);
}

TEST_P(OneOfThree, FallsSilentAndEveryGetIsAnsweredWithinASecond) {
  world_.sim().after(500ms, [this] { world_.machine(1).freeze(); });

  std::vector<std::uint64_t> ids = begin_traffic("GET", 100, 1s);
  ASSERT_TRUE(world_.run());

  EXPECT_EQ(count_of_bad(ids), 0U);
  EXPECT_GE(world_.origin(1).requests().size(), 10U);
}

TEST_P(OneOfThree, FallsSilentAndEveryPutIsAnsweredWithinASecond) {
  world_.sim().after(500ms, [this] { world_.machine(1).freeze(); });

  std::vector<std::uint64_t> ids = begin_traffic("PUT", 100, 1s);
  ASSERT_TRUE(world_.run());

  EXPECT_EQ(count_of_bad(ids), 0U);
}

TEST_P(OneOfThree, IsSwallowedByItsNetworkAndEveryGetIsAnsweredWithinASecond) {
  world_.sim().after(500ms, [this] { world_.network().black_hole(world_.machine(1).door()); });

  std::vector<std::uint64_t> ids = begin_traffic("GET", 100, 1s);
  ASSERT_TRUE(world_.run());

  EXPECT_EQ(count_of_bad(ids), 0U);
}

TEST_P(OneOfThree, DiesAndNoGetSeesIt) {
  world_.sim().after(500ms, [this] { world_.machine(1).crash(); });

  std::vector<std::uint64_t> ids = begin_traffic("GET", 100, 1s);
  ASSERT_TRUE(world_.run());

  EXPECT_EQ(count_of_bad(ids), 0U);
}

std::string test_name(const testing::TestParamInfo<SwarmSpeech>& info) {
  constexpr const char* names[] = {"http1", "http1_over_tls", "http2", "http2_over_tls"};
  return names[static_cast<std::size_t>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Speaks, OneOfThree,
                         testing::Values(SwarmSpeech::http1, SwarmSpeech::http1_over_tls,
                                         SwarmSpeech::http2, SwarmSpeech::http2_over_tls),
                         test_name);

}  // namespace

}  // namespace gg
