// SPDX-License-Identifier: Apache-2.0
#include "proxy/retry.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <initializer_list>

namespace gg {
namespace {

constexpr RetryQuestion easy_yes{.fault_is_listed = true,
                                 .delivery = Delivery::not_sent,
                                 .method_is_idempotent = true,
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

TEST(Retry, APostThatMayHaveRunIsNotSentAgain) {
  for (Delivery delivery : {Delivery::unknown, Delivery::answered}) {
    RetryQuestion question = easy_yes;
    question.method_is_idempotent = false;
    question.delivery = delivery;
    EXPECT_EQ(decide_retry(question), Retry::no_request_may_have_run);
  }
}

TEST(Retry, APostThatProvablyDidNotRunIsSentElsewhere) {
  for (Delivery delivery : {Delivery::not_sent, Delivery::declined}) {
    RetryQuestion question = easy_yes;
    question.method_is_idempotent = false;
    question.delivery = delivery;
    EXPECT_EQ(decide_retry(question), Retry::yes);
  }
}

TEST(Retry, TheOperatorMayAllowUnsafeMethods) {
  EXPECT_EQ(decide_retry(but([](auto& q) {
              q.method_is_idempotent = false;
              q.delivery = Delivery::unknown;
              q.unsafe_methods_allowed = true;
            })),
            Retry::yes);
}

/// Question number `bits` of all that there are, up to the amounts that do not matter.
RetryQuestion question_of(std::size_t bits) {
  auto bit = [bits](unsigned place) { return ((bits >> place) & 1U) != 0; };
  return {.fault_is_listed = bit(0),
          .delivery = static_cast<Delivery>((bits >> 1) & 3U),
          .method_is_idempotent = bit(3),
          .unsafe_methods_allowed = bit(4),
          .body_can_be_replayed = bit(5),
          .response_has_started = bit(6),
          .client_is_gone = bit(7),
          .endpoint_left = bit(8),
          .budget_left = bit(9),
          .attempts_left = bit(10) ? 2U : 0U,
          .time_left = bit(11) ? Duration(1s) : Duration::zero()};
}

TEST(Retry, OfAllQuestionsOnlyTheSafeAndAffordableOnesAreAnsweredYes) {
  std::size_t allowed = 0;
  for (std::size_t bits = 0; bits < (std::size_t{1} << 12); ++bits) {
    RetryQuestion q = question_of(bits);
    bool surely_not_run = q.delivery == Delivery::not_sent || q.delivery == Delivery::declined;
    bool safe = !q.response_has_started && q.body_can_be_replayed &&
                (surely_not_run || q.method_is_idempotent || q.unsafe_methods_allowed);
    bool affordable = q.endpoint_left && q.budget_left && q.attempts_left > 0 && q.time_left > 0s;
    bool expected = safe && affordable && q.fault_is_listed && !q.client_is_gone;
    ASSERT_EQ(decide_retry(q) == Retry::yes, expected) << bits;
    allowed += expected ? 1U : 0U;
  }
  EXPECT_EQ(allowed, 14U);  // 2 deliveries x 4 method cases, 2 deliveries x 3
}

}  // namespace
}  // namespace gg
