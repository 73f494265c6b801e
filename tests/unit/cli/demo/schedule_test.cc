// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/schedule.h"

#include <gtest/gtest.h>

#include <set>

namespace gg {
namespace {

/// Who misbehaves and how, at each tenth of a second of `length`.
std::set<std::pair<std::size_t, Misbehaviour>> seen_in(const DemoSchedule& schedule,
                                                       Duration length) {
  std::set<std::pair<std::size_t, Misbehaviour>> seen;
  for (Duration at{}; at < length; at += 100ms) {
    DemoTurn turn = schedule.at(at);
    if (turn.misbehaviour != Misbehaviour::none) seen.emplace(turn.origin, turn.misbehaviour);
  }
  return seen;
}

std::set<Misbehaviour> kinds_in(const DemoSchedule& schedule, Duration length) {
  std::set<Misbehaviour> kinds;
  for (const auto& [origin, kind] : seen_in(schedule, length)) kinds.insert(kind);
  return kinds;
}

TEST(DemoSchedule, AtMostOneOriginMisbehavesAtATime) {
  DemoTurn turn = DemoSchedule(std::nullopt).at(2s);

  EXPECT_EQ(turn.of(0), Misbehaviour::crash);
  EXPECT_EQ(turn.of(1), Misbehaviour::none);
  EXPECT_EQ(turn.of(2), Misbehaviour::none);
}

TEST(DemoSchedule, EverybodyIsWellAtFirst) {
  EXPECT_EQ(DemoSchedule(std::nullopt).at(0s).misbehaviour, Misbehaviour::none);
}

TEST(DemoSchedule, BetweenTwoTurnsEverybodyIsWell) {
  DemoSchedule schedule(std::nullopt);

  EXPECT_EQ(schedule.at(2999ms).misbehaviour, Misbehaviour::crash);
  EXPECT_EQ(schedule.at(3s).misbehaviour, Misbehaviour::none);
  EXPECT_EQ(schedule.at(3999ms).misbehaviour, Misbehaviour::none);
  EXPECT_EQ(schedule.at(4s).misbehaviour, Misbehaviour::drop_keep_alive);
}

TEST(DemoSchedule, AShortDemoShowsEveryKind) {
  EXPECT_EQ(kinds_in(DemoSchedule(10s), 10s).size(), misbehaviour_count - 1);
}

TEST(DemoSchedule, EveryOriginComesToDoEverythingInThreeRounds) {
  DemoSchedule schedule(std::nullopt);
  Duration three_rounds = schedule.turn_length() * 18;

  EXPECT_EQ(seen_in(schedule, three_rounds).size(), demo_origin_count * (misbehaviour_count - 1));
}

TEST(DemoSchedule, TurnsAreNeverTooShortToSee) {
  EXPECT_EQ(DemoSchedule(1s).turn_length(), 500ms);
  EXPECT_EQ(DemoSchedule(1h).turn_length(), 3s);
}

TEST(OriginAct, EverySecondRequestIsTreatedBadly) {
  EXPECT_EQ(act_for(Misbehaviour::garbage, {.of_misbehaviour = 1}), OriginAct::garbage);
  EXPECT_EQ(act_for(Misbehaviour::garbage, {.of_misbehaviour = 2}), OriginAct::answer);
  EXPECT_EQ(act_for(Misbehaviour::overload, {.of_misbehaviour = 3}), OriginAct::unavailable);
}

TEST(OriginAct, OnlyAConnectionUsedBeforeIsClosedAsARequestArrives) {
  EXPECT_EQ(act_for(Misbehaviour::drop_keep_alive, {.on_connection = 1}), OriginAct::answer);
  EXPECT_EQ(act_for(Misbehaviour::drop_keep_alive, {.on_connection = 2}), OriginAct::close);
}

TEST(OriginAct, OnlyANewConnectionIsReset) {
  EXPECT_EQ(act_for(Misbehaviour::reset, {.on_connection = 1}), OriginAct::reset);
  EXPECT_EQ(act_for(Misbehaviour::reset, {.on_connection = 2}), OriginAct::answer_and_close);
}

TEST(OriginAct, AHangDelaysEveryRequest) {
  EXPECT_EQ(act_for(Misbehaviour::hang, {.of_misbehaviour = 1}), OriginAct::answer_late);
  EXPECT_EQ(act_for(Misbehaviour::hang, {.of_misbehaviour = 2}), OriginAct::answer_late);
}

}  // namespace
}  // namespace gg
