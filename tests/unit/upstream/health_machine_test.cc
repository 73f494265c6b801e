// SPDX-License-Identifier: Apache-2.0
#include "upstream/health/health_machine.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

constexpr Instant start{Duration(1h)};
constexpr HealthRules rules{.consecutive_faults = 3, .shortest = 1s, .longest = 5s, .ramp = 10s};

/// One endpoint and the news of it.
class HealthMachine : public testing::Test {
 protected:
  void fault(FaultWeight weight = FaultWeight::one, bool may_eject = true) {
    state_ = after_fault(state_, {.began = now_}, weight, may_eject, now_, rules);
  }
  void refuse() { fault(FaultWeight::unreachable); }
  void probe() { state_ = after_probe_sent(state_, now_); }
  void probe_fails() {
    state_ = after_fault(state_, {.began = now_, .was_probe = true}, FaultWeight::one, true, now_,
                         rules);
  }
  void probe_is_answered(bool slow = false) {
    state_ = after_answer(state_, {.began = now_, .was_probe = true}, slow, true, now_, rules);
  }
  void answer(bool slow = false) {
    state_ = after_answer(state_, {.began = now_}, slow, true, now_, rules);
  }
  void verdict(HealthReason why, bool may_eject = true) {
    state_ = after_verdict(state_, why, may_eject, now_, rules);
  }
  void pass(Duration time) { now_ = now_ + time; }
  /// Waits until it is due, probes, and the probe fails.
  void fail_the_next_probe() {
    now_ = state_.at;
    probe();
    probe_fails();
  }
  void recover() {
    now_ = state_.at;
    probe();
    probe_is_answered();
  }

  bool usable() const { return may_be_used(state_, now_); }
  std::uint32_t share() const { return share_of(state_, now_, rules); }

  HealthState state_;
  Instant now_ = start;
};

TEST_F(HealthMachine, AFewFaultsInARowAreBorne) {
  fault();
  fault();

  EXPECT_EQ(state_.standing, Standing::up);
  EXPECT_TRUE(usable());
}

TEST_F(HealthMachine, EnoughFaultsInARowEject) {
  for (int i = 0; i < 3; ++i) fault();

  EXPECT_EQ(state_.standing, Standing::out);
  EXPECT_EQ(state_.reason, HealthReason::faults_in_a_row);
  EXPECT_FALSE(usable());
  pass(999ms);
  EXPECT_FALSE(usable());
  pass(1ms);
  EXPECT_TRUE(usable());
}

TEST_F(HealthMachine, AnAnswerBetweenFaultsForgivesThem) {
  fault();
  fault();
  answer();
  fault();

  EXPECT_EQ(state_.standing, Standing::up);
  EXPECT_EQ(state_.faults_in_a_row, 1);
}

TEST_F(HealthMachine, FaultsDoNotEjectWhenTooManyAreOut) {
  for (int i = 0; i < 9; ++i) fault(FaultWeight::one, false);

  EXPECT_EQ(state_.standing, Standing::up);
}

TEST_F(HealthMachine, WhatCannotBeConnectedToIsEjectedAtOnceHoweverManyAreOut) {
  fault(FaultWeight::unreachable, false);

  EXPECT_EQ(state_.standing, Standing::out);
  EXPECT_EQ(state_.reason, HealthReason::unreachable);
}

TEST_F(HealthMachine, WhatSaysNothingOfTheEndpointChangesNothing) {
  fault();
  HealthState before = state_;

  fault(FaultWeight::none);

  EXPECT_EQ(state_, before);
}

TEST_F(HealthMachine, OneRequestProbesAndOthersStayAway) {
  refuse();
  pass(1s);
  probe();

  EXPECT_EQ(state_.standing, Standing::probing);
  EXPECT_FALSE(usable());
}

TEST_F(HealthMachine, AnEndpointThatIsNotDueIsNotProbed) {
  refuse();
  HealthState before = state_;

  probe();

  EXPECT_EQ(state_, before);
}

TEST_F(HealthMachine, AProbeThatIsNeverHeardOfAgainIsFollowedByAnother) {
  refuse();
  pass(1s);
  probe();

  pass(probe_patience);

  EXPECT_TRUE(usable());
  probe();
  EXPECT_FALSE(usable());
}

TEST_F(HealthMachine, AGoodProbeBringsItBackWithAGrowingShare) {
  refuse();
  recover();

  EXPECT_EQ(state_.standing, Standing::recovering);
  EXPECT_EQ(share(), 100U);
  pass(5s);
  EXPECT_EQ(share(), 550U);
  pass(5s);
  EXPECT_EQ(share(), 1000U);
  answer();
  EXPECT_EQ(state_.standing, Standing::up);
  EXPECT_EQ(state_.reason, HealthReason::ramp_ended);
}

