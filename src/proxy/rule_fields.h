// SPDX-License-Identifier: Apache-2.0
// What the rules of a route change in one exchange: its target and host, and the fields of heads on
// their way through. The decisions are those of rules/.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fault/fault.h"
#include "fault/local_reply.h"
#include "proxy/field_list.h"
#include "rules/text_template.h"

namespace gg {

struct Exchange;

/// What a route's rules make of a request, where they make something of it.
struct RuleWork {
  struct Copied {
    std::string name;
    std::string value;
  };
  std::string target;          // for the endpoint
  std::string authority;       // likewise; empty: the endpoint's own
  std::vector<Copied> copied;  // fields of what a service has answered, for the endpoint
  Exchange* aside = nullptr;   // while a service is asked about the request
};

/// Fields that rules write, and the bytes of their texts.
struct FieldRoom {
  std::size_t fields = 0;
  std::size_t bytes = 0;
};

/// Of an exchange whose head is there. Borrows from it.
RequestView view_of(const Exchange& exchange);

/// Rewrites target and host as the exchange's rules say. The fault that ends it, or none.
Fault rewrite_by_rules(Exchange& exchange);

// The exchange has rules.

/// The operator's own page for that error instead, unless the client asks for JSON.
void use_own_page(const Exchange& exchange, std::string_view accept, LocalReply& reply);

FieldRoom room_for_request_rules(const Exchange& exchange);
void apply_request_rules(const Exchange& exchange, FieldList& fields);
FieldRoom room_for_response_rules(const Exchange& exchange);
void apply_response_rules(const Exchange& exchange, FieldList& fields);

}  // namespace gg
