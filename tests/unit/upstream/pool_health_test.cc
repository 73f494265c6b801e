// SPDX-License-Identifier: Apache-2.0
#include "upstream/pool_health.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>

namespace gg {
namespace {

constexpr Instant now{Duration(1h)};

class Keeper final : public HealthListener {
 public:
  void health_changed(const HealthEvent& event) override {
    all.push_back(event);
    names.emplace_back(event.endpoint);
  }
  std::vector<HealthEvent> all;
  std::vector<std::string> names;
};

class PoolHealthTest : public testing::Test {
 protected:
  PoolHealth& pool(std::size_t endpoints) {
    set_endpoints(endpoints);
    return pool_.emplace(settings_, nullptr, &keeper_, now);
  }
  void set_endpoints(std::size_t count) {
    settings_.endpoints.clear();
    for (std::size_t i = 1; i <= count; ++i) {
      settings_.endpoints.push_back({.url = {.scheme = Scheme::http,
                                             .host = "10.0.0." + std::to_string(i),
                                             .port = 80,
                                             .path = {}}});
    }
  }
  bool eject(PoolHealth& pool, std::size_t endpoint) {
    HealthGrounds grounds{.fault = Fault::connect_refused, .figures = {1, 2}};
    return pool.change(endpoint, now, grounds, [&](const HealthState& state) {
      return after_fault(state, {now}, FaultWeight::unreachable, true, now, pool.rules());
    });
  }

  UpstreamConfig settings_{.name = "app"};
  Keeper keeper_;

 private:
  std::optional<PoolHealth> pool_;
};

TEST_F(PoolHealthTest, AnOperatorsWeightIsKeptUntilItIsTakenBack) {
  PoolHealth& its = pool(2);
  its.set_weight(1, 4);
  EXPECT_EQ(its.weight(1), 4U);
  EXPECT_FALSE(its.weight(0).has_value());

  its.set_weight(1, 0);
  EXPECT_FALSE(its.weight(1).has_value());
}

TEST_F(PoolHealthTest, EveryChangeIsToldOnceWithItsGrounds) {
  PoolHealth& its = pool(2);

  EXPECT_TRUE(eject(its, 1));
  EXPECT_FALSE(eject(its, 1));

  ASSERT_EQ(keeper_.all.size(), 1U);
  EXPECT_EQ(keeper_.names[0], "10.0.0.2:80");
  EXPECT_EQ(keeper_.all[0].from.standing, Standing::up);
  EXPECT_EQ(keeper_.all[0].to.standing, Standing::out);
  EXPECT_EQ(keeper_.all[0].fault, Fault::connect_refused);
  EXPECT_EQ(its.grounds(1).fault, Fault::connect_refused);
  EXPECT_EQ(its.grounds(1).figures, (HealthFigures{1, 2}));
  EXPECT_EQ(its.cell(1).ejections.load(), 1U);
}

TEST_F(PoolHealthTest, AChangeThatLeavesTheStandingIsNoNews) {
  PoolHealth& its = pool(2);

  bool changed = its.change(0, now, {}, [&](const HealthState& state) {
    return after_fault(state, {now}, FaultWeight::one, true, now, its.rules());
  });

  EXPECT_TRUE(changed);
  EXPECT_EQ(its.state(0, now).faults_in_a_row, 1);
  EXPECT_TRUE(keeper_.all.empty());
}

TEST_F(PoolHealthTest, OneOfSeveralMayGoAndThenTheShareCounts) {
  PoolHealth& its = pool(4);
  settings_.eject.at_most = {50};

  EXPECT_TRUE(its.may_eject_another(now));
  eject(its, 0);
  EXPECT_TRUE(its.may_eject_another(now));
  eject(its, 1);
  EXPECT_FALSE(its.may_eject_another(now));
}

TEST_F(PoolHealthTest, TheOnlyEndpointIsNotEjectedForWhatTrafficShows) {
  EXPECT_FALSE(pool(1).may_eject_another(now));
}

TEST_F(PoolHealthTest, AShareOfNothingEjectsNobody) {
  settings_.eject.at_most = {0};

  EXPECT_FALSE(pool(4).may_eject_another(now));
}

TEST_F(PoolHealthTest, ASmallShareLetsOneGoAllTheSame) {
  settings_.eject.at_most = {10};

  EXPECT_TRUE(pool(3).may_eject_another(now));
}

TEST_F(PoolHealthTest, ItKnowsWhenNobodyIsLeft) {
  PoolHealth& its = pool(2);
  eject(its, 0);
  EXPECT_FALSE(its.all_are_out(now));

  eject(its, 1);
  EXPECT_TRUE(its.all_are_out(now));
}

TEST_F(PoolHealthTest, TheNextPoolOnABoardGoesOnWithWhatIsKnown) {
  std::array<HealthCell, 16> cells;
  HealthBoard board(cells);
  set_endpoints(2);
  PoolHealth before(settings_, &board, nullptr, now);
  eject(before, 1);

  PoolHealth after(settings_, &board, nullptr, now);

  EXPECT_EQ(after.state(1, now).standing, Standing::out);
  EXPECT_EQ(after.state(0, now).standing, Standing::up);
}

TEST_F(PoolHealthTest, AnEndpointAddedToOthersBeginsSlowlyAndNewPoolsDoNot) {
  std::array<HealthCell, 16> cells;
  HealthBoard board(cells);
  set_endpoints(2);
  PoolHealth before(settings_, &board, nullptr, now);
  EXPECT_EQ(before.state(0, now).standing, Standing::up);

  set_endpoints(3);
  PoolHealth after(settings_, &board, nullptr, now);

  EXPECT_EQ(after.state(0, now).standing, Standing::up);
  EXPECT_EQ(after.state(2, now).standing, Standing::recovering);
  EXPECT_EQ(after.state(2, now).reason, HealthReason::added);
}

TEST_F(PoolHealthTest, WhatTheConfigurationListsIsNotWithdrawnByWhatNamedItBefore) {
  std::array<HealthCell, 16> cells;
  HealthBoard board(cells);
  set_endpoints(1);
  PoolHealth before(settings_, &board, nullptr, now);
  before.withdraw(0, true, now);

  PoolHealth after(settings_, &board, nullptr, now);

  EXPECT_FALSE(after.state(0, now).drains());
}

TEST_F(PoolHealthTest, WhatABoardHasNoRoomForIsKeptByThePool) {
  std::array<HealthCell, 1> cells;
  HealthBoard board(cells);
  set_endpoints(3);

  PoolHealth its(settings_, &board, nullptr, now);
  eject(its, 2);

  EXPECT_EQ(its.state(2, now).standing, Standing::out);
  EXPECT_EQ(its.state(1, now).standing, Standing::up);
}

TEST(EndpointName, IsWhatPeopleWrite) {
  EXPECT_EQ(name_of({.scheme = Scheme::http, .host = "app.internal", .port = 80, .path = {}}),
            "app.internal:80");
  EXPECT_EQ(name_of({.scheme = Scheme::http, .host = "::1", .port = 80, .path = {}}), "[::1]:80");
  EXPECT_EQ(name_of({.scheme = Scheme::unix_socket, .host = {}, .port = 0, .path = "/run/a"}),
            "unix:/run/a");
}

}  // namespace
}  // namespace gg
