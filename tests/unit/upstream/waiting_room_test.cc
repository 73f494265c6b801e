// SPDX-License-Identifier: Apache-2.0
#include "upstream/admission/waiting_room.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace gg {

namespace {

constexpr Instant start{1s};

/// 600 places a second, answers in 50 ms, 75 ms at the limit: under overload one may wait 25 ms,
/// the time of 15 places.
constexpr Pressure calm{.places_per_second = 600, .usual = 50ms, .bearable = 75ms};
constexpr Pressure overload{.is_overloaded = true,
                            .is_doubtful = true,
                            .places_per_second = 600,
                            .usual = 50ms,
                            .bearable = 75ms};

class WaitingRoomTest : public testing::Test {
 protected:
  Fault come(const Pressure& pressure, Instant now = start, Priority priority = Priority::normal,
             Deadline deadline = Deadline::never()) {
    people_.push_back(std::make_unique<Waiting>(priority, deadline, now));
    WaitingRoom::Verdict verdict = room_.join(*people_.back(), pressure, now);
    evicted_ = verdict.evicted;
    return verdict.refusal;
  }
  /// How many of so many had to go.
  int refused_of(int count, const Pressure& pressure, Instant now = start) {
    int refused = 0;
    for (int i = 0; i < count; ++i) refused += come(pressure, now) != Fault::none ? 1 : 0;
    return refused;
  }
  std::size_t expired(Instant now) {
    IntrusiveList<Waiting> list;
    std::size_t before = room_.size();
    room_.take_expired(now, list);
    return before - room_.size();
  }
  Waiting& person(std::size_t index) { return *people_[index]; }

