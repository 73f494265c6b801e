// SPDX-License-Identifier: Apache-2.0
// Any text as a configuration: it is refused with complaints, or it prints as a text that loads
// as the same configuration again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "config/load.h"
#include "config/print.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 16384;
  if (size > longest) return 0;
  std::string_view text(reinterpret_cast<const char*>(data), size);

  gg::LoadResult loaded = gg::load_config(text, "fuzz.yaml");
  if (!loaded) {
    GG_ASSERT(!loaded.error().empty());
    GG_ASSERT(!gg::to_text(loaded.error()).empty());
    GG_ASSERT(!gg::to_json(loaded.error()).empty());
    return 0;
  }
  std::string printed = gg::to_text(*loaded->config);
  gg::LoadResult again = gg::load_config(printed, "printed.yaml");
  GG_ASSERT(again.has_value());
  GG_ASSERT(*again->config == *loaded->config);
  return 0;
}
