// SPDX-License-Identifier: Apache-2.0
// PROXY headers: any bytes. Checked: the answer never changes once given, however the bytes are
// cut; an incomplete one stays within its limit; what is read can be written and read again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "net/proxy_protocol.h"

namespace gg {
namespace {

using Parsed = Result<std::optional<ProxyHeader>, ProxyHeaderError>;

bool is_same(const Parsed& a, const Parsed& b) {
  if (!a || !b) return !a && !b && a.error() == b.error();
  if (!*a || !*b) return !*a && !*b;
  return (*a)->kind == (*b)->kind && (*a)->size == (*b)->size && (*a)->source == (*b)->source &&
         (*a)->destination == (*b)->destination;
}

void check_cuts(std::string_view bytes, const Parsed& whole) {
  for (std::size_t size = 0; size <= bytes.size() && size <= proxy_header_max; ++size) {
    Parsed parsed = parse_proxy_header(bytes.substr(0, size));
    bool is_incomplete = parsed && !*parsed;
    GG_ASSERT(is_incomplete || is_same(parsed, whole));
  }
}

void check_round_trip(const ProxyHeader& header) {
  for (const std::string& written : {proxy_header_v1(header.source, header.destination),
                                     proxy_header_v2(header.source, header.destination)}) {
    Parsed again = parse_proxy_header(written);
    GG_ASSERT(again && *again);
    GG_ASSERT((*again)->kind == header.kind && (*again)->size == written.size());
    GG_ASSERT((*again)->source == header.source && (*again)->destination == header.destination);
  }
}

void check(std::string_view bytes) {
  Parsed parsed = parse_proxy_header(bytes);
  check_cuts(bytes, parsed);
  bool is_incomplete = parsed && !*parsed;
  GG_ASSERT(!is_incomplete || bytes.size() < proxy_header_max);
  if (!parsed || !*parsed) return;
  GG_ASSERT((*parsed)->size <= bytes.size() && (*parsed)->size <= proxy_header_max);
  if ((*parsed)->kind != ProxyHeader::Kind::local) check_round_trip(**parsed);
}

}  // namespace
}  // namespace gg

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  gg::check({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