  std::vector<std::unique_ptr<Waiting>> people_;
  WaitingRoom room_{{.depth = 100, .wait = 1s}};
  Waiting* evicted_ = nullptr;
};

TEST_F(WaitingRoomTest, ServesInTurn) {
  come(calm);
  come(calm);

  EXPECT_EQ(&room_.next(calm, start), &person(0));
  EXPECT_EQ(&room_.next(calm, start), &person(1));
  EXPECT_TRUE(room_.empty());
}

TEST_F(WaitingRoomTest, ServesTheNewestOnceTheLineIsFelt) {
  come(calm);
  come(calm, start + 30ms);

  EXPECT_EQ(&room_.next(calm, start + 30ms), &person(1));
}

TEST_F(WaitingRoomTest, ServesTheOldestBeforeItIsTooLate) {
  come(calm);
  come(calm, start + 510ms);

  EXPECT_EQ(&room_.next(calm, start + 510ms), &person(0));
}

TEST_F(WaitingRoomTest, ServesTheImportantFirst) {
  come(calm, start, Priority::low);
  come(calm, start, Priority::normal);
  come(calm, start, Priority::high);

  EXPECT_EQ(&room_.next(calm, start), &person(2));
  EXPECT_EQ(&room_.next(calm, start), &person(1));
  EXPECT_EQ(&room_.next(calm, start), &person(0));
}

TEST_F(WaitingRoomTest, HasRoomForSoManyWhileAllIsWell) {
  EXPECT_EQ(refused_of(101, calm), 1);
  EXPECT_EQ(come(calm), Fault::queue_full);
}

TEST_F(WaitingRoomTest, HasRoomForHalfOfThemInDoubt) {
  Pressure doubt = calm;
  doubt.is_doubtful = true;

  EXPECT_EQ(refused_of(60, doubt), 10);
}

TEST_F(WaitingRoomTest, WithoutDepthLetsNobodyWait) {
  WaitingRoom room({.depth = 0, .wait = 1s});
  Waiting person(Priority::high, Deadline::never(), start);

  EXPECT_EQ(room.join(person, calm, start).refusal, Fault::queue_full);
}

TEST_F(WaitingRoomTest, UnderOverloadLetsOnlyThoseWaitWhoWillBeServedSoon) {
  EXPECT_EQ(refused_of(20, overload), 5);
  EXPECT_EQ(come(overload), Fault::overload_shed);
}

TEST_F(WaitingRoomTest, CountsWhatHasToLeaveFirst) {
  Pressure crowded = overload;
  crowded.excess = 10;

  EXPECT_EQ(refused_of(20, crowded), 15);
}

TEST_F(WaitingRoomTest, LetsQuickServicesKeepPeopleWaitingForATenthOfASecond) {
  Pressure quick{.is_overloaded = true, .places_per_second = 1000, .usual = 1ms, .bearable = 26ms};

  EXPECT_EQ(refused_of(80, quick), 6);
}

TEST_F(WaitingRoomTest, ShedsTheNewestOfTheLeastImportantFirst) {
  for (int i = 0; i < 15; ++i) come(overload, start, Priority::low);

  EXPECT_EQ(come(overload, start, Priority::low), Fault::overload_shed);
  EXPECT_EQ(come(overload, start, Priority::high), Fault::none);
  EXPECT_EQ(evicted_, &person(14));
  EXPECT_EQ(&room_.next(overload, start), people_.back().get());
}

TEST_F(WaitingRoomTest, ShedsTheLeastImportantWhenItIsFull) {
  for (int i = 0; i < 100; ++i) come(calm, start, Priority::low);

  EXPECT_EQ(come(calm, start, Priority::normal), Fault::none);
  EXPECT_EQ(evicted_, &person(99));
}

TEST_F(WaitingRoomTest, NeverShedsTheEquallyImportantForANewcomer) {
  for (int i = 0; i < 100; ++i) come(calm, start, Priority::normal);

  EXPECT_EQ(come(calm, start, Priority::normal), Fault::queue_full);
  EXPECT_EQ(evicted_, nullptr);
}

TEST_F(WaitingRoomTest, PutsWhoWaitedForLongBehindWhenOverloadBegins) {
  refused_of(100, calm);

  come(overload, start + 50ms);

  EXPECT_EQ(&room_.next(overload, start + 50ms), &person(85));
}

TEST_F(WaitingRoomTest, ServesABurstToItsEnd) {
  refused_of(100, calm);

  std::size_t served = 0;
  for (; !room_.empty(); ++served) room_.next(overload, start + 100ms);

  EXPECT_EQ(served, 100U);
}

TEST_F(WaitingRoomTest, RefusesWhoeverHasWaitedForTooLong) {
  come(calm);
  come(calm, start + 500ms);

  EXPECT_EQ(expired(start + 999ms), 0U);
  EXPECT_EQ(expired(start + 1s), 1U);
  EXPECT_EQ(room_.size(), 1U);
}

TEST_F(WaitingRoomTest, TellsThoseBehindSoonThatThereIsNoHope) {
  refused_of(50, calm);
  refused_of(20, overload, start + 190ms);

  EXPECT_EQ(expired(start + 200ms), 35U);
}

TEST_F(WaitingRoomTest, RefusesWhoHasNoTimeToWait) {
  refused_of(30, calm);

  EXPECT_EQ(come(calm, start, Priority::normal, Deadline::at(start + 40ms)), Fault::overload_shed);
  EXPECT_EQ(come(calm, start, Priority::normal, Deadline::at(start + 80ms)), Fault::none);
  EXPECT_EQ(expired(start + 80ms), 1U);
}

TEST_F(WaitingRoomTest, DoesNotTakeFewRequestsForFewPlaces) {
  Pressure quiet{.places_per_second = 1, .is_measured = false};

  EXPECT_EQ(come(quiet, start, Priority::normal, Deadline::at(start + 100ms)), Fault::none);
}

TEST_F(WaitingRoomTest, LetsGoWhoeverWantsTo) {
  come(calm);
  come(calm);

  room_.leave(person(0));

  EXPECT_EQ(room_.size(), 1U);
  EXPECT_EQ(&room_.next(calm, start), &person(1));
}

}  // namespace

}  // namespace gg
