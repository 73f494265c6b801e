// SPDX-License-Identifier: Apache-2.0
// The answer of a retry decision, with its reason. Decided in proxy/, kept in records, counted in
// metrics and printed in logs under these names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gg {

enum class Retry : std::uint8_t {
  not_asked,  // nothing failed
  yes,
  no_fault_is_final,        // this fault is not in the route's retry list, or never retried
  no_response_has_started,  // bytes of a response were passed on
  no_request_may_have_run,  // not idempotent, and delivery is not excluded
  no_body_is_gone,          // the request body cannot be sent again
  no_attempts_left,
  no_time_left,
  no_endpoint_left,  // every eligible endpoint was tried
  no_budget_left,    // the only refusal that product.md calls "unrescued by budget"
  no_client_is_gone,
  last = no_client_is_gone,
};

inline constexpr std::size_t retry_count = static_cast<std::size_t>(Retry::last) + 1;

/// The snake_case name, for records and logs.
constexpr std::string_view text_of(Retry verdict) {
  switch (verdict) {
    case Retry::not_asked:
      return "not_asked";
    case Retry::yes:
      return "yes";
    case Retry::no_fault_is_final:
      return "fault_is_final";
    case Retry::no_response_has_started:
      return "response_has_started";
    case Retry::no_request_may_have_run:
      return "request_may_have_run";
    case Retry::no_body_is_gone:
      return "body_is_gone";
    case Retry::no_attempts_left:
      return "no_attempts_left";
    case Retry::no_time_left:
      return "no_time_left";
    case Retry::no_endpoint_left:
      return "no_endpoint_left";
    case Retry::no_budget_left:
      return "no_budget_left";
    case Retry::no_client_is_gone:
      return "client_is_gone";
  }
  return "";
}

}  // namespace gg
