// SPDX-License-Identifier: Apache-2.0
#include "dns/fixed_resolver.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace gg {
namespace {

std::string in_lower_case(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), ascii_lower);
  return lower;
}

}  // namespace

void FixedResolver::put(std::string_view name, Result<Resolved, DnsError> answer) {
  table_.insert_or_assign(in_lower_case(name), std::move(answer));
}

Task<Result<Resolved, DnsError>> FixedResolver::resolve(std::string_view name, Deadline deadline) {
  constexpr Duration step = 20ms;  // so that stop() is heard
  ++lookups_;
  std::string wanted = in_lower_case(name);
  Instant ready = engine_.now() + delay_;
  while (engine_.now() < ready) {
    bool is_over = is_stopped_ || deadline.has_passed(engine_.now());
    if (is_over) co_return Failure(DnsError::timeout);
    Deadline pause = Deadline::at(std::min(ready, engine_.now() + step)).or_earlier(deadline);
    Sleep sleep(engine_, pause.when());
    co_await sleep;
  }
  if (is_stopped_) co_return Failure(DnsError::timeout);

  std::optional<Address> literal = parse_ip(wanted);
  if (literal) co_return Resolved{.addresses = {*literal}, .ttl = ttl_most};
  auto found = table_.find(wanted);
  if (found == table_.end()) co_return Failure(DnsError::no_such_name);
  co_return found->second;
}

}  // namespace gg
