// SPDX-License-Identifier: Apache-2.0
// Response streams: any bytes. Checked: the same reading however they are cut, for requests whose
// methods change the framing; what is parsed can be written and parsed again.
#include <cstddef>
#include <cstdint>

#include "http1_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  gg::testing::check_cuts(gg::testing::Side::responses, bytes, gg::Method::get);
  gg::testing::check_cuts(gg::testing::Side::responses, bytes, gg::Method::head);
  gg::testing::check_cuts(gg::testing::Side::responses, bytes, gg::Method::connect);
  gg::testing::check_response_round_trip(bytes);
  return 0;
}
