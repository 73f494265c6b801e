// SPDX-License-Identifier: Apache-2.0
#include "report/keep_rule.h"

#include <gtest/gtest.h>

#include <string>

#include "base/rng.h"
#include "unit/report/example_record.h"

namespace gg {
namespace {

constexpr KeepRule nothing_usual(Share{0}, 1s);

/// How many of `count` plain records with ids of their own a rule keeps.
int kept_of(const KeepRule& rule, int count) {
  BufferPool pool;
  Rng rng(1);
  ExchangeRecord record = plain_record(pool);
  int kept = 0;
  for (int i = 0; i < count; ++i) {
    record.id = RequestId::of(rng.next(), rng.next());
    kept += rule.keeps(record) ? 1 : 0;
  }
  return kept;
}

TEST(KeepRule, KeepsEverythingUnlessItIsTold) {
  EXPECT_EQ(kept_of(KeepRule(), 1000), 1000);
  EXPECT_EQ(kept_of(KeepRule(Share{100}, 1s), 1000), 1000);
}

TEST(KeepRule, KeepsItsShareOfWhatWentWell) {
  EXPECT_EQ(kept_of(nothing_usual, 1000), 0);
  EXPECT_NEAR(kept_of(KeepRule(Share{10}, 1s), 20'000), 2000, 200);
  EXPECT_NEAR(kept_of(KeepRule(Share{99.9}, 1s), 20'000), 19'980, 20);
}

TEST(KeepRule, DecidesTheSameForTheSameId) {
  EXPECT_EQ(KeepRule::lot_of("a-request"), KeepRule::lot_of("a-request"));
  EXPECT_NE(KeepRule::lot_of("a-request"), KeepRule::lot_of("a-requesu"));
  EXPECT_NE(KeepRule::lot_of("a"), KeepRule::lot_of("b"));
}

TEST(KeepRule, KeepsWhatFailed) {
  BufferPool pool;
  EXPECT_TRUE(nothing_usual.keeps(failed_record(pool)));
}

TEST(KeepRule, KeepsAnErrorOfTheEndpoints) {
  BufferPool pool;
  ExchangeRecord record = plain_record(pool);
  record.status = 500;
  EXPECT_TRUE(nothing_usual.keeps(record));
}

TEST(KeepRule, KeepsWhatWasRescued) {
  BufferPool pool;
  ExchangeRecord record = failed_record(pool);
  record.status = 200;
  record.fault = Fault::none;
  record.last_attempt().fault = Fault::none;
  EXPECT_TRUE(nothing_usual.keeps(record));
}

TEST(KeepRule, KeepsWhatWasSlow) {
  BufferPool pool;
  ExchangeRecord record = plain_record(pool);
  record.total = 1s;
  EXPECT_TRUE(nothing_usual.keeps(record));
  record.total = 1s - 1ns;
  EXPECT_FALSE(nothing_usual.keeps(record));
}

TEST(KeepRule, NothingIsSlowWhereNoTimeIsGiven) {
  BufferPool pool;
  ExchangeRecord record = plain_record(pool);
  record.total = 1h;
  EXPECT_FALSE(KeepRule(Share{0}, Duration::zero()).keeps(record));
}

}  // namespace
}  // namespace gg
