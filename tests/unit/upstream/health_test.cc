// SPDX-License-Identifier: Apache-2.0
#include "upstream/health.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

using State = Ejection::State;

constexpr Instant start{Duration(1h)};

Ejection three_faults() {
  return Ejection({.consecutive_faults = 3, .shortest = 1s, .longest = 5s});
}

/// Ejects, waits, probes and fails once more: the ejection that follows.
void fail_the_next_probe(Ejection& ejection) {
  Instant due = ejection.until();
  ejection.observe_use();
  ejection.observe_fault(FaultWeight::one, due);
}

TEST(Ejection, AFewFaultsInARowAreBorne) {
  Ejection ejection = three_faults();

  ejection.observe_fault(FaultWeight::one, start);
  ejection.observe_fault(FaultWeight::one, start);

  EXPECT_EQ(ejection.state(), State::in);
  EXPECT_TRUE(ejection.may_be_used(start));
}

TEST(Ejection, EnoughFaultsInARowEject) {
  Ejection ejection = three_faults();
  ejection.observe_fault(FaultWeight::one, start);
  ejection.observe_fault(FaultWeight::one, start);

  std::optional<Ejection::Change> change = ejection.observe_fault(FaultWeight::one, start);

  EXPECT_EQ(change, (Ejection::Change{State::in, State::out}));
  EXPECT_FALSE(ejection.may_be_used(start + 999ms));
  EXPECT_TRUE(ejection.may_be_used(start + 1s));
}

TEST(Ejection, ASuccessBetweenFaultsForgivesThem) {
  Ejection ejection = three_faults();
  ejection.observe_fault(FaultWeight::one, start);
  ejection.observe_fault(FaultWeight::one, start);

  ejection.observe_success();
  ejection.observe_fault(FaultWeight::one, start);

  EXPECT_EQ(ejection.state(), State::in);
}

TEST(Ejection, AnUnreachableEndpointIsEjectedAtOnce) {
  Ejection ejection = three_faults();

  ejection.observe_fault(FaultWeight::unreachable, start);

  EXPECT_EQ(ejection.state(), State::out);
}

TEST(Ejection, WhatSaysNothingOfTheEndpointChangesNothing) {
  Ejection ejection = three_faults();
  ejection.observe_fault(FaultWeight::one, start);
  ejection.observe_fault(FaultWeight::one, start);

  std::optional<Ejection::Change> change = ejection.observe_fault(FaultWeight::none, start);

  EXPECT_EQ(change, std::nullopt);
  EXPECT_EQ(ejection.faults_in_a_row(), 2U);
}

TEST(Ejection, OneRequestProbesAndOthersStayAway) {
  Ejection ejection = three_faults();
  ejection.observe_fault(FaultWeight::unreachable, start);

  std::optional<Ejection::Change> change = ejection.observe_use();

  EXPECT_EQ(change, (Ejection::Change{State::out, State::probing}));
  EXPECT_FALSE(ejection.may_be_used(start + 1h));
}

TEST(Ejection, AGoodProbeBringsItBack) {
  Ejection ejection = three_faults();
  ejection.observe_fault(FaultWeight::unreachable, start);
  ejection.observe_use();

  std::optional<Ejection::Change> change = ejection.observe_success();

  EXPECT_EQ(change, (Ejection::Change{State::probing, State::in}));
}

TEST(Ejection, EachFailedProbeDoublesTheWaitUpToTheLongest) {
  Ejection ejection = three_faults();
  ejection.observe_fault(FaultWeight::unreachable, start);

  fail_the_next_probe(ejection);
  EXPECT_EQ(ejection.until(), start + 1s + 2s);
  fail_the_next_probe(ejection);
  EXPECT_EQ(ejection.until(), start + 1s + 2s + 4s);
  fail_the_next_probe(ejection);
  EXPECT_EQ(ejection.until(), start + 1s + 2s + 4s + 5s);
}

TEST(Ejection, ComingBackForgetsHowLongItWasOut) {
  Ejection ejection = three_faults();
  ejection.observe_fault(FaultWeight::unreachable, start);
  fail_the_next_probe(ejection);
  ejection.observe_use();
  ejection.observe_success();

  ejection.observe_fault(FaultWeight::unreachable, start + 1h);

  EXPECT_EQ(ejection.until(), start + 1h + 1s);
}

TEST(Ejection, WhatWasUnderWayWhenItWasEjectedDoesNotLengthenIt) {
  Ejection ejection = three_faults();
  ejection.observe_fault(FaultWeight::unreachable, start);

  ejection.observe_fault(FaultWeight::unreachable, start + 500ms);

  EXPECT_EQ(ejection.until(), start + 1s);
}

TEST(Ejection, AProbeThatToldNothingLetsTheNextRequestProbe) {
  Ejection ejection = three_faults();
  ejection.observe_fault(FaultWeight::unreachable, start);
  ejection.observe_use();

  ejection.observe_fault(FaultWeight::none, start + 2s);

  EXPECT_TRUE(ejection.may_be_used(start + 2s));
}

}  // namespace
}  // namespace gg
