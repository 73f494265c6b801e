// SPDX-License-Identifier: Apache-2.0
#include "upstream/members/member_desk.h"

#include <gtest/gtest.h>

#include <array>

namespace gg {
namespace {

constexpr Instant now{Duration(1h)};

EndpointConfig endpoint(std::string host, std::uint32_t weight = 1) {
  return {.url = {.scheme = Scheme::http, .host = std::move(host), .port = 80, .path = {}},
          .weight = weight};
}

EndpointConfig drained(std::string host) {
  EndpointConfig one = endpoint(std::move(host));
  one.drains = true;
  return one;
}

class MemberDeskTest : public testing::Test, public SeatKeeper {
 protected:
  MemberDesk& desk() {
    if (!desk_) {
      UpstreamConfig& upstream = config_.upstreams.emplace_back();
      upstream.name = "app";
      upstream.discover = DiscoverConfig{.file = "app"};
      if (has_configured_) upstream.endpoints.push_back(endpoint("z"));
      shared_.emplace(config_, board_, nullptr, now);
      desk_.emplace(config_, *shared_, *this);
    }
    return *desk_;
  }
  MembershipChange answer(const std::vector<EndpointConfig>& endpoints) {
    done_.clear();
    return desk().answer(0, endpoints, now);
  }
  Standing standing(std::size_t seat) { return shared_->health(0).state(seat, now).standing; }
  PoolHealth& health() { return shared_->health(0); }
  /// What the keeper was told by the last call.
  const std::string& done() const { return done_; }

  bool has_configured_ = false;
  bool is_used_ = false;
  HealthBoard* board_ = nullptr;

 private:
  void note(std::string_view what, std::size_t seat, const std::string& host = "") {
    done_ += (done_.empty() ? "" : ", ") + std::string(what) + " " + std::to_string(seat) + host;
  }
  void seat(std::size_t /*upstream*/, std::size_t seat, const EndpointConfig& who) override {
    EXPECT_EQ(health().name(seat), who.url.host + ":80");
    note("seat", seat, who.url.host);
  }
  void alter(std::size_t /*upstream*/, std::size_t seat, const EndpointConfig& who) override {
    note("alter", seat, who.url.host);
  }
  void unseat(std::size_t /*upstream*/, std::size_t seat) override { note("unseat", seat); }
  void ask_release(std::size_t upstream, std::size_t seat, std::uint32_t turn) override {
    note("ask", seat);
    if (!is_used_) desk().released(upstream, seat, turn);
  }

  Config config_;
  std::optional<SharedUpstreams> shared_;
  std::optional<MemberDesk> desk_;
  std::string done_;
};

TEST_F(MemberDeskTest, WhoComesHasASeatAfterThoseOfTheConfiguration) {
  has_configured_ = true;

  answer({endpoint("a"), endpoint("b")});

  EXPECT_EQ(done(), "seat 1a, seat 2b");
  EXPECT_EQ(health().size(), 3U);
  EXPECT_EQ(standing(1), Standing::up);
}

TEST_F(MemberDeskTest, WhoComesLaterBeginsSlowly) {
  answer({endpoint("a")});
  answer({endpoint("a"), endpoint("b")});

  EXPECT_EQ(done(), "seat 1b");
  EXPECT_EQ(standing(0), Standing::up);
  EXPECT_EQ(standing(1), Standing::recovering);
}

TEST_F(MemberDeskTest, WhoGoesKeepsItsSeatUntilNobodyUsesIt) {
  answer({endpoint("a"), endpoint("b")});
  is_used_ = true;
  answer({endpoint("b")});
  EXPECT_EQ(done(), "unseat 0");
  EXPECT_FALSE(health().is_member(0));
  desk().ask_releases();
  EXPECT_TRUE(desk().has_leaving());

  answer({endpoint("b"), endpoint("c")});
  EXPECT_EQ(done(), "seat 2c");

  is_used_ = false;
  desk().ask_releases();
  EXPECT_FALSE(desk().has_leaving());
  answer({endpoint("b"), endpoint("c"), endpoint("d")});
  EXPECT_EQ(done(), "seat 0d");
  EXPECT_EQ(health().name(0), "d:80");
}

TEST_F(MemberDeskTest, WhoComesBackBeforeThatIsAsItWas) {
  answer({endpoint("a"), endpoint("b")});
  is_used_ = true;
  answer({endpoint("b")});

  answer({endpoint("b"), endpoint("a")});

  EXPECT_EQ(done(), "seat 0a");
  EXPECT_TRUE(health().is_member(0));
  EXPECT_EQ(standing(0), Standing::up);
}

TEST_F(MemberDeskTest, AnotherWeightIsToldAndNothingElse) {
  answer({endpoint("a"), endpoint("b")});

  answer({endpoint("b", 5), endpoint("a")});

  EXPECT_EQ(done(), "alter 1b");
}

TEST_F(MemberDeskTest, ADrainIsToldAndSharedAndEndsWithASlowStart) {
  answer({endpoint("a"), drained("b")});
  EXPECT_TRUE(health().state(1, now).drains());

  answer({drained("a"), endpoint("b")});

  EXPECT_EQ(done(), "alter 0a, alter 1b");
  EXPECT_TRUE(health().state(0, now).drains());
  EXPECT_FALSE(health().state(1, now).drains());
  EXPECT_EQ(standing(1), Standing::recovering);
}

TEST_F(MemberDeskTest, ADrainThatEndedWhileNobodyLookedIsOver) {
  std::array<HealthCell, 16> cells;
  HealthBoard board(cells);
  board.find("app", "a:80").cell->word = pack({.is_draining = true, .is_withdrawn = true});
  board_ = &board;

  answer({endpoint("a")});

  EXPECT_FALSE(health().state(0, now).is_withdrawn);
  EXPECT_TRUE(health().state(0, now).is_draining);
}

TEST_F(MemberDeskTest, AfterAReloadEverybodyIsAsBeforeAndOnlyWhoIsNewBeginsSlowly) {
  std::array<HealthCell, 16> cells;
  HealthBoard board(cells);
  board.find("app", "a:80");
  board_ = &board;

  answer({endpoint("a"), endpoint("b")});

  EXPECT_EQ(standing(0), Standing::up);
  EXPECT_EQ(standing(1), Standing::recovering);
}

TEST_F(MemberDeskTest, WhatAnOperatorOrderedOfWhoWasHereBeforeIsOver) {
  answer({endpoint("a"), endpoint("b")});
  health().set_weight(0, 9);
  health().change(0, now, {},
                  [](const HealthState& state) { return after_drain_order(state, true); });
  answer({endpoint("b")});
  desk().ask_releases();

  answer({endpoint("a"), endpoint("b")});

  EXPECT_FALSE(health().weight(0));
  EXPECT_FALSE(health().state(0, now).is_draining);
  EXPECT_EQ(standing(0), Standing::recovering);
}

}  // namespace
}  // namespace gg
