// SPDX-License-Identifier: Apache-2.0
// What an operator wants changed while the gateway runs, as the admin interface takes it. gate/
// carries it out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace gg {

struct Order {
  enum class Kind : std::uint8_t { drain, undrain, eject, restore, weight };

  Kind kind = Kind::drain;
  bool is_for_gateway = false;  // for the gateway itself; of drain and undrain
  std::string endpoint;         // as the status calls it: "10.0.0.1:3000"
  std::string upstream;         // empty: every upstream that has the endpoint
  Duration length = 60s;        // of eject
  std::uint32_t weight = 0;     // of weight: 1 to weight_most; 0: the configured one
  std::string by;               // who says so, in their own words; may be empty
  std::string why;              // may be empty
  std::string from;             // the address that it came from

  static constexpr std::uint32_t weight_most = 1000;
  static constexpr Duration length_most = std::chrono::hours(24 * 7);
};

std::string_view name_of(Order::Kind kind);

/// An order of that kind as JSON spells it, or a sentence that says what is wrong with it.
Result<Order, std::string> parse_order(Order::Kind kind, bool is_for_gateway,
                                       std::string_view json);

/// What became of an order.
struct OrderOutcome {
  int status = 200;  // 404: there is no such endpoint; 409: it cannot be done
  std::string json;
};

/// Text from outside, fit for a log line: cut, and without anything but printable characters.
std::string harmless(std::string_view text);

}  // namespace gg
