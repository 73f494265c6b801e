// SPDX-License-Identifier: Apache-2.0
#include "admin/history_json.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(HistoryJson, HasACurvePerFigure) {
  std::deque<RecentPoint> points = {
      {.at = {5'000'000},
       .requests = 1.23456,
       .errors = 0,
       .rescued = 2,
       .half = 3ms,
       .nearly_all = 4ms},
      {.at = {6'000'000}, .requests = 2, .errors = 1, .rescued = 0, .half = {}, .nearly_all = {}}};

  EXPECT_EQ(history_json(points),
            R"({"time":[5,6],"requests_per_second":[1.23,2.0],"errors_per_second":[0.0,1.0],)"
            R"("rescued_per_second":[2.0,0.0],"p50_ms":[3.0,0.0],"p99_ms":[4.0,0.0]})"
            "\n");
}

}  // namespace
}  // namespace gg
