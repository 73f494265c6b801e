// SPDX-License-Identifier: Apache-2.0
#include "proxy/retry.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <initializer_list>

namespace gg {
namespace {

constexpr RetryQuestion easy_yes{.fault_is_listed = true,
                                 .delivery = Delivery::not_sent,
                                 .may_run_twice = true,
                                 .body_can_be_replayed = true,
                                 .endpoint_left = true,
                                 .budget_left = true,
                                 .attempts_left = 1,
                                 .time_left = 1s};

constexpr RetryQuestion but(auto change) {
  RetryQuestion question = easy_yes;
  change(question);
  return question;
}

static_assert(decide_retry(easy_yes) == Retry::yes);

TEST(Retry, EachReasonAloneForbidsIt) {
  EXPECT_EQ(decide_retry(but([](auto& q) { q.client_is_gone = true; })), Retry::no_client_is_gone);
  EXPECT_EQ(decide_retry(but([](auto& q) { q.response_has_started = true; })),
            Retry::no_response_has_started);
  EXPECT_EQ(decide_retry(but([](auto& q) { q.fault_is_listed = false; })),
            Retry::no_fault_is_final);
  EXPECT_EQ(decide_retry(but([](auto& q) { q.body_can_be_replayed = false; })),
            Retry::no_body_is_gone);
  EXPECT_EQ(decide_retry(but([](auto& q) { q.attempts_left = 0; })), Retry::no_attempts_left);
  EXPECT_EQ(decide_retry(but([](auto& q) { q.time_left = Duration::zero(); })),
            Retry::no_time_left);
  EXPECT_EQ(decide_retry(but([](auto& q) { q.endpoint_left = false; })), Retry::no_endpoint_left);
  EXPECT_EQ(decide_retry(but([](auto& q) { q.budget_left = false; })), Retry::no_budget_left);
}

TEST(Retry, AResponseThatHasStartedIsOnlyContinued) {
  RetryQuestion question = easy_yes;
  question.response_has_started = true;
  question.delivery = Delivery::answered;
  question.rest_can_be_asked_for = true;
  EXPECT_EQ(decide_retry(question), Retry::yes);

  question.budget_left = false;
  EXPECT_EQ(decide_retry(question), Retry::no_budget_left);
}

TEST(Retry, APostThatMayHaveRunIsNotSentAgain) {
  for (Delivery delivery : {Delivery::unknown, Delivery::answered}) {
    RetryQuestion question = easy_yes;
    question.may_run_twice = false;
    question.delivery = delivery;
    EXPECT_EQ(decide_retry(question), Retry::no_request_may_have_run);
  }
}

TEST(Retry, APostThatProvablyDidNotRunIsSentElsewhere) {
  for (Delivery delivery : {Delivery::not_sent, Delivery::declined}) {
    RetryQuestion question = easy_yes;
    question.may_run_twice = false;
    question.delivery = delivery;
    EXPECT_EQ(decide_retry(question), Retry::yes);
  }
}

TEST(Retry, ARequestThatTheBudgetLeftWaitingUntilItsTimeWasUpIsUnrescuedByBudget) {
  auto lacked = [](auto change) {
    RetryQuestion question = but(change);
    question.lacked_budget = true;
    return decide_retry(question);
  };

  EXPECT_EQ(lacked([](auto& q) { q.fault_is_listed = false; }), Retry::no_budget_left);
  EXPECT_EQ(lacked([](auto& q) { q.time_left = Duration::zero(); }), Retry::no_budget_left);
  EXPECT_EQ(lacked([](auto& q) { q.client_is_gone = true; }), Retry::no_client_is_gone);
  EXPECT_EQ(lacked([](auto& q) { q.attempts_left = 0; }), Retry::no_attempts_left);
  EXPECT_EQ(lacked([](auto&) {}), Retry::yes);
}

TEST(Retry, WhatMayRunTwice) {
  struct Row {
    bool idempotent, allowed, key, honoured, expected;
  };
  constexpr Row rows[] = {
      {false, false, false, false, false}, {false, false, false, true, false},
      {false, false, true, false, false},  {false, false, true, true, true},
      {false, true, false, false, true},   {false, true, true, true, true},
      {true, false, false, false, true},   {true, true, true, true, true},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(may_run_twice({.method_is_idempotent = row.idempotent,
                             .unsafe_methods_allowed = row.allowed,
                             .has_key = row.key,
                             .key_is_honoured = row.honoured}),
              row.expected)
        << row.idempotent << row.allowed << row.key << row.honoured;
  }
}

/// Question number `bits` of all that there are, up to the amounts that do not matter.
RetryQuestion question_of(std::size_t bits) {
  auto bit = [bits](unsigned place) { return ((bits >> place) & 1U) != 0; };
  return {.fault_is_listed = bit(0),
          .delivery = static_cast<Delivery>((bits >> 1) & 3U),
          .may_run_twice = bit(3),
          .body_can_be_replayed = bit(4),
          .response_has_started = bit(5),
          .client_is_gone = bit(6),
          .endpoint_left = bit(7),
          .budget_left = bit(8),
          .attempts_left = bit(9) ? 2U : 0U,
          .time_left = bit(10) ? Duration(1s) : Duration::zero()};
}

TEST(Retry, OfAllQuestionsOnlyTheSafeAndAffordableOnesAreAnsweredYes) {
  std::size_t allowed = 0;
  for (std::size_t bits = 0; bits < (std::size_t{1} << 11); ++bits) {
    RetryQuestion q = question_of(bits);
    bool surely_not_run = q.delivery == Delivery::not_sent || q.delivery == Delivery::declined;
    bool safe =
        !q.response_has_started && q.body_can_be_replayed && (surely_not_run || q.may_run_twice);
    bool affordable = q.endpoint_left && q.budget_left && q.attempts_left > 0 && q.time_left > 0s;
    bool expected = safe && affordable && q.fault_is_listed && !q.client_is_gone;
    ASSERT_EQ(decide_retry(q) == Retry::yes, expected) << bits;
    allowed += expected ? 1U : 0U;
  }
  EXPECT_EQ(allowed, 6U);  // 2 deliveries whatever the method, 2 more
}

}  // namespace
}  // namespace gg
