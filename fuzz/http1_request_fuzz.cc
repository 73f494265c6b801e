// SPDX-License-Identifier: Apache-2.0
// Request streams: any bytes. Checked: the same reading however they are cut; vectors and scalars
// agree; what is parsed can be written and parsed again.
#include <cstddef>
#include <cstdint>

#include "http1_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  gg::testing::check_cuts(gg::testing::Side::requests, bytes, gg::Method::get);
  gg::testing::check_scans(bytes);
  gg::testing::check_request_round_trip(bytes);
  return 0;
}
