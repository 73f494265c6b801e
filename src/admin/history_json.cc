// SPDX-License-Identifier: Apache-2.0
#include "admin/history_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace gg {
namespace {

using Json = nlohmann::ordered_json;

double rounded(double value) { return std::round(value * 100) / 100; }
double milliseconds(Duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

std::string history_json(const std::deque<RecentPoint>& points) {
  Json time = Json::array();
  Json requests = Json::array();
  Json errors = Json::array();
  Json rescued = Json::array();
  Json half = Json::array();
  Json nearly_all = Json::array();
  for (const RecentPoint& point : points) {
    time.push_back(point.at.microseconds / 1'000'000);
    requests.push_back(rounded(point.requests));
    errors.push_back(rounded(point.errors));
    rescued.push_back(rounded(point.rescued));
    half.push_back(milliseconds(point.half));
    nearly_all.push_back(milliseconds(point.nearly_all));
  }
  Json json = {{"time", std::move(time)},
               {"requests_per_second", std::move(requests)},
               {"errors_per_second", std::move(errors)},
               {"rescued_per_second", std::move(rescued)},
               {"p50_ms", std::move(half)},
               {"p99_ms", std::move(nearly_all)}};
  return json.dump() + "\n";
}

}  // namespace gg
