// SPDX-License-Identifier: Apache-2.0
// One moment of the demo as plain data, and its words: a picture for a terminal, a line for a
// pipe, the closing tally for people and for scripts. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "admin/status.h"
#include "cli/demo/gateway.h"
#include "cli/demo/schedule.h"
#include "cli/demo/traffic.h"

namespace gg {

struct DemoScene {
  Duration elapsed{};
  DemoTurn turn;
  std::string address;  // where the gateway listens: "127.0.0.1:8080"
  std::string notice;   // something to know about it; may be empty

  std::uint64_t requests = 0;  // of the built-in clients, as is all that follows
  std::uint64_t errors = 0;
  std::array<std::uint64_t, client_error_count> errors_by_kind{};
  double per_second = 0;
  std::uint64_t late = 0;
  Duration median{};
  Duration p99{};
  Duration slowest{};

  GatewayCounts gateway;
  std::vector<EndpointStatus> origins;
};

/// The duration that `share` (0 to 1) of `times` do not exceed, by the bounds of the buckets; zero
/// if there are none.
Duration quantile(const Histogram& times, double share);

/// "curl http://127.0.0.1:8080/": how a person asks a gateway that listens there.
std::string curl_command(const std::string& address);

/// How much room there is, and whether colours are understood.
struct Canvas {
  std::size_t columns = 80;
  std::size_t rows = 24;
  bool colored = false;
};

/// The picture, a string per line, none wider or more than the canvas has.
std::vector<std::string> picture_of(const DemoScene& scene, const Canvas& canvas);

/// "  12 s  4,711 requests, no errors, 131 faults absorbed; origin 2 is hanging: ...".
std::string line_of(const DemoScene& scene);

/// The closing words, some lines; the list is cut at `columns`, at least 40. `examples`: errors
/// that clients saw.
std::string tally_of(const DemoScene& scene, const std::vector<std::string>& examples,
                     std::size_t columns);

/// The same as one JSON object on one line; its keys are an interface.
std::string tally_json(const DemoScene& scene, const std::vector<std::string>& examples);

}  // namespace gg
