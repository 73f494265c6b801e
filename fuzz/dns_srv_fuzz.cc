// SPDX-License-Identifier: Apache-2.0
// Answers of name servers to questions for SRV records: any bytes. Checked: what is read is within
// what the records can say, and bytes behind the message change nothing.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/assert.h"
#include "dns/srv_answer.h"

namespace gg {
namespace {

constexpr std::size_t name_max = 1024;  // 255 bytes, each escaped as four characters (RFC 1035 5.1)

void check(std::span<const unsigned char> message) {
  Result<Services, DnsError> answer = parse_srv_answer(message);
  if (!answer) return;
  GG_ASSERT(answer->ttl >= Duration::zero() && answer->ttl <= ttl_most);
  for (const Service& service : answer->all) {
    GG_ASSERT(!service.target.empty() && service.target.size() <= name_max);
    GG_ASSERT(service.port != 0);
  }
  std::vector<unsigned char> longer(message.begin(), message.end());
  longer.insert(longer.end(), 16, 0xff);
  Result<Services, DnsError> same = parse_srv_answer(longer);
  GG_ASSERT(same && *same == *answer);
}

}  // namespace
}  // namespace gg

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  gg::check({bytes, size});
  return 0;
}
