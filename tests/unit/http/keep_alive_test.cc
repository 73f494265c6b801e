// SPDX-License-Identifier: Apache-2.0
#include "http/keep_alive.h"

#include <gtest/gtest.h>

#include "vectors/make_head.h"

namespace gg {
namespace {

KeepAliveTerms terms_of(const testing::FieldList& fields) {
  BufferPool pool;
  return keep_alive_terms_of(testing::make_fields(pool, fields));
}
KeepAliveTerms terms_of(std::string value) { return terms_of({{"Keep-Alive", std::move(value)}}); }

TEST(KeepAliveTerms, AreReadAsServersWriteThem) {
  EXPECT_EQ(terms_of("timeout=5, max=99"), (KeepAliveTerms{.timeout = 5s, .max = 99}));
  EXPECT_EQ(terms_of("timeout=5"), (KeepAliveTerms{.timeout = 5s, .max = {}}));
  EXPECT_EQ(terms_of("MAX = 7 ,Timeout=0"), (KeepAliveTerms{.timeout = 0s, .max = 7}));
}

TEST(KeepAliveTerms, AreGatheredFromEveryLine) {
  EXPECT_EQ(terms_of({{"keep-alive", "timeout=5"}, {"Server", "x"}, {"Keep-Alive", "max=3"}}),
            (KeepAliveTerms{.timeout = 5s, .max = 3}));
}

TEST(KeepAliveTerms, TheSmallerOfTwoCounts) {
  EXPECT_EQ(terms_of("timeout=9, timeout=4, max=2, max=8"),
            (KeepAliveTerms{.timeout = 4s, .max = 2}));
}

TEST(KeepAliveTerms, WhatIsMalformedSaysNothing) {
  EXPECT_EQ(terms_of("timeout=5s, max=\"9\""), KeepAliveTerms{});
  EXPECT_EQ(terms_of("timeout=-1, max=+3"), KeepAliveTerms{});
  EXPECT_EQ(terms_of("timeout, max=, =5, 300"), KeepAliveTerms{});
  EXPECT_EQ(terms_of("timeout=5.5; max=3"), KeepAliveTerms{});
  EXPECT_EQ(terms_of("timeout=99999999999999999999999"), KeepAliveTerms{});
  EXPECT_EQ(terms_of(""), KeepAliveTerms{});
}

TEST(KeepAliveTerms, UnknownParametersAreNotInTheWay) {
  EXPECT_EQ(terms_of("ping=1, timeout=15, x"), (KeepAliveTerms{.timeout = 15s, .max = {}}));
}

TEST(KeepAliveTerms, EndlessNumbersAreBounded) {
  EXPECT_EQ(terms_of("timeout=18446744073709551615, max=18446744073709551615"),
            (KeepAliveTerms{.timeout = 24h, .max = 4294967295}));
}

TEST(KeepAliveTerms, AMessageWithoutTheFieldAnnouncesNothing) {
  EXPECT_EQ(terms_of({{"Connection", "keep-alive"}}), KeepAliveTerms{});
}

}  // namespace
}  // namespace gg