TEST_F(HealthMachine, EachFailedProbeDoublesTheWaitUpToTheLongest) {
  refuse();

  fail_the_next_probe();
  EXPECT_EQ(state_.at, start + 1s + 2s);
  fail_the_next_probe();
  EXPECT_EQ(state_.at, start + 1s + 2s + 4s);
  fail_the_next_probe();
  EXPECT_EQ(state_.at, start + 1s + 2s + 4s + 5s);
  fail_the_next_probe();
  EXPECT_EQ(state_.at, start + 1s + 2s + 4s + 5s + 5s);
}

TEST_F(HealthMachine, WhoFailsAgainWhileRecoveringIsOutForLonger) {
  refuse();
  recover();
  pass(3s);

  refuse();

  EXPECT_EQ(state_.at, now_ + 2s);
}

TEST_F(HealthMachine, AFullRecoveryForgetsHowLongItWasOut) {
  refuse();
  fail_the_next_probe();
  recover();
  pass(10s);

  refuse();

  EXPECT_EQ(state_.at, now_ + 1s);
}

TEST_F(HealthMachine, WhatWasUnderWayWhenItWasEjectedDoesNotLengthenIt) {
  refuse();
  HealthState before = state_;
  pass(500ms);

  refuse();

  EXPECT_EQ(state_, before);
}

TEST_F(HealthMachine, WhatWasUnderWayWhenItWasEjectedDoesNotBringItBack) {
  refuse();
  HealthState before = state_;
  pass(500ms);

  state_ = after_answer(state_, {.began = start - 100ms}, false, true, now_, rules);

  EXPECT_EQ(state_, before);
}

TEST_F(HealthMachine, ARequestThatWentThereForLackOfOthersBringsItBack) {
  refuse();
  pass(500ms);

  answer();

  EXPECT_EQ(state_.standing, Standing::recovering);
}

TEST_F(HealthMachine, OnlyTheProbeDecidesAProbe) {
  refuse();
  pass(1s);
  probe();
  HealthState before = state_;

  answer();
  fault();

  EXPECT_EQ(state_, before);
}

TEST_F(HealthMachine, AProbeThatToldNothingLetsTheNextRequestProbe) {
  refuse();
  pass(1s);
  probe();
  pass(100ms);

  state_ = after_silence(state_, {.began = start, .was_probe = true}, false, now_, rules);

  EXPECT_TRUE(is_due_for_probe(state_, now_));
}

TEST_F(HealthMachine, AProbeThatWasLeftWaitingCountsAsAFailure) {
  refuse();
  pass(1s);
  probe();

  state_ = after_silence(state_, {.began = start, .was_probe = true}, true, now_, rules);

  EXPECT_EQ(state_.standing, Standing::out);
  EXPECT_EQ(state_.reason, HealthReason::hanging);
  EXPECT_EQ(state_.at, now_ + 2s);
}

TEST_F(HealthMachine, AVerdictEjects) {
  verdict(HealthReason::failure_rate);

  EXPECT_EQ(state_.standing, Standing::out);
  EXPECT_EQ(state_.reason, HealthReason::failure_rate);
}

TEST_F(HealthMachine, AVerdictDoesNotEjectWhenTooManyAreOut) {
  verdict(HealthReason::hanging, false);

  EXPECT_EQ(state_.standing, Standing::up);
}

TEST_F(HealthMachine, ASlowEndpointBecomesGreyAndStaysUsable) {
  verdict(HealthReason::slow);

  EXPECT_EQ(state_.standing, Standing::grey);
  EXPECT_TRUE(usable());
}

TEST_F(HealthMachine, AGreyEndpointThatAnswersFastRecovers) {
  verdict(HealthReason::slow);

  answer();

  EXPECT_EQ(state_.standing, Standing::recovering);
}

TEST_F(HealthMachine, AGreyEndpointThatStaysSlowIsEjected) {
  verdict(HealthReason::slow);

  answer(true);
  answer(true);
  EXPECT_EQ(state_.standing, Standing::grey);
  answer(true);

  EXPECT_EQ(state_.standing, Standing::out);
  EXPECT_EQ(state_.reason, HealthReason::slow);
}

TEST_F(HealthMachine, AnswersThatWereUnderWayWhenItBecameGreyDoNotEjectIt) {
  verdict(HealthReason::slow);
  pass(500ms);
  for (int i = 0; i < 9; ++i) {
    state_ = after_answer(state_, {.began = start - 1ms}, true, true, now_, rules);
  }

  EXPECT_EQ(state_.standing, Standing::grey);
}

TEST_F(HealthMachine, ASlowProbeIsAFailedOne) {
  refuse();
  pass(1s);
  probe();

  probe_is_answered(true);

  EXPECT_EQ(state_.standing, Standing::out);
  EXPECT_EQ(state_.at, now_ + 2s);
}

