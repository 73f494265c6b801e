// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <thread>

#include "report/flight_ring.h"

namespace gg {
namespace {

TEST(FlightRing, HandsOverEachRecordWholeAndInOrder) {
  constexpr std::uint64_t count = 20'000;
  FlightRing ring;
  std::thread writer([&ring] {
    for (std::uint64_t i = 0; i < count;) {
      FlightRecord* place = ring.claim();
      if (place == nullptr) {
        std::this_thread::yield();
        continue;
      }
      place->request_body_bytes = i;
      place->response_body_bytes = i;
      ring.publish();
      ++i;
    }
  });
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < count;) {
    const FlightRecord* record = ring.front();
    if (record == nullptr) {
      std::this_thread::yield();
      continue;
    }
    if (record->request_body_bytes != i || record->response_body_bytes != i) ++wrong;
    ring.pop();
    ++i;
  }
  writer.join();

  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(ring.front(), nullptr);
}

}  // namespace
}  // namespace gg
