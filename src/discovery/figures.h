// SPDX-License-Identifier: Apache-2.0
// How the discovery of one upstream's endpoints is, as plain data: for metrics and status.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace gg {

struct DiscoveryFigures {
  std::string_view upstream;
  std::string_view kind;  // "file"
  std::string source;     // "file /etc/shop/app"
  std::uint64_t members = 0;
  std::uint64_t come = 0;      // since the worker process started
  std::uint64_t gone = 0;      // likewise
  std::uint64_t failures = 0;  // likewise: times that the source began to fail
  std::uint64_t left_out = 0;  // of the last answer, beyond what is used at most
  std::string problem;         // why the members are not what the source says now; empty: they are
  Duration changed_ago{};      // when they changed last; zero: never
};

}  // namespace gg
