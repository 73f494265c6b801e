// SPDX-License-Identifier: Apache-2.0
// What Envoy's flags and details say about a request, in text and JSON alike.
#pragma once

#include <string_view>

#include "diagnose/logs/line.h"

namespace gg {

struct EnvoyFacts {
  std::string_view flags;      // "UF,URX" or "-"
  std::string_view details;    // "via_upstream"; empty: not logged
  std::string_view transport;  // why the transport failed; empty: not logged
};

/// Sets kind and sign; `out.status` is there already.
void judge_flags(const EnvoyFacts& facts, ReadLine& out);

}  // namespace gg
