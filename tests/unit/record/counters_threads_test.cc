// SPDX-License-Identifier: Apache-2.0
// Counters are read while their worker writes them: meant for the thread sanitizer.
#include <gtest/gtest.h>

#include <thread>

#include "record/counters.h"

namespace gg {
namespace {

TEST(CountersAcrossThreads, AReaderSeesNumbersThatOnlyGrow) {
  constexpr std::uint64_t records = 20'000;
  Counters counters;
  std::thread worker([&counters] {
    for (std::uint64_t i = 0; i < records; ++i) {
      ExchangeRecord record;
      record.upstream_slot = static_cast<std::uint16_t>(2 + i % 8);
      record.total = 1ms;
      counters.finished(record);
    }
  });

  std::uint64_t before = 0;
  std::uint64_t seen = 0;
  while (seen < records / 8) {
    const UpstreamCounters* upstream = counters.find_upstream(9);
    seen = upstream == nullptr ? 0 : upstream->requests[0].read();
    ASSERT_GE(seen, before);
    before = seen;
  }
  worker.join();

  EXPECT_EQ(counters.find_upstream(2)->requests[0].read(), records / 8);
}

}  // namespace
}  // namespace gg