TEST_F(HealthMachine, WhileItCannotBeConnectedToNoRequestIsSpentOnIt) {
  refuse();
  pass(1s);
  ASSERT_TRUE(usable());

  state_ = after_connect_check(state_, false, 300ms, now_);
  EXPECT_FALSE(usable());
  pass(300ms);
  EXPECT_TRUE(usable());
}

TEST_F(HealthMachine, OnceItCanBeConnectedToItIsProbedAtOnce) {
  refuse();
  fail_the_next_probe();
  state_.reason = HealthReason::unreachable;
  pass(100ms);

  state_ = after_connect_check(state_, true, 300ms, now_);

  EXPECT_TRUE(is_due_for_probe(state_, now_));
  EXPECT_EQ(state_.reason, HealthReason::can_be_reached);
}

TEST_F(HealthMachine, AConnectionProvesNothingToOneThatAnswersBadly) {
  for (int i = 0; i < 3; ++i) fault();
  HealthState before = state_;

  state_ = after_connect_check(state_, true, 300ms, now_);

  EXPECT_EQ(state_, before);
}

TEST_F(HealthMachine, FailedChecksEjectAndPassedOnesBringBack) {
  state_ = after_checks(state_, false, 3s, now_);
  EXPECT_EQ(state_.standing, Standing::out);
  EXPECT_FALSE(usable());

  state_ = after_checks(state_, true, 3s, now_);
  EXPECT_EQ(state_.standing, Standing::recovering);
  EXPECT_EQ(state_.reason, HealthReason::checks_passed);
}

TEST_F(HealthMachine, ChecksThatGoOnFailingKeepItOut) {
  state_ = after_checks(state_, false, 3s, now_);
  pass(2s);
  state_ = after_checks(state_, false, 3s, now_);
  pass(2s);

  EXPECT_FALSE(usable());
}

TEST_F(HealthMachine, PassedChecksDoNotExcuseWhatRealRequestsMet) {
  for (int i = 0; i < 3; ++i) fault();
  HealthState before = state_;

  state_ = after_checks(state_, true, 3s, now_);

  EXPECT_EQ(state_, before);
}

TEST_F(HealthMachine, ADrainingEndpointIsNotUsed) {
  state_.is_draining = true;

  EXPECT_FALSE(usable());
}

TEST_F(HealthMachine, AnOperatorsDrainChangesNothingElse) {
  fault();
  HealthState before = state_;

  state_ = after_drain_order(state_, true);
  EXPECT_FALSE(usable());

  EXPECT_EQ(after_drain_order(state_, false), before);
}

TEST_F(HealthMachine, WhoIsWithdrawnByWhatNamesItIsNotUsedWhateverAnOperatorSays) {
  state_ = after_withdrawal(state_, true, now_);
  EXPECT_FALSE(usable());

  EXPECT_FALSE(may_be_used(after_drain_order(state_, false), now_));
  EXPECT_FALSE(may_be_used(after_restore_order(state_), now_));
}

TEST_F(HealthMachine, WhoIsWithdrawnNoMoreBeginsSlowlyOnce) {
  state_ = after_withdrawal(state_, true, now_);
  state_ = after_withdrawal(state_, false, now_);
  EXPECT_TRUE(usable());
  EXPECT_EQ(share(), 100U);
  EXPECT_EQ(state_.reason, HealthReason::drain_ended);

  pass(1h);
  EXPECT_EQ(after_withdrawal(state_, false, now_), state_);
}

TEST_F(HealthMachine, AWithdrawalThatEndsSaysNothingOfAnEndpointThatIsOut) {
  state_ = after_withdrawal(state_, true, now_);
  state_ = after_eject_order(state_, 60s, now_);

  state_ = after_withdrawal(state_, false, now_);

  EXPECT_EQ(state_.standing, Standing::out);
  EXPECT_FALSE(usable());
}

TEST_F(HealthMachine, AnOperatorsEjectionLastsItsTimeThroughAnswersAndChecks) {
  state_ = after_eject_order(state_, 60s, now_);
  pass(59s);
  state_ = after_answer(state_, {now_}, false, true, now_, rules);
  state_ = after_checks(state_, true, 3s, now_);
  EXPECT_FALSE(usable());
  EXPECT_EQ(state_.reason, HealthReason::by_operator);

  pass(1s);
  EXPECT_TRUE(is_due_for_probe(state_, now_));
}

TEST_F(HealthMachine, AnOperatorVouchesForAnEndpointWithAllItsShare) {
  for (int i = 0; i < 9; ++i) fault();
  state_ = after_drain_order(state_, true);

  state_ = after_restore_order(state_);

  EXPECT_TRUE(usable());
  EXPECT_EQ(share(), 1000U);
  EXPECT_EQ(state_.step, 0);
}

TEST_F(HealthMachine, ANewEndpointAmongOthersBeginsSlowly) {
  state_ = after_added(state_, now_);

  EXPECT_EQ(share(), 100U);
  EXPECT_EQ(state_.reason, HealthReason::added);
}

}  // namespace
}  // namespace gg
