// SPDX-License-Identifier: Apache-2.0
// Replies of a Redis: any bytes. Checked: they are read alike however they are cut.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "net/resp.h"

namespace gg {
namespace {

struct Read {
  std::vector<RespReply> replies;
  bool has_failed = false;

  bool operator==(const Read&) const = default;
};

Read read(std::string_view bytes, std::size_t piece) {
  RespReader reader;
  Read all;
  for (std::size_t at = 0; at < bytes.size() && !all.has_failed; at += piece) {
    reader.feed(bytes.substr(at, piece));
    for (;;) {
      Result<std::optional<RespReply>, RespError> next = reader.next();
      all.has_failed = !next;
      if (!next || !*next) break;
      all.replies.push_back(std::move(**next));
    }
  }
  return all;
}

void check(std::string_view bytes) {
  constexpr std::size_t kept_most = 4096;  // longer lines are refused earlier where they are cut
  if (bytes.empty() || bytes.size() > kept_most) return;
  Read whole = read(bytes, bytes.size());
  GG_ASSERT(read(bytes, 1) == whole);
  GG_ASSERT(read(bytes, 7) == whole);
}

}  // namespace
}  // namespace gg

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  gg::check({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
