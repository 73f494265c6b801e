// SPDX-License-Identifier: Apache-2.0
// Reads what gateways behind an endpoint say about a failure: Proxy-Status, Via, and the error
// pages by which well-known products can be recognised. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fault/fault.h"
#include "http/head.h"

namespace gg {

/// What a response tells of those that it came through. Plain data.
struct HopFacts {
  std::vector<std::string> via;     // the nearest to the service first
  std::vector<std::string> status;  // members of Proxy-Status, the nearest to the service first
  std::string server;
  std::string fields;      // names of a few telling fields, in lower case, each with a space behind
  std::string body_start;  // at most 2 KiB
};

/// Who is guilty, as far as can be told.
struct GuiltyHop {
  std::string name;        // of the gateway that gave up, or its product
  Fault cause;             // what it met; none: it does not say
  std::string next;        // whom it met it with; empty: not said
  std::string evidence;    // what this was read from
  std::size_t before = 0;  // gateways between us and it, as far as Via tells
};

/// Of a response and the beginning of its body.
HopFacts hop_facts_of(const ResponseHead& head, std::string_view body);

/// Adds the elements of a field's list, up to a number that no honest chain has.
void add_members(std::vector<std::string>& to, std::string_view list);

/// Of a 502, 503 or 504. Nothing: nothing says that any gateway is behind the endpoint.
std::optional<GuiltyHop> guilty_hop_of(int status, const HopFacts& facts);

/// "inner: connect_timeout at 10.1.2.3:8080", "nginx, by its own page for 502": what matters first.
std::string text_of(const GuiltyHop& hop);

/// The product that writes such pages ("nginx", "HAProxy", "Envoy"...); empty: not known.
std::string_view product_of_page(int status, const HopFacts& facts);

/// The fault that an RFC 9209 error token stands for; none: no such token.
Fault fault_of_token(std::string_view token);

}  // namespace gg
