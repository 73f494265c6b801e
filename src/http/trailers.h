// SPDX-License-Identifier: Apache-2.0
// Which fields may stand in a trailer section (RFC 9110 6.5.1). Whatever reads trailers asks here.
#pragma once

#include <cstdint>

#include "http/head.h"

namespace gg {

enum class TrailerVerdict : std::uint8_t {
  keep,
  drop,    // means nothing there, or would mislead whoever merges trailers into the head
  refuse,  // frames or routes: only an attack or a broken peer sends it there
};

TrailerVerdict judge_trailer(FieldName id, std::string_view name);

}  // namespace gg
