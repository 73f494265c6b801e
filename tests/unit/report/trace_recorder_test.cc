// SPDX-License-Identifier: Apache-2.0
#include "report/trace_recorder.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/report/example_record.h"

namespace gg {
namespace {

class ATraceRecorder : public testing::Test {
 protected:
  void trace(ExchangeRecord& record, bool is_sampled, std::string_view state = "") {
    record.trace = std::make_unique<TraceContext>(
        TraceContext{.trace_high = 1, .span = 2, .state = state, .is_sampled = is_sampled});
    recorder_.finished(record);
  }
  std::size_t kept() {
    std::size_t count = 0;
    for (; recorder_.ring().front() != nullptr; recorder_.ring().pop()) ++count;
    return count;
  }

  BufferPool pool_;
  ExchangeRecord well_ = plain_record(pool_);
  ExchangeRecord failed_ = failed_record(pool_);
  TraceRecorder recorder_{1};
};

TEST_F(ATraceRecorder, KeepsWhatWasSampledFromTheStart) {
  trace(well_, true);
  EXPECT_EQ(kept(), 1u);
  trace(well_, false);
  EXPECT_EQ(kept(), 0u);
}

TEST_F(ATraceRecorder, KeepsEveryFailureAndRescue) {
  trace(failed_, false);
  failed_.fault = Fault::none;
  failed_.status = 200;
  trace(failed_, false);
  well_.status = 500;
  trace(well_, false);
  EXPECT_EQ(kept(), 3u);
}

TEST_F(ATraceRecorder, KeepsNothingOfWhatNobodyTraces) {
  recorder_.finished(failed_);
  EXPECT_EQ(kept(), 0u);
}

TEST_F(ATraceRecorder, KeepsTheMarksOfOtherVendorsWholeOrNotAtAll) {
  trace(well_, true, "a=b,c=d");
  ASSERT_NE(recorder_.ring().front(), nullptr);
  EXPECT_EQ(recorder_.ring().front()->state.view(), "a=b,c=d");
  kept();

  trace(well_, true, std::string(300, 'x'));
  ASSERT_NE(recorder_.ring().front(), nullptr);
  EXPECT_EQ(recorder_.ring().front()->state.view(), "");
}

TEST_F(ATraceRecorder, CountsTheSpansForWhichThereIsNoRoom) {
  for (std::size_t i = 0; i < TraceRing::capacity + 3; ++i) trace(well_, true);
  EXPECT_EQ(recorder_.lost().read(), 6u);
  EXPECT_EQ(kept(), TraceRing::capacity);
}

}  // namespace
}  // namespace gg
